import type { App } from '../app/app.ts'
import { accepts, type Events, INPUT_ID, type PayloadArgs } from '../app/event.ts'
import type { Failure } from '../app/failure.ts'
import { encodePayload } from '../app/payload.ts'
import { Runner } from '../app/runner.ts'
import type { RefusalCode } from '../core/errors.ts'
import { Instance } from '../core/session/instance.ts'
import { type Discipline, Sequencer } from '../core/session/sequencer.ts'
import { MILLISECOND, type Micros, NEVER, type Tick } from '../core/timeline/tick.ts'
import { experimentNetwork, lossyWan, type NetName } from './networks.ts'
import type { InstanceNode, Node } from './node.ts'
import type { Way } from './path.ts'
import { World } from './world.ts'

export interface RehearsalOptions {
  /** How many take part from the beginning: two, unless told otherwise. */
  readonly instances?: number
  /** The network of the paper's experiment by its name, a lossy one, or one way for all: `wan`, unless told otherwise. */
  readonly network?: NetName | 'lossy' | Way
  readonly discipline?: Discipline
  /** All chance comes from it: 1, unless told otherwise. */
  readonly seed?: number
}

/** A tick after which two instances of the application were not the same. */
export interface Parted {
  readonly tick: Tick
  /** Their numbers: the first two that had run the tick and had not the same state then. */
  readonly instances: readonly [number, number]
}

/** One instance of an application, where it runs. Lengths of time are in milliseconds. */
export class Part<S extends object, E extends Events> {
  readonly number: number
  /** In the world; what the library itself does with it can be looked at there. */
  readonly node: InstanceNode
  private readonly world: World
  private readonly runner: Runner<S, E>

  constructor(world: World, node: InstanceNode, runner: Runner<S, E>) {
    this.number = node.link
    this.node = node
    this.world = world
    this.runner = runner
  }

  /** As far as it has run. It is its own: nobody else sees what is changed here. */
  get state(): S {
    return this.runner.state
  }

  /** The last tick that it has run. */
  get tick(): Tick {
    return this.runner.tick
  }

  /** Its id among the players, as `t.players` has it; 0 before it is admitted. */
  get id(): number {
    return this.node.id
  }

  get phase(): 'connecting' | 'lobby' | 'running' | 'ended' | 'dead' {
    return this.node.dead ? 'dead' : this.node.machine.phase
  }

  /** Whether it stands and waits for the session at this moment. */
  get frozen(): boolean {
    return this.node.machine.frozen(this.node.clock.local(this.world.now))
  }

  /** How long it has stood in all, in milliseconds. */
  get frozenMs(): number {
    return this.node.machine.stats.frozenMicros / MILLISECOND
  }

  /** Emit an event by its name: undefined, or why it cannot be. */
  emit<K extends keyof E & string>(name: K, ...[payload]: PayloadArgs<E[K]>): RefusalCode | undefined {
    const kind = this.runner.app.events[name]
    if (kind === undefined || !accepts(kind.check, payload)) return 'bad_request'
    return this.send(kind.id, payload)
  }

  /** Change what its player holds: undefined, or why it cannot be. */
  hold(value: unknown): RefusalCode | undefined {
    const { input } = this.runner.app
    return input !== undefined && accepts(input.check, value) ? this.send(INPUT_ID, value) : 'bad_request'
  }

  private send(id: number, payload: unknown): RefusalCode | undefined {
    const number = this.world.emit(this.node, id, encodePayload(payload))
    return typeof number === 'number' ? undefined : (number ?? 'not_admitted')
  }

  leave(): void {
    this.world.leave(this.node)
  }

  /** Its process ends without a word; the server hears after a time that the connection is gone, or never. */
  kill(heardAfterMs = Number.POSITIVE_INFINITY): void {
    this.world.kill(this.node, micros(heardAfterMs))
  }

  /** Its process stands still. */
  pause(ms: number): void {
    this.world.pause(this.node, this.until(ms))
  }

  /** Nothing gets through to the server, from it, or both. */
  cut(ms: number, which: 'up' | 'down' | 'both' = 'both'): void {
    this.world.cut(this.node, this.until(ms), which)
  }

  /** Its connection breaks, and both sides hear of it at once. */
  disconnect(): void {
    this.world.disconnect(this.node, 0, 0)
  }

  /** Its clock is put forward by so much, or back. */
  stepClock(ms: number): void {
    this.world.stepClock(this.node, micros(ms))
  }

  /** Its clock gains so many microseconds a second from now on. */
  setRate(ppm: number): void {
    this.world.setRate(this.node, ppm)
  }

  private until(ms: number): Micros {
    return this.world.now + micros(ms)
  }
}

const micros = (ms: number): Micros => (Number.isFinite(ms) ? Math.round(ms * MILLISECOND) : NEVER)

