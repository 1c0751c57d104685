import { type Input, TICK } from '../core/timeline/event.ts'
import { type InstanceId, nowAt } from '../core/timeline/tick.ts'
import type { Desk, Face } from './face.ts'
import { payloadOf, tripleOf } from './triple.ts'

/** An event as the program emits it: its id and three numbers. */
const EMIT_BYTES = 16
const INPUT_BYTES = 24
const TWO_POW_32 = 0x1_0000_0000

/**
 * The protocol of the first implementation, byte for byte. Everything is a number of fixed width, nothing can be
 * said beside inputs, and so membership is hidden, and an error is a closed socket.
 */
export class FirstFace implements Face {
  readonly protocol = 'first'
  readonly repeats = true
  private readonly desk: Desk
  private readonly fps: number
  private rest: Buffer = Buffer.alloc(0)
  private player: InstanceId = 0
  private lastTick: Buffer | undefined

  constructor(desk: Desk, fps: number) {
    this.desk = desk
    this.fps = fps
  }

  get unread(): number {
    return this.rest.length
  }

  read(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    this.goOn()
  }

  goOn(): void {
    for (; this.rest.length >= EMIT_BYTES; this.rest = this.rest.subarray(EMIT_BYTES)) {
      const at = (i: number): number => this.rest.readInt32BE(4 * i)
      const evt = at(0)
      if (evt <= TICK) return this.desk.end('malformed', `The event ${evt} was emitted: ids begin at 1.`)
      if (!this.desk.emit(evt, payloadOf([at(1), at(2), at(3)]))) return
    }
  }

  takes(): boolean {
    return true
  }

  admitted(player: InstanceId): void {
    this.player = player
  }

  /** Its programs count themselves from 0. */
  started(): void {
    const self = Buffer.alloc(4)
    self.writeInt32BE(this.player - 1)
    this.desk.send(self)
  }

  input({ tick, id, payload }: Input): void {
    if (id < TICK) return
    const bytes = Buffer.alloc(INPUT_BYTES)
    const now = nowAt(tick, this.fps)
    bytes.writeInt32BE(Math.floor(now / TWO_POW_32), 0)
    bytes.writeUInt32BE(now >>> 0, 4)
    bytes.writeInt32BE(id, 8)
    if (id === TICK) this.lastTick = bytes
    else for (const [i, n] of tripleOf(payload).entries()) bytes.writeInt32BE(n, 12 + 4 * i)
    this.desk.send(bytes)
  }

  repeat(): void {
    if (this.lastTick !== undefined) this.desk.send(this.lastTick)
  }

  lobby(): void {}
  status(): void {}
  landed(): void {}
  denied(): void {}
  over(): void {}
}
