import { type Input, TICK } from '../timeline/event.ts'
import { BEFORE_FIRST, NEVER, type Tick } from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'
import { isAuthentic } from './authentic.ts'
import { blankInput, filled } from './eventset.ts'
import type { Flood } from './flood.ts'

/** Where somebody stands who reads the set tick by tick, and what has changed behind that. */
export class Reading {
  /** The last tick that was run. */
  local: Tick = BEFORE_FIRST
  /** The last tick that was ever run. */
  top: Tick = BEFORE_FIRST
  private changed: Tick = NEVER
  private readonly flood: Flood
  private readonly tick = blankInput()

  constructor(flood: Flood) {
    this.flood = flood
  }

  /** An event has come to this tick, or is gone from it. */
  change(stamp: Tick): void {
    if (stamp <= this.local && stamp < this.changed) this.changed = stamp
  }

  /** The earliest tick already run of which the inputs have changed since this was last asked; NEVER if none. */
  takeChange(): Tick {
    const { changed } = this
    this.changed = NEVER
    return changed
  }

  /** The last tick before anything that has changed. */
  get unchanged(): Tick {
    return this.changed - 1
  }

  get hasChanged(): boolean {
    return this.changed !== NEVER
  }

  /** A snapshot was restored: this is the last tick that is run. */
  rewind(tick: Tick): void {
    this.local = tick
    this.flood.events.seek(tick + 1)
  }

  /** A state is here that was run up to this tick, by somebody else. */
  takeOver(tick: Tick): void {
    this.changed = NEVER
    if (tick > this.top) this.top = tick
    this.rewind(tick)
  }

  /** The next input after `local`: the events of the tick, then the tick. Its object is used again. */
  next(): Input {
    const tick = this.local + 1
    const { events } = this.flood
    const input = this.tick
    input.tick = tick
    for (let event = events.next(tick); event !== undefined; event = events.next(tick)) {
      // Void everywhere alike.
      if (!isAuthentic(event)) continue
      return filled(input, event.id, event.source, event.number, event.payload)
    }
    this.local = tick
    if (tick > this.top) this.top = tick
    return filled(input, TICK, 0, 0, EMPTY)
  }
}
