import { SECOND } from '../../core/timeline/tick.ts'
import type { Invariant } from '../checks.ts'
import type { Way } from '../path.ts'
import { endOf } from './deeds.ts'
import { play } from './play.ts'
import type { Deed, MemberStory, SessionStory, Story } from './story.ts'
import { faultOf } from './table.ts'

export interface ShrinkOptions {
  /** Whether what was wrong is still wrong in a story. */
  readonly isWrong: (story: Story) => boolean
  /** So many stories are played at most. */
  readonly plays?: number
}

/** Whether a story breaks this invariant, or, without one, makes a machine throw. */
export const breaks =
  (invariant: Invariant | undefined) =>
  (story: Story): boolean => {
    try {
      return play(story).findings.violations.some((violation) => violation.invariant === invariant)
    } catch {
      return invariant === undefined
    }
  }

const PLAYS = 1_500

/**
 * The smallest story found in which the same is wrong: whole kinds of faults are taken away first, then single
 * ones, then instances, then time. Each step keeps what is still wrong without it, and all of it is done again
 * until nothing more can go.
 */
export const shrink = (story: Story, { isWrong, plays = PLAYS }: ShrinkOptions): Story => {
  if (!isWrong(story)) return story
  let left = plays - 1
  let kept = story
  const tried = (smaller: Story): boolean => {
    if (left <= 0 || isSame(smaller, kept)) return false
    left--
    if (!isWrong(smaller)) return false
    kept = smaller
    return true
  }
  for (let before: Story | undefined; before !== kept && left > 0; ) {
    before = kept
    for (const without of KINDS) {
      const smaller = without(kept)
      if (smaller !== undefined) tried(smaller)
    }
    for (const kind of new Set(kept.deeds.map(nameOf)))
      tried(
        withDeeds(
          kept,
          kept.deeds.filter((deed) => nameOf(deed) !== kind),
        ),
      )
    thin(
      () => kept.deeds,
      (deeds) => tried(withDeeds(kept, deeds)),
    )
    for (const name of Object.keys(kept.session.limits)) tried(withoutLimit(kept, name))
    for (let i = kept.members.length - 1; i >= 0; i--) goes(kept, i).some(tried)
    for (let i = 0; i < kept.members.length; i++) for (const plain of PLAIN) tried(withMember(kept, i, plain))
    for (let i = 0; i < kept.deeds.length; i++) lessOf(kept, i, tried)
    for (const factor of [0.5, 0.8]) while (tried(sooner(kept, factor)));
  }
  return kept
}

const isSame = (a: Story, b: Story): boolean => JSON.stringify(a) === JSON.stringify(b)

const nameOf = (deed: Deed): string => faultOf(deed) ?? deed.kind

/** Halves, then quarters, and so on, down to single ones. */
const thin = <T>(all: () => readonly T[], without: (rest: readonly T[]) => boolean): void => {
  for (let part = all().length >> 1; part >= 1; part >>= 1) {
    for (let from = 0; from < all().length; ) {
      const items = all()
      if (!without([...items.slice(0, from), ...items.slice(from + part)])) from += part
    }
  }
}

const lengthOf = (deeds: readonly Deed[], least: number): number => Math.max(least, ...deeds.map(endOf))

const withDeeds = (story: Story, deeds: readonly Deed[]): Story => ({
  ...story,
  deeds,
  length: lengthOf(deeds, Math.min(story.length, SECOND)),
})

const withSession = (story: Story, change: Partial<SessionStory>): Story => ({
  ...story,
  session: { ...story.session, ...change },
})

const withoutLimit = (story: Story, name: string): Story =>
  withSession(story, {
    limits: Object.fromEntries(Object.entries(story.session.limits).filter(([each]) => each !== name)),
  })

const withMember = (story: Story, i: number, change: (member: MemberStory) => MemberStory): Story => ({
  ...story,
  members: story.members.map((member, j) => (i === j ? change(member) : member)),
})

