import { type Input, RESERVED, TICK } from '../core/timeline/event.ts'
import { dueAt, NEVER, type Tick } from '../core/timeline/tick.ts'
import type { App, Player } from './app.ts'
import { SametickError } from './errors.ts'
import { accepts, type EventKind, type Events, INPUT_ID } from './event.ts'
import type { Failure } from './failure.ts'
import { Held } from './held.ts'
import {
  DRIVEN,
  type Driven,
  type Landing,
  type Link,
  type LinkInput,
  type Receipt,
  type Rollback,
  type Stats,
  type Status,
  type WholeTick,
} from './link.ts'
import { Listeners } from './listeners.ts'
import { decodePayload, encodePayload } from './payload.ts'
import { Receipts, refusal, refused } from './receipts.ts'
import { Runner, type RunnerOptions } from './runner.ts'
import { Shown } from './shown.ts'
import type { Source } from './source.ts'
import { type Effect, NO_INPUT } from './step.ts'
import type { Trial } from './trial.ts'
import { memberOf } from './world.ts'

export interface SourceLinkOptions extends RunnerOptions {
  /** Looks for what cannot be rolled back, before anything begins. It is handed in, since it need not be there. */
  readonly trial?: Trial
  /**
   * Brings the world to the tick where the source goes on, for one who joins a running session; false if it cannot.
   * It is handed in, like the trial.
   */
  readonly restore?: (runner: Runner) => boolean
}

/**
 * A link in lockstep: every input is run when its source hands it over, and never again. Whatever an application
 * meets of a link is made here, so that a source has to bring inputs and nothing else.
 */
export class SourceLink<S extends object, E extends Events, I> implements Link<S, E, I> {
  readonly [DRIVEN]: Driven<S, I>
  readonly runner: Runner<S, E, I>
  status: Status = { phase: 'running' }
  protected readonly source: Source
  private readonly statuses = new Listeners<Status>()
  private readonly failures = new Listeners<Failure>()
  protected readonly rollbacks = new Listeners<Rollback>()
  private readonly wakes = new Listeners<void>()
  private readonly receipts = new Receipts()
  private reader: string | undefined
  protected keepsBefore = false
  protected stateBefore: S | undefined
  private unheard: Failure | undefined
  private readonly held: Held | undefined
  /** It has joined beyond `players.max`: nobody would heed what it emits. */
  private looksOn = false
  protected readonly shown: Shown<E>
  private events: LinkInput<E>[] = []

  constructor(app: App<S, E, I>, source: Source, options: SourceLinkOptions = {}) {
    const fault = options.trial?.(app, options)
    if (fault) throw fault
    this.runner = new Runner(app, options)
    if (options.restore?.(this.runner as unknown as Runner) === false)
      throw new SametickError('restore_differs', 'The snapshot is not of this application.')
    this.source = source
    this.shown = new Shown(app.fps, app.events)
    this.held = app.input && new Held(app.input)
    this[DRIVEN] = this.makeDriven()
    source.listen({
      landed: (number, tick) => this.settle(number, { ok: true, tick }),
      denied: (number, code) => this.settle(number, refusal(code)),
      status: (status) => this.setStatus(status),
      woken: () => this.wakes.tell(),
    })
  }

  // --- what an application does

  get me(): number {
    return this.source.me
  }

  get players(): readonly Player[] {
    return this.runner.players
  }

  get state(): S {
    return this.runner.state
  }

  emit(name: string | number, payload?: unknown): Receipt {
    const kind = this.kindOf(name)
    const bytes = encodePayload(payload)
    if (!accepts(kind.check, decodePayload(bytes)?.value))
      return refused('check_failed', `The payload of ${name} is not what its check lets through.`)
    return this.send(kind.id, bytes)
  }

  private kindOf(name: string | number): Pick<EventKind, 'id' | 'check'> {
    const { events } = this.runner.app
    const names = Object.keys(events)
    if (typeof name === 'number' && names.length === 0) return { id: name, check: undefined }
    const kind = Object.hasOwn(events, name) ? events[name] : undefined
    if (kind) return kind
    throw new SametickError(
      'unknown_event',
      `'${name}' is none of ${names.join(', ') || 'no events at all'}.`,
    )
  }

