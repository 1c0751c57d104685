import type { InstanceId } from '../timeline/tick.ts'
import type { SeenOf } from './messages.ts'

/** What was seen of one source: everything up to a number, and some above it. */
interface Numbers {
  upTo: number
  readonly beyond: Set<number>
}

/**
 * Which events somebody has seen: for each source a contiguous number and a small set above it, so that an event
 * that overtakes another on its way loses nothing.
 */
export class Seen {
  private readonly sources = new Map<InstanceId, Numbers>()

  has(source: InstanceId, number: number): boolean {
    const numbers = this.sources.get(source)
    return numbers !== undefined && (number <= numbers.upTo || numbers.beyond.has(number))
  }

  /** False if it was seen before. */
  add(source: InstanceId, number: number): boolean {
    const numbers = this.of(source)
    if (number <= numbers.upTo || numbers.beyond.has(number)) return false
    numbers.beyond.add(number)
    this.close(numbers)
    return true
  }

  /** Whatever somebody else says that was seen. */
  addAll({ source, upTo, beyond }: SeenOf): void {
    const numbers = this.of(source)
    if (upTo > numbers.upTo) {
      numbers.upTo = upTo
      for (const number of numbers.beyond) if (number <= upTo) numbers.beyond.delete(number)
    }
    for (const number of beyond) if (number > numbers.upTo) numbers.beyond.add(number)
    this.close(numbers)
  }

  /** Whether everything was seen that somebody else has seen. */
  includes(other: Seen): boolean {
    for (const [source, { upTo, beyond }] of other.sources) {
      if (upTo > this.upTo(source)) return false
      for (const number of beyond) if (!this.has(source, number)) return false
    }
    return true
  }

  /** The highest number of a source up to which nothing is lacking. */
  upTo(source: InstanceId): number {
    return this.sources.get(source)?.upTo ?? 0
  }

  /** How many there are of a source above the first that is lacking. */
  beyond(source: InstanceId): number {
    return this.sources.get(source)?.beyond.size ?? 0
  }

  get size(): number {
    return this.sources.size
  }

  /** How many there are above the first that is lacking, of all sources together. */
  get beyondAll(): number {
    let all = 0
    for (const { beyond } of this.sources.values()) all += beyond.size
    return all
  }

  knows(source: InstanceId): boolean {
    return this.sources.has(source)
  }

  /** All of it, to be sent. */
  all(): SeenOf[] {
    return [...this.sources].map(([source, { upTo, beyond }]) => ({
      source,
      upTo,
      beyond: [...beyond].sort((a, b) => a - b),
    }))
  }

  private of(source: InstanceId): Numbers {
    let numbers = this.sources.get(source)
    if (numbers === undefined) {
      numbers = { upTo: 0, beyond: new Set() }
      this.sources.set(source, numbers)
    }
    return numbers
  }

  private close(numbers: Numbers): void {
    while (numbers.beyond.delete(numbers.upTo + 1)) numbers.upTo++
  }
}