const withAll = (story: Story, change: (member: MemberStory) => MemberStory): Story => ({
  ...story,
  members: story.members.map(change),
})

/** An instance never comes; where the start waits for a number, it waits for one fewer. */
const goes = (story: Story, i: number): Story[] => {
  if (story.members[i]?.at === null) return []
  const deeds = story.deeds.filter(({ who }) => who !== i + 1)
  const gone = withMember(withDeeds(story, deeds), i, (member) => ({ ...member, at: null }))
  const { size } = story.session
  return size > 1 ? [withSession(gone, { size: size - 1 }), gone] : [gone]
}

const plainly =
  (change: (way: Way) => Way) =>
  (member: MemberStory): MemberStory => ({
    ...member,
    up: change(member.up),
    down: change(member.down),
  })

const without = (...names: (keyof Way)[]) =>
  plainly(
    (way) =>
      Object.fromEntries(
        Object.entries(way).filter(([name]) => !names.includes(name as keyof Way)),
      ) as unknown as Way,
  )

/** What makes a member plainer. */
const PLAIN: readonly ((member: MemberStory) => MemberStory)[] = [
  without('loss', 'burst'),
  without('duplicate'),
  without('reorder'),
  without('corrupt'),
  without('truncate'),
  without('shape'),
  plainly((way) => ({ ...way, jitter: 0 })),
  (member) => ({ ...member, datagrams: false }),
  ({ predicts: _, ...member }) => member,
  (member) => ({ ...member, clock: { ...member.clock, ppm: 0 } }),
  (member) => ({ ...member, down: member.up }),
  plainly((way) => ({ ...way, base: Math.min(way.base, 5_000) })),
]

/** What takes a whole kind away; undefined where there is none of it. */
const KINDS: readonly ((story: Story) => Story | undefined)[] = [
  ...PLAIN.map((plain) => (story: Story) => withAll(story, plain)),
  (story) => (story.lateness > 0 ? { ...story, lateness: 0 } : undefined),
  (story) => (Object.keys(story.session.limits).length > 0 ? withSession(story, { limits: {} }) : undefined),
  (story) => {
    const { channel, ...session } = story.session
    return channel === undefined ? undefined : { ...story, session }
  },
  (story) => (story.clock.ppm === 0 ? undefined : { ...story, clock: { ...story.clock, ppm: 0 } }),
  (story) => {
    const { k, margin, ...session } = story.session
    return k === undefined && margin === undefined ? undefined : { ...story, session }
  },
  (story) =>
    story.session.reference === 'fastest' ? withSession(story, { reference: 'sequencer' }) : undefined,
]

/** Fewer events, and shorter faults. */
const lessOf = (story: Story, i: number, tried: (story: Story) => boolean): void => {
  const put = (deed: Deed): Story =>
    withDeeds(
      story,
      story.deeds.map((each, j) => (i === j ? deed : each)),
    )
  const deed = story.deeds[i]
  if (deed?.kind === 'emits') {
    for (const count of [1, 2, 4, 8, 16]) if (count < deed.count && tried(put({ ...deed, count }))) return
  } else if (deed !== undefined && 'lasts' in deed && deed.lasts !== null) {
    for (const share of [0.125, 0.25, 0.5])
      if (tried(put({ ...deed, lasts: Math.max(1_000, Math.round(deed.lasts * share)) }))) return
  }
}

/** All of it in less time. */
const sooner = (story: Story, factor: number): Story => {
  const scaled = (at: number): number => Math.round(at * factor)
  const deeds = story.deeds.map((deed) => ({ ...deed, at: scaled(deed.at) }))
  const members = story.members.map((member) => ({
    ...member,
    at: member.at === null ? null : scaled(member.at),
  }))
  return { ...story, deeds, members, length: lengthOf(deeds, Math.min(story.length, SECOND)) }
}
