import { describe as inWords } from '../../src/core/session/describe.ts'
import { Instance, type InstanceOptions } from '../../src/core/session/instance.ts'
import { decode } from '../../src/core/session/messages.ts'
import { Sequencer, type SequencerOptions } from '../../src/core/session/sequencer.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { MILLISECOND, type Micros, NEVER } from '../../src/core/timeline/tick.ts'

/**
 * A stage for stories that a person can read: a sequencer and some instances, every delay written down by
 * hand, every clock at a rate chosen for the story, and what happens told line by line. Times are in
 * milliseconds of the sequencer's clock.
 */

/** How long a message takes, or null if it is lost. */
export type Delay = (from: string, to: string, kind: string, now: number) => number | null

export interface StageOptions {
  readonly sequencer: Omit<SequencerOptions, 'epoch'>
  readonly instance: Omit<InstanceOptions, 'app' | 'link'>
  readonly names: readonly string[]
  readonly delay: Delay
  /** Of an instance's clock; 1 without it. */
  readonly rate?: (name: string, now: number) => number
  /** Which messages are told; all but the heartbeats without it. */
  readonly tell?: (kind: string, from: string, to: string) => boolean
  /** Whose inputs are told; everybody's without it. */
  readonly inputsOf?: (name: string) => boolean
  /** Whose plain ticks are told as well; nobody's without it. */
  readonly ticksOf?: (name: string, now: number) => boolean
}

interface Actor {
  readonly name: string
  readonly instance: Instance
  clock: Micros
  at: Micros
  rate: number
  frozen: boolean
}

type Deed = { readonly at: Micros; readonly order: number; readonly what: () => void }

const HEARTBEATS = new Set(['beat', 'pulse'])

export class Stage {
  readonly sequencer: Sequencer
  readonly lines: string[] = []
  now: Micros = 0
  private readonly actors: Actor[]
  private readonly options: StageOptions
  private readonly lastArrival = new Map<string, Micros>()
  private deeds: Deed[] = []
  private order = 0
  private tellFrom: Micros = 0

  constructor(options: StageOptions) {
    this.options = options
    this.sequencer = new Sequencer({ ...options.sequencer, epoch: 1 })
    this.actors = options.names.map((name) => ({
      name,
      instance: new Instance({ ...options.instance, app: 'story@1', link: 0 }),
      clock: 0,
      at: 0,
      rate: options.rate?.(name, 0) ?? 1,
      frozen: false,
    }))
    this.actors.forEach((actor, i) => {
      this.later(i, () => actor.instance.open(this.clockOf(actor)))
    })
  }

  /** Say nothing before this moment. */
  quietUntil(ms: number): this {
    this.tellFrom = ms * MILLISECOND
    return this
  }

  /** Something that is done at a moment. */
  at(ms: number, what: (stage: Stage) => void): this {
    this.later(ms * MILLISECOND, () => what(this))
    return this
  }

  emit(name: string, id: number): void {
    const actor = this.actorOf(name)
    this.pull(actor)
    actor.instance.emit(this.clockOf(actor), id)
    this.say(name, `emits event ${id} while tick ${actor.instance.local + 1} is open`)
  }

  leave(name: string): void {
    const actor = this.actorOf(name)
    this.pull(actor)
    this.say(name, `leaves after tick ${actor.instance.local}`)
    actor.instance.leave(this.clockOf(actor))
  }

  instanceOf(name: string): Instance {
    return this.actorOf(name).instance
  }

  positionOf(name: string): Micros {
    const actor = this.actorOf(name)
    return actor.instance.position(this.clockOf(actor))
  }

  say(who: string, what: string): void {
    if (this.now < this.tellFrom) return
    this.lines.push(`${ms(this.now)}  ${who.padEnd(9)}${what}`)
  }

  run(untilMs: number): this {
    const until = untilMs * MILLISECOND
    for (;;) {
      const next = this.nextMoment()
      if (next > until) break
      this.now = next
      this.setRates()
      const due = this.deeds.filter((d) => d.at <= next).sort((a, b) => a.at - b.at || a.order - b.order)
      this.deeds = this.deeds.filter((d) => d.at > next)
      for (const deed of due) {
        deed.what()
        this.drain()
      }
      if (this.sequencer.nextWake() <= next) this.sequencer.wake(next)
      this.drain()
      for (const actor of this.actors) this.act(actor)
    }
    this.now = until
    return this
  }

