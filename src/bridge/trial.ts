import { createHash } from 'node:crypto'
import type { Tick } from '../core/timeline/tick.ts'

/** What a trial asks of a program. */
export interface TrialDesk {
  step(message: Buffer): void
  save(tick: Tick): void
  load(tick: Tick, state: Uint8Array): void
}

/** What went wrong, as a sentence. */
export type TrialFault = string

interface Step {
  readonly tick: Tick
  readonly message: Buffer
  digest: string | undefined
}

/**
 * Goes back again and again: after so many ticks a program loads the state from before them, runs them once more,
 * and must come to the same states. What fails here differs between machines sooner or later, and cannot be rolled
 * back. One answer is waited for at a time, so that no more than one state is kept.
 */
export class Trial {
  private readonly back: number
  private readonly desk: TrialDesk
  /** The steps since the state that is kept. */
  private steps: Step[] = []
  private base: { tick: Tick; state: Uint8Array } | undefined
  /** Steps of which the state was asked for and has not come, in their order. */
  private asked: Tick[] = []
  private again = false

  constructor(back: number, desk: TrialDesk) {
    this.back = back
    this.desk = desk
  }

  /** Whether an answer is missing: no tick is run before it has come. */
  get busy(): boolean {
    return this.asked.length > 0
  }

  /** Before the first step. */
  start(): void {
    this.ask(-1)
  }

  /** A step was sent. */
  stepped(tick: Tick, message: Buffer): void {
    this.steps.push({ tick, message, digest: undefined })
    this.ask(tick)
  }

  saved(tick: Tick, digest: Uint8Array, state: Uint8Array): TrialFault | undefined {
    if (this.asked.shift() !== tick) return `Tick ${tick} was saved, and nobody had asked for that.`
    if (tick < 0) {
      this.base = { tick, state }
      return undefined
    }
    const own = digest.length > 0 ? Buffer.from(digest).toString('hex') : hashOf(state)
    const step = this.steps.find((one) => one.tick === tick) as Step
    if (this.again && step.digest !== own)
      return `Tick ${tick} came to another state when it was run again from tick ${this.base?.tick}.`
    step.digest = own
    if (this.busy) return undefined
    if (this.again) {
      this.again = false
      this.steps = []
      this.base = { tick, state }
    } else if (this.steps.length === this.back) this.goBack()
    return undefined
  }

  private goBack(): void {
    const { base } = this
    if (base === undefined) return
    this.again = true
    this.desk.load(base.tick, base.state)
    for (const { tick, message } of this.steps) {
      this.desk.step(message)
      this.ask(tick)
    }
  }

  private ask(tick: Tick): void {
    this.asked.push(tick)
    this.desk.save(tick)
  }
}

const hashOf = (state: Uint8Array): string => createHash('sha256').update(state).digest('hex')