  private send(id: number, bytes: Uint8Array): Receipt {
    if (this.status.phase === 'ended') return refused('session_ended')
    if (this.looksOn) return refused('session_full', this.whyLooksOn)
    const number = this.source.emit(id, bytes)
    return typeof number === 'string' ? refused(number) : this.receipts.open(number)
  }

  pause(data?: unknown): void {
    this.ask('pause', data)
  }

  resume(data?: unknown): void {
    this.ask('resume', data)
  }

  private ask(what: 'pause' | 'resume', data: unknown): void {
    if (this.status.phase === 'ended') return
    if (this.looksOn) throw new SametickError('session_full', this.whyLooksOn)
    const code = this.source.ask(what, encodePayload(data))
    if (code !== undefined) throw new SametickError(code)
  }

  private get whyLooksOn(): string {
    return `It has ${this.runner.app.players.max} players: this one looks on.`
  }

  leave(): void {
    if (this.status.phase === 'ended') return
    this.source.leave()
    this.setStatus({ phase: 'ended', why: 'left', hint: '' })
  }

  stats(): Stats {
    return { tick: this.runner.tick, ...this.runner.stats, ...this.source.stats() }
  }

  on(what: 'status', listener: (status: Status) => void): () => void
  on(what: 'failure', listener: (failure: Failure) => void): () => void
  on(what: 'rollback', listener: (rollback: Rollback) => void): () => void
  on(what: 'status' | 'failure' | 'rollback', listener: (news: never) => void): () => void {
    const all = { status: this.statuses, failure: this.failures, rollback: this.rollbacks }
    return (all[what] as { add(listener: unknown): () => void }).add(listener)
  }

  // --- a loop of one's own

  poll(): readonly WholeTick<E>[] {
    if (this.reader !== 'poll()') this[DRIVEN].claim('poll()')
    const ticks: WholeTick<E>[] = []
    for (let input = this.next(); input; input = this.next()) {
      if (input.name !== 'tick') {
        this.events.push(input)
        continue
      }
      ticks.push({ tick: input.tick, now: input.now, inputs: this.events as WholeTick<E>['inputs'] })
      this.events = []
    }
    this.throwUnheard()
    return ticks
  }

  [Symbol.asyncIterator](): AsyncGenerator<LinkInput<E>, void, undefined> {
    return this.inputs()
  }

  async *inputs({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<LinkInput<E>, void> {
    const release = this[DRIVEN].claim('for await')
    try {
      for (;;) {
        if (signal?.aborted) throw new SametickError('aborted')
        const input = this.next()
        this.throwUnheard()
        if (input) yield input
        else if (this.status.phase === 'ended') return
        else await this.untilDue(signal)
      }
    } finally {
      release()
    }
  }

  /** Until something may be due, its source says that something has changed, or nobody waits any more. */
  private untilDue(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        unwake()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const micros = this.source.nextInput() - this.source.now()
      const timer = micros === NEVER ? undefined : setTimeout(done, Math.max(0, Math.ceil(micros / 1000)))
      const unwake = this.wakes.add(done)
      signal?.addEventListener('abort', done)
    })
  }

  // --- inputs

  /** The next input that a reader sees, already run. */
  protected next(): LinkInput<E> | undefined {
    for (;;) {
      const input = this.status.phase === 'ended' ? undefined : this.source.take()
      if (!input) return undefined
      // Who leaves is known before, and who joins after.
      const id = input.id < 0 ? memberOf(input.payload) : input.source
      const player = this.runner.player(id)
      this.run(input)
      const shown = this.shown.of(input, player ?? this.runner.player(id))
      if (shown) return shown
    }
  }

