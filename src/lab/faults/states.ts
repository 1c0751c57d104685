import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { InstanceNode } from '../node.ts'
import type { World } from '../world.ts'

/** What a session, or an instance of it, is at when something befalls it. Several hold at a time. */
export const STATES = {
  /** The session has not begun. */
  lobby: 'session',
  /** No round is open, and nothing waits for its stamp. */
  idle: 'session',
  round: 'session',
  /** A round in which all are asked once more. */
  again: 'session',
  /** Leases are long, or just in time. */
  gals: 'session',
  horizon: 'session',
  /** `auto` has gone from one to the other a moment ago. */
  switching: 'session',
  /** One is gone that the session has not given up yet. */
  missing: 'session',
  /** The session is over, and not all have gone. */
  ended: 'session',
  /** It has asked to take part, or runs through what was before it. */
  joining: 'instance',
  frozen: 'instance',
  catchingUp: 'instance',
  correcting: 'instance',
  /** Events of its own have no stamp yet. */
  emitting: 'instance',
  /** It is not waited for. */
  distrusted: 'instance',
  /** It has left, and the session has not heard of it yet. */
  leaving: 'instance',
} as const

export type State = keyof typeof STATES

export const ALL_STATES = Object.keys(STATES) as State[]

/** For so long after it `auto` counts as switching. */
const MOMENT: Micros = SECOND

/** Looks at a world, and says what it is at. */
export class States {
  private readonly world: World

  constructor(world: World) {
    this.world = world
  }

  /** Of the session. */
  session(): State[] {
    const { sequencer, instances, now } = this.world
    const { machine } = sequencer
    if (!machine.started) return ['lobby']
    const states: State[] = [machine.short ? 'horizon' : 'gals']
    if (machine.ended) states.push('ended')
    const { rounds, members } = machine.ledger
    if (rounds.length > 0) states.push('round')
    else if (machine.sizes().waiting?.size === 0) states.push('idle')
    if (rounds.some(({ again }) => again)) states.push('again')
    if (now < sequencer.switchedAt + MOMENT) states.push('switching')
    if (instances.some(({ dead, id }) => dead && members.has(id))) states.push('missing')
    return states
  }

  /** Of an instance: none if it is not there. */
  instance(node: InstanceNode): State[] {
    const { sequencer, now } = this.world
    const { machine, id } = node
    if (!node.opened || node.dead) return []
    const member = sequencer.machine.ledger.members.get(id)
    if (node.ended) return member === undefined ? [] : ['leaving']
    if (!sequencer.machine.started) return []
    if (machine.phase !== 'running') return ['joining']
    const local = node.clock.local(now)
    const states: State[] = []
    if (machine.frozen(local)) states.push('frozen')
    if (machine.catchingUp) states.push('catchingUp')
    if (machine.correcting(local)) states.push('correcting')
    if ((machine.sizes().unstamped?.size ?? 0) > 0) states.push('emitting')
    if (member !== undefined && !member.trusted(sequencer.clock.local(now))) states.push('distrusted')
    return states
  }

  /** Whether something can befall it at all. */
  isThere(node: InstanceNode): boolean {
    return (
      node.opened && !node.dead && (!node.ended || this.world.sequencer.machine.linkOf(node.id) !== undefined)
    )
  }
}
