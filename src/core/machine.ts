import type { LinkId, Micros } from './timeline/tick.ts'

/** A message on its way out. The bytes are never written again, so whoever carries them may keep them. */
export interface Outgoing {
  readonly to: LinkId
  readonly bytes: Uint8Array
}

/**
 * The shape of every machine in the core. Time comes in as an argument and only grows; messages and happenings
 * go out as values. A driver, real or in the lab, does the same after every call: sends `outgoing()`, acts on
 * `happenings()`, and sees to it that `wake` is called at `nextWake()` or after.
 */
export interface Machine<Happening> {
  /** A message came over a link. */
  receive(now: Micros, from: LinkId, bytes: Uint8Array): void
  /** A link is gone: nothing will come over it or get through it any more. */
  closed(now: Micros, link: LinkId): void
  /** The time that `nextWake` named has come, or any other moment: waking too often changes nothing. */
  wake(now: Micros): void
  /** When to be woken, on the machine's own clock; `NEVER` when there is nothing to wait for. */
  nextWake(): Micros
  /** The messages to send, in order. They are handed over once; nobody calls a door before he is through with them. */
  outgoing(): readonly Outgoing[]
  /** What the driver should know, in order. Handed over once, like the messages. */
  happenings(): readonly Happening[]
}

/** A queue that is handed over whole and refilled: two arrays that take turns, so that nothing is copied. */
export class Outbox<T> {
  private filling: T[] = []
  private handed: T[] = []

  get size(): number {
    return this.filling.length
  }

  push(item: T): void {
    this.filling.push(item)
  }

  take(): readonly T[] {
    const full = this.filling
    if (full.length === 0) return NOTHING
    this.handed.length = 0
    this.filling = this.handed
    this.handed = full
    return full
  }
}

const NOTHING: readonly never[] = []
