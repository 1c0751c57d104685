import { type Micros, NEVER } from '../core/timeline/tick.ts'
import type { Drive } from './drive.ts'
import { DOWN, KINDS, UP } from './entries.ts'
import type { Hop, InstanceNode, Node } from './node.ts'

/** What goes over a connection last. Told by identity: no message is empty. */
const HANG_UP = new Uint8Array(0)

/** Connections that keep the order of messages by themselves, as WebSocket and TCP do. */
export class Streams {
  private readonly drive: Drive

  constructor(drive: Drive) {
    this.drive = drive
  }

  /** Undefined: nothing more. */
  sendUp({ up, index }: InstanceNode, bytes: Uint8Array = HANG_UP): void {
    this.send(up, index * KINDS + UP, up.path.arrival(this.drive.now), bytes)
  }

  sendDown({ down, index }: InstanceNode, bytes: Uint8Array = HANG_UP): void {
    this.send(down, index * KINDS + DOWN, down.path.arrival(this.drive.now), bytes)
  }

  /** The sequencer will hear, in its turn, that nothing comes from an instance any more. */
  hangUp({ up, index }: InstanceNode, at: Micros): void {
    this.send(up, index * KINDS + UP, up.path.arrivalAt(at), HANG_UP)
  }

  arriveUp(node: InstanceNode): void {
    const { up } = node
    const { drive } = this
    if (this.held(up, drive.sequencer, node.index * KINDS + UP)) return
    while (up.ring.nextAt() <= drive.now) {
      const bytes = up.ring.shift()
      if (bytes === HANG_UP) drive.closeUp(node)
      else drive.deliverUp(node, bytes)
    }
    this.expect(up, node.index * KINDS + UP)
  }

  arriveDown(node: InstanceNode): void {
    const { down } = node
    const { drive } = this
    if (this.held(down, node, node.index * KINDS + DOWN)) return
    while (down.ring.nextAt() <= drive.now) {
      const bytes = down.ring.shift()
      if (bytes === HANG_UP) drive.closeDown(node)
      else drive.deliverDown(node, bytes)
    }
    this.expect(down, node.index * KINDS + DOWN)
  }

  /** After a fault is over: what had nowhere to go has. */
  release(node: InstanceNode): void {
    this.expect(node.up, node.index * KINDS + UP)
    this.expect(node.down, node.index * KINDS + DOWN)
  }

  /** Whether what has arrived must wait, for its path or for its reader; if so it comes again then. */
  private held(hop: Hop, reader: Node, what: number): boolean {
    const { now, schedule } = this.drive
    hop.scheduled = false
    const until = Math.max(hop.path.heldUntil(now), reader.pausedUntil)
    if (until <= now) return false
    if (until === NEVER) return true
    hop.scheduled = true
    schedule.push(until, what)
    return true
  }

  private send(hop: Hop, what: number, at: Micros, bytes: Uint8Array): void {
    hop.ring.push(at, bytes === HANG_UP ? bytes : hop.path.through(bytes))
    if (!hop.scheduled) this.expect(hop, what)
  }

  private expect(hop: Hop, what: number): void {
    if (hop.scheduled || hop.ring.size === 0) return
    hop.scheduled = true
    this.drive.schedule.push(Math.max(this.drive.now, hop.ring.nextAt()), what)
  }
}
