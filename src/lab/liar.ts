import type { Outgoing } from '../core/machine.ts'
import { Instance, type InstanceOptions } from '../core/session/instance.ts'
import { decode, encode } from '../core/session/messages.ts'
import { type Micros, SECOND, type Tick } from '../core/timeline/tick.ts'

/** What an instance may do that it should not, by message. */
export interface Lies {
  /** Answer with another deadline than the one that is armed. */
  readonly deadline?: (true_: Tick) => Tick
  /** Say that more or less was run. */
  readonly local?: (true_: Tick) => Tick
  /** Say that it stood elsewhere when it emitted. */
  readonly want?: (true_: Micros) => Micros
  /** Say that the way down takes longer. */
  readonly down?: (true_: Micros) => Micros
  /** Answer no round. */
  readonly silent?: boolean
  /** Say nothing at all. */
  readonly mute?: boolean
  /** Say everything twice that may come twice. */
  readonly twice?: boolean
}

/** An instance that follows the protocol inwardly and lies about it: to see what that does to the others. */
export class Liar extends Instance {
  lies: Lies = {}

  constructor(options: InstanceOptions, lies: Lies = {}) {
    super(options)
    this.lies = lies
  }

  override outgoing(): readonly Outgoing[] {
    const { lies } = this
    const told: Outgoing[] = []
    for (const { to, bytes } of super.outgoing()) {
      const lie = lies.mute ? undefined : this.tell(bytes)
      if (lie === undefined) continue
      told.push({ to, bytes: lie })
      if (lies.twice && mayComeTwice(lie)) told.push({ to, bytes: lie })
    }
    return told
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
        return encode.emit(m.number, Math.max(0, (lies.want ?? same)(m.want)), m.at, m.id, m.payload)
      case 'pulse':
        return encode.pulse(
          m.clock,
          m.echo,
          m.held,
          Math.max(-1, local(m.local)),
          m.position,
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

/** Lies worth telling, by name. */
export const LIES: Readonly<Record<string, Lies>> = {
  'withholds its answers': { silent: true },
  'puts its deadlines far ahead': { deadline: (true_) => true_ + 1_000 },
  'puts its deadlines into the past': { deadline: () => 0 },
  'says that it has run more': { local: (true_) => true_ + 500 },
  'says that it has run less': { local: () => 0 },
  'says that it emitted in the future': { want: (true_) => true_ + 100 * SECOND },
  'says everything twice': { twice: true },
  'says that its way down takes a second': { down: () => SECOND },
}
