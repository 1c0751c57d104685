import type { Outgoing } from '../core/machine.ts'
import { Random } from '../core/random.ts'
import { Instance, type InstanceOptions } from '../core/session/instance.ts'
import { decode, encode } from '../core/session/messages.ts'
import { RESERVED } from '../core/timeline/event.ts'
import { type Micros, SECOND, type Tick } from '../core/timeline/tick.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import { damaged } from './damage.ts'

/** The stream that garbage is drawn from. */
const GARBAGE = 77

/** What an instance may do that it should not, by message. */
export interface Lies {
  /** Answer with another deadline than the one that is armed. */
  readonly deadline?: (true_: Tick) => Tick
  /** Say that more or less was run. */
  readonly local?: (true_: Tick) => Tick
  /** Say that it stands elsewhere, when it emits and when it is heard. */
  readonly position?: (true_: Micros) => Micros
  /** Ask for a tick, as one does that predicts, by where it stands. */
  readonly at?: (local: Tick) => Tick
  /** Say that the way down takes longer. */
  readonly down?: (true_: Micros) => Micros
  /** Answer no round. */
  readonly silent?: boolean
  /** Say nothing at all. */
  readonly mute?: boolean
  /** Say everything so many times more that may come twice. */
  readonly again?: number
  /** Ask for a pause of the session so many times with everything that is said. */
  readonly asks?: number
  /** Say something that nobody understands. */
  readonly garbage?: boolean
}

/** An instance that follows the protocol inwardly and lies about it: to see what that does to the others. */
export class Liar extends Instance {
  lies: Lies = {}
  private readonly random: Random

  constructor(options: InstanceOptions, lies: Lies = {}) {
    super(options)
    this.lies = lies
    this.random = new Random(options.link, GARBAGE)
  }

  override outgoing(): readonly Outgoing[] {
    const { lies } = this
    const told: Outgoing[] = []
    for (const { to, bytes } of super.outgoing()) {
      const lie = lies.mute ? undefined : this.tell(bytes)
      if (lie === undefined) continue
      told.push({ to, bytes: lie })
      if (lies.again && mayComeTwice(lie)) for (let i = 0; i < lies.again; i++) told.push({ to, bytes: lie })
      if (lies.asks)
        for (let i = 0; i < lies.asks; i++) told.push({ to, bytes: encode.ask(RESERVED.pause, EMPTY) })
      if (lies.garbage) told.push({ to, bytes: this.garbage(bytes) })
    }
    return told
  }

  /** Something like a message, or bytes of any kind. */
  private garbage(bytes: Uint8Array): Uint8Array {
    if (this.random.chance(0.5)) return damaged(bytes, this.random.chance(0.5) ? 'bits' : 'end', this.random)
    return Uint8Array.from({ length: this.random.below(64) }, () => this.random.below(256))
  }

  private tell(bytes: Uint8Array): Uint8Array | undefined {
    const { lies } = this
    const m = decode(bytes)
    if (typeof m === 'string') return bytes
    const local = lies.local ?? same
    switch (m.kind) {
      case 'ack':
        if (lies.silent) return undefined
        return encode.ack(m.epoch, m.round, (lies.deadline ?? same)(m.deadline), Math.max(-1, local(m.local)))
      case 'emit':
        return encode.emit(
          m.number,
          Math.max(0, (lies.position ?? same)(m.want)),
          lies.at ? Math.max(0, lies.at(this.local)) : m.at,
          m.id,
          m.payload,
        )
      case 'pulse':
        return encode.pulse(
          m.clock,
          m.echo,
          m.held,
          Math.max(-1, local(m.local)),
          (lies.position ?? same)(m.position),
          (lies.down ?? same)(m.down),
          m.spread,
          m.late,
        )
      default:
        return bytes
    }
  }
}

const same = (true_: number): number => true_

const mayComeTwice = (bytes: Uint8Array): boolean => {
  const m = decode(bytes)
  return typeof m !== 'string' && (m.kind === 'emit' || m.kind === 'ack' || m.kind === 'pulse')
}

/** The lie of one that predicts. */
export const FAR = 'asks for ticks that are far or gone'

/** Lies worth telling, by name. */
export const LIES: Readonly<Record<string, Lies>> = {
  'withholds its answers': { silent: true },
  'puts its deadlines far ahead': { deadline: (true_) => true_ + 1_000 },
  'puts its deadlines into the past': { deadline: () => 0 },
  'says that it has run more': { local: (true_) => true_ + 500 },
  'says that it has run less': { local: () => 0 },
  'says that it stands in the future': { position: (true_) => true_ + 100 * SECOND },
  'says everything twice': { again: 1 },
  'says that its way down takes a second': { down: () => SECOND },
  'says everything thirty times': { again: 30 },
  'asks for a pause with every word': { asks: 3 },
  'says what nobody understands': { garbage: true },
  [FAR]: { at: (local) => (local % 2 === 0 ? local + 1_000_000 : local - 100) },
}
