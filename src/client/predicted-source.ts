import type { PredictingSource } from '../app/predicting-link.ts'
import type { PredictingInstance } from '../core/session/predicting.ts'
import type { Input } from '../core/timeline/event.ts'
import type { Micros, Tick } from '../core/timeline/tick.ts'
import type { Seat } from './seat.ts'
import { SessionSource } from './source.ts'

/** Brings the inputs of a session before they are certain, and says which of them have changed. */
export class PredictedSource extends SessionSource implements PredictingSource {
  readonly settling = 0

  private get instance(): PredictingInstance {
    return (this.seat as Seat & { readonly instance: PredictingInstance }).instance
  }

  override position(): Micros {
    return this.instance.guessPosition(this.seat.now())
  }

  override dueTick(): Tick {
    return this.instance.guessTick(this.seat.now())
  }

  next(): Input {
    return this.instance.nextGuessed()
  }

  takeChange(): Tick {
    return this.instance.takeChange()
  }

  rewind(tick: Tick): void {
    this.instance.rewind(tick)
  }

  confirm(ran: Tick): Tick {
    const { instance } = this
    instance.ran(this.seat.now(), ran)
    while (this.take() !== undefined);
    return instance.local
  }

  forget(tick: Tick): void {
    this.instance.forget(tick)
  }

  override nextInput(): Micros {
    return this.instance.nextGuess()
  }

  override stats(): Record<string, number> {
    const { prediction, ahead, needed, frontStats } = this.instance
    const { right, moved } = prediction
    const { frozenTicks, frozenMicros } = frontStats
    return {
      ...super.stats(),
      frozenTicks,
      frozenMicros,
      predicted: right,
      moved,
      aheadMicros: ahead,
      neededMicros: needed,
    }
  }

  protected override standstill(): Micros {
    return this.instance.nextStandstill()
  }

  protected override isBehind(now: Micros): boolean {
    return this.instance.isBehind(now)
  }
}
