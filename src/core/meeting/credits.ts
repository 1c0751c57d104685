import { type Micros, NEVER } from '../timeline/tick.ts'
import type { Guest, Way } from './guest.ts'

/** Taken, and not yet told to whoever sent it, since that one may not send so much a second. */
export interface Held {
  readonly at: Micros
  readonly way: Way
  readonly weight: number
}

/**
 * What was taken of everybody's: told to its sender as soon as that one may send so much again. A peer may say that it
 * has taken a byte, and another byte; so nothing here depends on how many credits wait of others.
 */
export class Credits {
  private readonly least: number
  private readonly tell: (sender: Guest, way: Way, weight: number) => void
  /** Of each sender in the order in which they came, which is the order in which they may be told. */
  private readonly held = new Map<Guest, Held[]>()

  constructor(least: number, tell: (sender: Guest, way: Way, weight: number) => void) {
    this.least = least
    this.tell = tell
  }

  /** How many wait of one direction of a way: of the one with the most. */
  get most(): number {
    let most = 0
    for (const queue of this.held.values()) {
      const counts = new Map<Way, number>()
      for (const { way } of queue) counts.set(way, (counts.get(way) ?? 0) + 1)
      most = Math.max(most, ...counts.values())
    }
    return most
  }

  /** When the first one is to be told. */
  get next(): Micros {
    let at: Micros = NEVER
    for (const [head] of this.held.values()) if (head !== undefined && head.at < at) at = head.at
    return at
  }

  /** False if that is nothing, or more than is owed. */
  take(now: Micros, way: Way, sender: Guest, weight: number): boolean {
    const flow = way.from(sender)
    if (weight === 0 || weight > flow.flying - flow.held) return false
    const at = sender.relayed.when(now, weight)
    sender.relayed.spend(now, weight)
    flow.held += weight
    const queue = this.held.get(sender) ?? []
    this.held.set(sender, queue)
    // P8: a small one waits for those that follow it, and is told with them.
    const { open } = flow
    if (open) queue.splice(queue.indexOf(open), 1)
    const held = { at, way, weight: weight + (open?.weight ?? 0) }
    flow.open = held.weight < this.least ? held : undefined
    queue.push(held)
    this.passTo(sender, queue, now)
    return true
  }

  /** Tells what may be told by now. */
  pass(now: Micros): void {
    for (const [sender, queue] of this.held) this.passTo(sender, queue, now)
  }

  /** This way has ended: nobody waits for what is owed there. */
  drop(way: Way): void {
    for (const sender of way.ends) {
      const queue = this.held.get(sender)?.filter((each) => each.way !== way) ?? []
      if (queue.length > 0) this.held.set(sender, queue)
      else this.held.delete(sender)
    }
  }

  clear(): void {
    this.held.clear()
  }

  private passTo(sender: Guest, queue: Held[], now: Micros): void {
    let passed = 0
    for (let first = queue[0]; first !== undefined && first.at <= now; first = queue[++passed]) {
      const { way, weight } = first
      const flow = way.from(sender)
      flow.flying -= weight
      flow.held -= weight
      if (flow.open === first) flow.open = undefined
      this.tell(sender, way, weight)
    }
    queue.splice(0, passed)
    if (queue.length === 0) this.held.delete(sender)
  }
}
