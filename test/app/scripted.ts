import type { Source, SourceListener } from '../../src/app/source.ts'
import type { RefusalCode } from '../../src/core/errors.ts'
import { type Input, TICK } from '../../src/core/timeline/event.ts'
import { NEVER, tickAt as tickDueAt } from '../../src/core/timeline/tick.ts'
import { tickAt } from './inputs.ts'

/**
 * A source whose every input is written by hand, for what one alone never meets: others, a lost connection, a
 * lease that ends. Ticks come by themselves up to the lease.
 */
export class ScriptedSource implements Source {
  readonly fps: number
  readonly me: number
  micros = 0
  /** The last tick that may run. */
  lease = Number.POSITIVE_INFINITY
  /** What was emitted, in order; its place is its number. */
  readonly emitted: { readonly id: number; readonly payload: Uint8Array }[] = []
  readonly done: string[] = []
  answer: RefusalCode | undefined
  tell!: SourceListener
  private local = -1
  private inputs: Input[] = []

  constructor(fps: number, me = 1, local = -1) {
    this.fps = fps
    this.me = me
    this.local = local
    this.micros = ((local + 1) * 1e6) / fps
  }

  /** These inputs come next, in the tick that is named in them. */
  put(...inputs: Input[]): this {
    this.inputs.push(...inputs)
    return this
  }

  advance(ms: number): this {
    this.micros += ms * 1000
    return this
  }

  listen(listener: SourceListener): void {
    this.tell = listener
  }

  now(): number {
    return this.micros
  }

  position(): number {
    return Math.min(this.micros, ((this.lease + 1) * 1e6) / this.fps)
  }

  dueTick(): number {
    return Math.min(this.lease, tickDueAt(this.micros, this.fps))
  }

  take(): Input | undefined {
    const next = this.local + 1
    if (next > this.dueTick()) return undefined
    const at = this.inputs.findIndex((input) => input.tick === next)
    if (at >= 0) return this.inputs.splice(at, 1)[0]
    this.local = next
    return tickAt(next)
  }

  nextInput(): number {
    return this.local < this.lease ? ((this.local + 1) * 1e6) / this.fps : NEVER
  }

  emit(id: number, payload: Uint8Array): number | RefusalCode {
    if (this.answer) return this.answer
    if (id === TICK) throw new RangeError('a tick is no event')
    return this.emitted.push({ id, payload })
  }

  ask(what: string): RefusalCode | undefined {
    this.done.push(what)
    return this.answer
  }

  leave(): void {
    this.done.push('leave')
  }

  finish(): void {
    this.done.push('finish')
  }

  stats(): Record<string, number> {
    return { frozenTicks: 3 }
  }
}
