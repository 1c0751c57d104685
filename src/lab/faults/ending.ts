import { LIMITS } from '../../core/limits.ts'
import { dueAt, type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { InstanceNode } from '../node.ts'
import { LEASE, longest, mostOf } from '../watch/bounds.ts'
import type { World } from '../world.ts'
import type { Story } from './story.ts'

/** A sequencer is not more patient than so many of the longest round trips. */
const PATIENCE = 2
/** After the deeds, so much beyond the time after which the silent are given up. */
const RECOVERY: Micros = 3 * SECOND
/** With these near their least, even a few events at one moment are too many. */
const CROWDING = ['unstamped_max', 'waiting_max', 'rounds_max'] as const

/** A story in its world; its members in their order. */
export interface Stage {
  readonly world: World
  readonly nodes: readonly InstanceNode[]
  readonly story: Story
}

/**
 * When all deeds are done and the lost are given up, everybody who is left emits once more, with this id, and all get
 * it.
 */
export const rollCall = (stage: Stage, id: number): void => {
  const { world, nodes, story } = stage
  const { limits } = story.session
  const ways = story.members.map(({ up, down }) => longest(up) + longest(down))
  const settled = RECOVERY + Math.max(...ways)
  world.run(story.length + (limits.silence_max ?? LIMITS.silence_max) + settled)
  drain(stage, settled)
  const { machine } = world.sequencer
  const open = machine.started && !machine.ended
  const free = open && CROWDING.every((name) => limits[name] === undefined)
  world.hearing.instance = (node, happening, at) => {
    if (free && node.honest && happening.kind === 'denied') refusedAtLast(world, node, at, happening.code)
  }
  for (const node of nodes) {
    const answer = world.emit(node, id)
    const whole = node.honest && node.wholeSince + settled <= world.now
    if (open && whole && typeof answer === 'string') refusedAtLast(world, node, world.now, answer)
  }
  world.run(world.now + settled)
  drain(stage, settled)
  runOut(stage, settled)
}

/**
 * All that has its tick comes to it, everywhere: at the latest when the last tick has come for which something is
 * stamped. Nobody emits any more, but one whose way stands still for too long may yet be given up, or give up, and its
 * leave has a tick that is still to come: then that is waited for as well. Each member leaves once.
 */
const runOut = ({ world, story }: Stage, patience: Micros): void => {
  const { machine } = world.sequencer
  for (let leaves = 0; leaves <= story.members.length; leaves++) {
    const { events } = machine.stats
    world.run(after(world, toCome(world, story)) + patience)
    if (machine.stats.events === events) return
  }
}

/**
 * How far the reference still is from the last tick that matters. That may be beyond all that anybody may run by now:
 * what was stamped above a long lease stays where it is when the lease is made shorter (rule 4), and all that its
 * source emits later comes after it. No stamp is farther ahead than a lease may be, four times the longest reach that
 * the ways explain, and what one that predicts may ask for: more is not waited for.
 */
const toCome = ({ now, sequencer: { machine, clock } }: World, { session, members }: Story): Micros => {
  if (!machine.started) return 0
  const { fps, k = 1, margin = 0, limits } = session
  const { rtt_max, at_ahead_max } = { ...LIMITS, ...limits }
  const trip = Math.max(...members.map(({ up, down }) => mostOf(up) + mostOf(down)))
  const reach = k * Math.min(PATIENCE * trip, rtt_max) + margin * members.length
  const lease = Math.max(LEASE, 4 * reach)
  const reference = machine.reference(clock.local(now))
  const top = dueAt(machine.ledger.top() + 1, fps) - reference
  const last = dueAt(machine.ledger.highest, fps) - reference
  return Math.max(0, top, Math.min(last, lease + at_ahead_max + dueAt(1, fps)))
}

/** When so much has passed by the sequencer's clock, by which the reference goes and rounds end: it may be slow. */
const after = ({ now, sequencer: { clock } }: World, passed: Micros): Micros =>
  Math.max(now, clock.global(clock.local(now) + Math.ceil(passed)))

const refusedAtLast = ({ findings }: World, { name }: InstanceNode, at: Micros, code: string): void =>
  findings.report('P6', at, `${name} may not emit though all is quiet: ${code}`)

/**
 * Where little may be under way at once, much may still wait for its turn: all that waits has it, as long as the
 * session goes on. A round is over after its reach, k round trips, and one that is asked again after one more.
 */
const drain = ({ world, story }: Stage, patience: Micros): void => {
  const { machine } = world.sequencer
  const { k = 1, limits } = story.session
  const round = (k + 1) * (limits.rtt_max ?? LIMITS.rtt_max)
  const { events } = machine.stats
  const all = events + (machine.sizes().waiting?.size ?? 0)
  let before = -1
  while (machine.started && machine.stats.events < all && machine.stats.events > before) {
    before = machine.stats.events
    world.run(after(world, round) + patience)
  }
}
