import { type Input, type StampedEvent, TICK } from '../timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, NEVER, type Tick } from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'

/** An own event that has no stamp yet, at the tick at which it is expected. */
interface Guess {
  tick: Tick
  /** The tick that was asked for. */
  readonly asked: Tick
  readonly number: number
  readonly id: number
  readonly payload: Uint8Array
}

/**
 * The inputs of ticks that may be run before all is known of them: the events that have their stamps, and after
 * them the own ones that have none yet, where they are expected. It is read tick by tick, as often as need be, and
 * says which of the ticks that were read have changed since.
 */
export class Guesses {
  /** The last tick that was read, and the last that ever was. */
  local: Tick = BEFORE_FIRST
  top: Tick = BEFORE_FIRST
  /** The earliest tick that was read and is not as it was. */
  private changed: Tick = NEVER
  /** By (stamp, seq). The first `knownRead` of them lie in ticks that were read. */
  private known: StampedEvent[] = []
  private knownRead = 0
  /** By number, and so by tick: a source's events keep their order. */
  private own: Guess[] = []
  private ownRead = 0
  private readonly input: { -readonly [K in keyof Input]: Input[K] } = {
    tick: 0,
    id: TICK,
    source: 0,
    number: 0,
    seq: 0,
    payload: EMPTY,
  }

  /** How many events are held. */
  get size(): number {
    return this.known.length
  }

  /** How many of the own ones have no stamp. */
  get open(): number {
    return this.own.length
  }

  // --- reading

  /** The next input of the tick after `local`, or that tick itself, which closes it. The object is used again. */
  next(me: InstanceId): Input {
    const { input } = this
    const tick = this.local + 1
    input.tick = tick
    const event = this.known[this.knownRead]
    if (event !== undefined && event.stamp <= tick) {
      this.knownRead++
      return this.fill(event.id, event.source, event.number, event.seq, event.payload)
    }
    const guess = this.own[this.ownRead]
    if (guess !== undefined && guess.tick <= tick) {
      this.ownRead++
      return this.fill(guess.id, me, guess.number, 0, guess.payload)
    }
    this.local = tick
    if (tick > this.top) this.top = tick
    return this.fill(TICK, 0, 0, 0, EMPTY)
  }

  private fill(id: number, source: InstanceId, number: number, seq: number, payload: Uint8Array): Input {
    const { input } = this
    input.id = id
    input.source = source
    input.number = number
    input.seq = seq
    input.payload = payload
    return input
  }

  /** Read on after this tick. */
  rewind(tick: Tick): void {
    this.local = tick
    this.knownRead = this.known.findLastIndex((event) => event.stamp <= tick) + 1
    this.ownRead = this.own.findLastIndex((guess) => guess.tick <= tick) + 1
  }

  /** The earliest tick that was read and has changed since this was last asked; NEVER if none has. */
  takeChange(): Tick {
    const { changed } = this
    this.changed = NEVER
    return changed
  }

  /** The last tick that was read and is as it was, like all before it. */
  get sure(): Tick {
    return Math.min(this.local, this.changed - 1)
  }

  private change(tick: Tick): void {
    if (tick <= this.local && tick < this.changed) this.changed = tick
  }

  // --- what is known

  /** Somebody's event has its stamp. */
  add(event: StampedEvent): void {
    this.change(event.stamp)
    this.insert(event)
  }

  private insert(event: StampedEvent): void {
    const { known } = this
    let at = known.length
    while (at > 0 && (known[at - 1] as StampedEvent).stamp > event.stamp) at--
    known.splice(at, 0, event)
    if (event.stamp <= this.local) this.knownRead++
  }

  /** Nobody will go back to this tick or before it. */
  forget(tick: Tick): void {
    const count = this.known.findIndex((event) => event.stamp > tick)
    const gone = count < 0 ? this.known.length : count
    if (gone === 0) return
    this.known.splice(0, gone)
    this.knownRead -= gone
  }

  // --- what is guessed

  /** An own event is expected at this tick, which was not read yet, and after the own ones before it. */
  guess(asked: Tick, number: number, id: number, payload: Uint8Array): void {
    this.own.push({ tick: Math.max(asked, this.own.at(-1)?.tick ?? asked), asked, number, id, payload })
  }

  /**
   * An own event has its stamp. Where it was guessed right nothing changes: it is the last known of its tick, and
   * what is still guessed comes after it. Returns the tick that had been asked for.
   */
  land(event: StampedEvent): Tick | undefined {
    const at = this.own.findIndex(({ number }) => number === event.number)
    const guess = this.own[at]
    if (guess === undefined) {
      this.add(event)
      return undefined
    }
    this.remove(at)
    if (guess.tick !== event.stamp) {
      this.change(guess.tick)
      this.change(event.stamp)
    }
    this.insert(event)
    this.notBefore(event.stamp)
    return guess.asked
  }

  /** An own event is not taken, and never was. */
  withdraw(number: number): void {
    const at = this.own.findIndex((guess) => guess.number === number)
    const guess = this.own[at]
    if (guess === undefined) return
    this.remove(at)
    this.change(guess.tick)
  }

  /** What has no stamp by now gets none before this tick. */
  notBefore(tick: Tick): void {
    let moved = false
    for (const guess of this.own) {
      if (guess.tick >= tick) break
      this.change(guess.tick)
      guess.tick = tick
      moved = true
    }
    if (moved) this.ownRead = this.own.findLastIndex((guess) => guess.tick <= this.local) + 1
  }

  private remove(at: number): void {
    this.own.splice(at, 1)
    if (at < this.ownRead) this.ownRead--
  }
}