  private act(actor: Actor): void {
    const clock = this.clockOf(actor)
    const { instance } = actor
    if (instance.nextWake() <= clock) instance.wake(clock)
    this.pull(actor)
    const frozen = instance.frozen(clock)
    if (frozen !== actor.frozen) {
      if (this.tells(actor))
        this.say(actor.name, frozen ? `freezes before tick ${instance.limit + 1}` : 'goes on')
      actor.frozen = frozen
    }
    this.drain()
  }

  private pull(actor: Actor): void {
    const clock = this.clockOf(actor)
    for (let input = actor.instance.take(clock); input !== undefined; input = actor.instance.take(clock))
      if (input.id !== 0 ? this.tells(actor) : this.options.ticksOf?.(actor.name, this.now / MILLISECOND))
        this.say(actor.name, `tick ${input.tick}${inputText(input)}`)
  }

  private tells(actor: Actor): boolean {
    return this.options.inputsOf?.(actor.name) ?? true
  }

  private nextMoment(): Micros {
    let next: Micros = this.sequencer.nextWake()
    for (const deed of this.deeds) next = Math.min(next, deed.at)
    for (const actor of this.actors) {
      const clock = this.clockOf(actor)
      const { instance } = actor
      const own = Math.min(
        instance.nextWake(),
        instance.nextInput(),
        actor.frozen ? NEVER : Math.max(clock + 1, instance.nextFreeze()),
      )
      if (own === NEVER) continue
      next = Math.min(next, this.now + Math.max(0, Math.ceil((own - clock) / actor.rate)))
    }
    return Math.max(next, this.now)
  }

  private drain(): void {
    for (const { to, bytes } of this.sequencer.outgoing()) {
      const name = this.options.names[to] as string
      this.carry('S', name, bytes, () => {
        const actor = this.actorOf(name)
        this.pull(actor)
        actor.instance.receive(this.clockOf(actor), 0, bytes)
      })
    }
    this.sequencer.happenings()
    this.actors.forEach((actor, link) => {
      for (const { bytes } of actor.instance.outgoing())
        this.carry(actor.name, 'S', bytes, () => this.sequencer.receive(this.now, link, bytes))
      for (const h of actor.instance.happenings())
        if (h.kind === 'ended') this.say(actor.name, `ends: ${h.code}`)
    })
  }

  private carry(from: string, to: string, bytes: Uint8Array, arrive: () => void): void {
    const message = decode(bytes)
    const kind = typeof message === 'string' ? message : message.kind
    const delay = this.options.delay(from, to, kind, this.now / MILLISECOND)
    const tell = this.options.tell?.(kind, from, to) ?? !HEARTBEATS.has(kind)
    if (delay === null) {
      if (tell) this.say(from, `to ${to}: ${inWords(bytes)} (lost)`)
      return
    }
    const way = `${from}>${to}`
    const at = Math.max(this.now + Math.round(delay * MILLISECOND), this.lastArrival.get(way) ?? 0)
    this.lastArrival.set(way, at)
    if (tell) this.say(from, `to ${to}: ${inWords(bytes)} (there at ${ms(at).trim()})`)
    this.later(at, arrive)
  }

  private later(at: Micros, what: () => void): void {
    this.deeds.push({ at, order: this.order++, what })
  }

  private setRates(): void {
    for (const actor of this.actors) {
      actor.clock = this.clockOf(actor)
      actor.at = this.now
      actor.rate = this.options.rate?.(actor.name, this.now / MILLISECOND) ?? 1
    }
  }

  private clockOf(actor: Actor): Micros {
    return Math.floor(actor.clock + (this.now - actor.at) * actor.rate)
  }

  private actorOf(name: string): Actor {
    const actor = this.actors.find((each) => each.name === name)
    if (actor === undefined) throw new RangeError(`nobody on the stage is called ${name}`)
    return actor
  }
}

const NAMES: Record<number, string> = {
  [-1]: 'join',
  [-4]: 'leave',
  [-5]: 'pause',
  [-6]: 'resume',
  [-7]: 'end',
}

const inputText = ({ id, source, payload }: Input): string => {
  if (id === 0) return ''
  return id < 0 ? `: ${NAMES[id]} of ${payload[0]}` : `: event ${id} of ${source}`
}

const ms = (micros: Micros): string => (micros / MILLISECOND).toFixed(1).padStart(8)