/**
 * An application in several instances of one session, in virtual time: the server and the clients are the library's
 * own, and all invariants are checked all along. Lengths of time are in milliseconds.
 */
export class Rehearsal<S extends object, E extends Events> {
  readonly parts: readonly Part<S, E>[]
  /** What lies below, with lengths of time in microseconds. */
  readonly world: World
  /** Undefined as long as all instances are equal at every tick. */
  parted: Parted | undefined
  /** What handlers threw. */
  readonly failures: Failure[] = []
  private readonly app: App<S, E>
  private readonly seed: number
  private readonly all: Part<S, E>[] = []
  private readonly runners: Runner<S, E>[] = []
  /** The digest after each tick, and whose it was, of the first who had run it. */
  private readonly digests: { readonly digest: number; readonly number: number }[] = []
  private readonly wayOf: (nth: number) => Way

  constructor(app: App<S, E>, options: RehearsalOptions = {}) {
    const { instances = 2, network = 'wan', discipline, seed = 1 } = options
    const { fps, id } = app
    this.app = app
    this.seed = seed
    const sequencer = new Sequencer({
      epoch: seed >>> 0,
      instances,
      fps,
      app: id,
      members: app.players.max,
      ...(discipline === undefined ? {} : { discipline }),
    })
    this.world = new World({ seed, fps, sequencer })
    const ways = typeof network === 'string' ? waysOf(network, instances) : [network]
    this.wayOf = (nth) => ways[nth % ways.length] as Way
    this.world.hearing.input = (node, input) => this.given(node, () => this.runnerOf(node).take(input))
    this.parts = this.all
    for (let i = 0; i < instances; i++) this.join()
  }

  /** One of the instances, 1 for the first. */
  part(number: number): Part<S, E> {
    const part = this.all[number - 1]
    if (part === undefined)
      throw new RangeError(`there is no instance ${number}: there are ${this.all.length}`)
    return part
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.world.now / MILLISECOND
  }

  /** Somebody comes, now: over a way of the network, or one of its own. */
  join(way?: Way): Part<S, E> {
    const { fps, id } = this.app
    const up = way ?? this.wayOf(this.all.length)
    const runner = new Runner(this.app, { seed: this.seed })
    this.runners.push(runner)
    const node = this.world.add({ instance: (link) => new Instance({ fps, app: id, link }), up })
    const part = new Part(this.world, node, runner)
    this.all.push(part)
    return part
  }

  /** Go on for so long. */
  run(ms: number): this {
    this.world.run(this.world.now + micros(ms))
    return this
  }

  /** Do something at a moment, counted from the beginning. */
  at(ms: number, action: () => void): void {
    this.world.at(micros(ms), action)
  }

  /** Do something again and again from now on, until a moment. */
  every(ms: number, action: () => void, until = Number.POSITIVE_INFINITY): void {
    const again = (): void => {
      if (this.now > until) return
      action()
      this.world.at(this.world.now + micros(ms), again)
    }
    this.world.at(this.world.now + micros(ms), again)
  }

  /** The server's process stands still. */
  pauseServer(ms: number): void {
    this.world.pause(this.world.sequencer as Node, this.world.now + micros(ms))
  }

  /** What was wrong, in sentences: with the session, between the states, and in handlers. None if all is well. */
  problems(): string[] {
    const { violations } = this.world.findings
    return [
      ...violations.map(({ invariant, at, what }) => `${invariant} at ${at / MILLISECOND} ms: ${what}`),
      ...(this.parted === undefined
        ? []
        : [`instances ${this.parted.instances.join(' and ')} differ after tick ${this.parted.tick}`]),
      ...this.failures.map(({ message }) => message),
    ]
  }

  private runnerOf({ link }: InstanceNode): Runner<S, E> {
    return this.runners[link - 1] as Runner<S, E>
  }

  private given(node: InstanceNode, take: () => Failure | undefined): void {
    const runner = this.runnerOf(node)
    const { tick } = runner
    const failure = take()
    if (failure !== undefined) this.failures.push(failure)
    if (runner.tick > tick) this.compare(node.link, runner)
  }

  private compare(number: number, runner: Runner<S, E>): void {
    if (this.parted !== undefined) return
    const { tick } = runner
    const digest = runner.digest()
    const first = this.digests[tick]
    if (first === undefined) this.digests[tick] = { digest, number }
    else if (first.digest !== digest)
      this.parted = { tick, instances: [Math.min(first.number, number), Math.max(first.number, number)] }
  }
}

const waysOf = (network: NetName | 'lossy', count: number): readonly Way[] =>
  network === 'lossy' ? lossyWan(count) : experimentNetwork(network, count).ways

/** Put an application into several instances of one session in virtual time. */
export const rehearse = <S extends object, E extends Events>(
  app: App<S, E>,
  options?: RehearsalOptions,
): Rehearsal<S, E> => new Rehearsal(app, options)