  protected run(input: Input): void {
    const failure = this.runner.take(input)
    this[DRIVEN].recorder?.took(input)
    if (failure) this.tellFailure(failure)
    if (input.id === TICK) return this.closed(input.tick)
    if (input.id >= 0 || memberOf(input.payload) !== this.me) return
    if (input.id === RESERVED.join) this.looksOn = this.runner.player(this.me) === undefined
    else if (input.id === RESERVED.back) this.held?.forget()
  }

  protected closed(tick: Tick): void {
    const { ended } = this.runner
    if (ended && tick >= ended.tick) this.finish(ended.result)
  }

  protected finish(result: unknown): void {
    // First: the source will say that it was left, which is no news then.
    this.setStatus({ phase: 'ended', why: 'end', hint: '', result })
    this.source.finish()
  }

  // --- what is driven

  private makeDriven(): Driven<S, I> {
    const { source, runner } = this
    const { fps } = source
    return {
      fps,
      runner,
      claim: (reader) => this.claim(reader),
      recorder: undefined,
      now: () => source.now(),
      due: () => (this.status.phase === 'ended' ? 0 : Math.max(0, source.dueTick() - runner.tick)),
      run: () => this.runTick(),
      get state() {
        return runner.state
      },
      before: () => this.before(),
      alpha: () => {
        const from = dueAt(runner.tick, fps)
        const share = (source.position() - from) / (dueAt(runner.tick + 1, fps) - from)
        return runner.tick < 0 ? 0 : Math.min(1, Math.max(0, share))
      },
      nextInput: () => source.nextInput(),
      onWake: (wake) => this.wakes.add(wake),
      hold: (value) => this.hold(value),
      takeEffects: () => this.takeEffects(),
      travels: () => this.travels,
      takeFailure: () => {
        const failure = this.unheard
        this.unheard = undefined
        return failure
      },
    }
  }

  private claim(reader: string): () => void {
    if (this.reader !== undefined)
      throw new SametickError(
        'link_driven',
        `${this.reader} reads it: ${reader} would take inputs away from it.`,
      )
    this.reader = reader
    return () => {
      this.reader = undefined
    }
  }

  protected runTick(): boolean {
    // Only the last tick before drawing needs the one before it, and whether it is the last is known by then.
    const due = this.source.dueTick() - this.runner.tick
    if (due < 1) return false
    const copy = this.keepsBefore && due === 1 ? this.runner.copyOfState() : undefined
    while (this.status.phase !== 'ended') {
      const input = this.source.take()
      if (!input) break
      this.run(input)
      if (input.id !== TICK) continue
      this.stateBefore = copy
      return true
    }
    return false
  }

  /** What is to be seen or heard now. */
  protected takeEffects(): readonly Effect[] {
    return this.runner.takeEffects()
  }

  /** Whether the state is one of the past, which is run again. Never in lockstep. */
  protected get travels(): boolean {
    return false
  }

  private before(): S {
    this.keepsBefore = true
    return this.stateBefore ?? this.runner.state
  }

  private hold(value: I): void {
    const { held, runner } = this
    if (!held) throw new SametickError('no_input', NO_INPUT)
    // Before its join and while it is away, nobody would hear of it.
    if (!runner.player(this.me)?.here) return
    const bytes = held.news(value)
    if (bytes && typeof this.source.emit(INPUT_ID, bytes) === 'number') held.tell(bytes)
  }

  // --- what the source tells

  private settle(number: number, landing: Landing): void {
    // What nobody holds a receipt for is an input: one that was not taken is tried again.
    if (!this.receipts.settle(number, landing) && !landing.ok) this.held?.forget()
  }

  protected setStatus(status: Status): void {
    if (this.status.phase === 'ended') return
    this.status = status
    if (status.phase === 'ended') this.receipts.close(refusal('session_ended'))
    this.statuses.tell(status)
    this.wakes.tell()
  }

  protected tellFailure(failure: Failure): void {
    if (this.failures.isEmpty) this.unheard ??= failure
    this.failures.tell(failure)
  }

  private throwUnheard(): void {
    const failure = this[DRIVEN].takeFailure()
    if (failure) throw new Error(failure.message, { cause: failure.error })
  }
}
