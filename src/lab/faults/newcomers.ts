import { Random } from '../../core/random.ts'
import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { STREAM, spread, whole } from './chance.ts'
import type { Plot } from './deeds.ts'
import type { Deed, Emits, MemberStory, Who } from './story.ts'

export interface Newcomers {
  readonly members: readonly MemberStory[]
  readonly deeds: readonly Deed[]
}

const RESTARTS = [1, 3] as const
const VISITS = [2, 6] as const

/** Who comes beside those of whom the story is: processes begun anew, and one that joins and leaves all the time. */
export const drawNewcomers = (
  plot: Plot,
  members: readonly MemberStory[],
  draw: (chance: Random, nth: number) => MemberStory,
): Newcomers => {
  const restarts = plot.kinds.has('restarts') ? drawRestarts(plot, members) : NOBODY
  const known = members.length + restarts.members.length
  const churn = plot.kinds.has('churn') ? drawChurn(plot, known, draw) : NOBODY
  return {
    members: [...restarts.members, ...churn.members],
    deeds: [...restarts.deeds, ...churn.deeds],
  }
}

const NOBODY: Newcomers = { members: [], deeds: [] }

/** A process is killed, and another one begun on its machine, which remembers nothing. */
const drawRestarts = ({ seed, trouble }: Plot, members: readonly MemberStory[]): Newcomers => {
  const count = whole(new Random(seed, STREAM.restarts), RESTARTS)
  const each = Array.from({ length: count }, (_, i) => {
    const r = new Random(seed, STREAM.restarts + 1 + i)
    const who = 1 + r.below(members.length)
    const at = Math.round(r.between(SECOND, trouble))
    const again = at + spread(r, 20 * MILLISECOND, 5 * SECOND)
    const heardAfter = r.chance(0.3) ? null : spread(r, 100, SECOND)
    const member: MemberStory = { ...(members[who - 1] as MemberStory), at: again, after: who }
    const kill: Deed = { kind: 'kill', at, who, heardAfter }
    return { member, deeds: [kill, emitting(r, members.length + 1 + i, again, trouble)] }
  })
  return { members: each.map(({ member }) => member), deeds: each.flatMap(({ deeds }) => deeds) }
}

/** A machine whose program joins, leaves after a while, and joins again. */
const drawChurn = (
  { seed, trouble }: Plot,
  known: number,
  draw: (chance: Random, nth: number) => MemberStory,
): Newcomers => {
  const r = new Random(seed, STREAM.churn)
  const machine = draw(new Random(seed, STREAM.churn + 1), known)
  const visits = whole(r, VISITS)
  const members: MemberStory[] = []
  const deeds: Deed[] = []
  let at = r.below(trouble)
  for (let i = 0; i < visits && at < trouble; i++) {
    const who = known + 1 + i
    const leaves = at + spread(r, 100 * MILLISECOND, 5 * SECOND)
    members.push({ ...machine, at, ...(i > 0 ? { after: who - 1 } : {}) })
    deeds.push(emitting(r, who, at, leaves), { kind: 'leave', at: leaves, who })
    at = leaves + spread(r, 10 * MILLISECOND, 2 * SECOND)
  }
  return { members, deeds }
}

const emitting = (r: Random, who: Who, at: Micros, until: Micros): Emits => {
  const gap = spread(r, SECOND / 20, 2 * SECOND)
  const count = Math.max(1, Math.min(40, Math.floor((until - at) / gap)))
  return { kind: 'emits', at, who, count, gap, bytesMax: 16, seed: r.uint32() }
}
