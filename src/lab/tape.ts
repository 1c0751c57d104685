import { type Input, TICK } from '../core/timeline/event.ts'
import type { Micros } from '../core/timeline/tick.ts'
import type { InstanceNode } from './node.ts'

/** A message from its sending to its arrival; the latter is absent where it never came. */
export interface Passage {
  readonly link: number
  readonly up: boolean
  readonly sentAt: Micros
  arrivedAt: Micros | undefined
  readonly bytes: Uint8Array
}

/** A stretch in which an instance stood, because it might not run on. */
export interface Freeze {
  readonly link: number
  readonly from: Micros
  until: Micros | undefined
}

/** An application was given an event, or a tick. */
export interface Given {
  readonly link: number
  readonly at: Micros
  readonly tick: number
  /** Of an event: whose it is, and its number there. */
  readonly event: { readonly source: number; readonly number: number; readonly id: number } | undefined
}

/**
 * What happens in a world, written down for a drawing, between two moments. Messages of one connection arrive in
 * their order, so each arrival belongs to the oldest that is under way.
 */
export class Tape {
  readonly from: Micros
  readonly until: Micros
  readonly passages: Passage[] = []
  readonly freezes: Freeze[] = []
  readonly given: Given[] = []
  private readonly underWay = new Map<number, Passage[]>()
  private readonly frozen = new Map<number, Freeze>()

  constructor(from: Micros, until: Micros) {
    this.from = from
    this.until = until
  }

  sent(at: Micros, { link }: InstanceNode, up: boolean, bytes: Uint8Array): void {
    if (at > this.until) return
    const passage: Passage = { link, up, sentAt: at, arrivedAt: undefined, bytes }
    this.queue(link, up).push(passage)
    this.passages.push(passage)
  }

  arrived(at: Micros, { link }: InstanceNode, up: boolean): void {
    const passage = this.queue(link, up).shift()
    if (passage !== undefined) passage.arrivedAt = at
  }

  /** Looked at whenever something has been done to an instance, or is about to be. */
  look(at: Micros, node: InstanceNode): void {
    const { link, machine, clock } = node
    const open = this.frozen.get(link)
    const since =
      machine.frozen(clock.local(at)) && !node.ended && !node.dead ? machine.nextFreeze() : undefined
    if (since !== undefined && open === undefined) {
      const freeze: Freeze = { link, from: Math.min(at, clock.global(Math.ceil(since))), until: undefined }
      this.frozen.set(link, freeze)
      this.freezes.push(freeze)
    } else if (since === undefined && open !== undefined) {
      open.until = at
      this.frozen.delete(link)
    }
  }

  input(at: Micros, { link }: InstanceNode, { id, tick, source, number }: Input): void {
    if (at < this.from || at > this.until) return
    this.given.push({ link, at, tick, event: id === TICK ? undefined : { source, number, id } })
  }

  /** What touches the time between the two moments, and nothing else. */
  cut(): void {
    const { from, until } = this
    const touches = (a: Micros, b: Micros = Number.POSITIVE_INFINITY): boolean => a <= until && b >= from
    keep(this.passages, ({ sentAt, arrivedAt }) => touches(sentAt, arrivedAt ?? sentAt))
    keep(this.freezes, (freeze) => touches(freeze.from, freeze.until))
  }

  private queue(link: number, up: boolean): Passage[] {
    const key = 2 * link + (up ? 1 : 0)
    let queue = this.underWay.get(key)
    if (queue === undefined) {
      queue = []
      this.underWay.set(key, queue)
    }
    return queue
  }
}

const keep = <T>(all: T[], wanted: (one: T) => boolean): void => {
  const kept = all.filter(wanted)
  all.length = 0
  for (const each of kept) all.push(each)
}
