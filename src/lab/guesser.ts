import { TimeMachine } from '../core/machine/timemachine.ts'
import type { PredictingInstance } from '../core/session/predicting.ts'
import { type Input, TICK } from '../core/timeline/event.ts'
import { type Micros, NEVER, type Tick } from '../core/timeline/tick.ts'
import { mixEvent, mixTick } from './peers/mixture.ts'

const start = (): Int32Array => Int32Array.of(0x811c_9dc5 | 0, 0x9e37_79b9 | 0)

/**
 * What an instance that predicts has in the place of an application: a state of two words into which every input is
 * mixed, run ahead and rolled back as a link does it. What was held for certain is compared with what comes.
 */
export class Guesser {
  private readonly instance: PredictingInstance
  private readonly machine: TimeMachine<Int32Array>
  private readonly guessed = start()
  private readonly certain = start()
  /** As it was guessed, after each tick that is not certain yet. */
  private readonly states = new Map<Tick, string>()

  constructor(instance: PredictingInstance) {
    this.instance = instance
    const { guessed } = this
    this.machine = new TimeMachine<Int32Array>(
      {
        save: () => guessed.slice(),
        restore: (kept, tick) => {
          guessed.set(kept)
          instance.rewind(tick)
        },
        step: (tick) => this.step(tick),
      },
      instance.local,
    )
  }

  /** Run what is due, and again what has changed. */
  run(now: Micros): void {
    const { instance, machine } = this
    const change = instance.takeChange()
    if (change !== NEVER) machine.change(change)
    machine.run(Math.max(machine.top, instance.guessTick(now)))
    instance.ran(now, machine.sure)
  }

  /** How far its guesses are beyond where it stands, and how far they may be. */
  sizes(now: Micros): Record<string, { size: number; limit: number }> {
    const { instance } = this
    const size = Math.round(instance.guessPosition(now) - instance.position(now))
    return { 'us of guesses': { size, limit: instance.beyondMax } }
  }

  private step(tick: Tick): void {
    let input = this.instance.nextGuessed()
    for (; input.id !== TICK; input = this.instance.nextGuessed()) mixEvent(this.guessed, input)
    mixTick(this.guessed, tick)
    this.states.set(tick, this.guessed.join())
  }

  /** An input that is certain. False if its tick was guessed otherwise when it was taken. */
  took(input: Input): boolean {
    const { certain, machine, states } = this
    if (input.id !== TICK) {
      mixEvent(certain, input)
      return true
    }
    mixTick(certain, input.tick)
    const guess = states.get(input.tick)
    states.delete(input.tick)
    machine.fold(input.tick)
    this.instance.forget(machine.from)
    return guess === certain.join()
  }
}
