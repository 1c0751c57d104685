import type { LIMITS } from '../../core/limits.ts'
import type { Discipline } from '../../core/session/sequencer.ts'
import type { Micros } from '../../core/timeline/tick.ts'
import type { CHANNEL_LIMITS } from '../../core/wire/limits.ts'
import type { DamageSort } from '../damage.ts'
import type { LIES } from '../liar.ts'
import type { Way } from '../path.ts'

/**
 * A run of a world, written down: who takes part, over what, and what happens to them. It is plain data, so
 * that it can be kept in a file and read. Each deed stands for itself: whoever takes one away, or makes it
 * smaller, leaves all others as they were.
 */
export interface Story {
  /** What networks and timers draw from. */
  readonly seed: number
  readonly session: SessionStory
  /** The clock of the sequencer. */
  readonly clock: ClockStory
  /** Timers wake late by this much in the mean. */
  readonly lateness: Micros
  readonly members: readonly MemberStory[]
  readonly deeds: readonly Deed[]
  /** By then all deeds are done and all that can be made good is. */
  readonly length: Micros
}

export interface SessionStory {
  readonly fps: number
  readonly discipline: Discipline
  /** For how many the start waits, 0 for an open session. */
  readonly size: number
  /** Both absent: the tuned default. */
  readonly k?: number
  readonly margin?: Micros
  readonly reference: 'sequencer' | 'fastest'
  /** Limits that are not as they are by default. */
  readonly limits: Shrunk
  /** Those of channels over datagrams. Absent: as they are by default. */
  readonly channel?: ShrunkChannel
}

export type Shrunk = { readonly [K in keyof typeof LIMITS]?: number }

export type ShrunkChannel = { readonly [K in keyof typeof CHANNEL_LIMITS]?: number }

export interface ClockStory {
  readonly offset: Micros
  readonly ppm: number
}

export interface MemberStory {
  /** When it connects; null: never, so that the others keep their numbers. */
  readonly at: Micros | null
  readonly up: Way
  readonly down: Way
  readonly clock: ClockStory
  /** Over datagrams that the ways lose, double and reorder. */
  readonly datagrams: boolean
  /** It runs ahead, and asks for the ticks at which it has applied its events. */
  readonly predicts?: true
  /** Whose process was on this machine before: it is begun anew, and remembers nothing. */
  readonly after?: Who
}

/** 0 is the sequencer, 1 and above are the members in their order. */
export type Who = number

/** Something that happens at a moment. Lengths of time are `lasts`, and null where something is for ever. */
export type Deed = Emits | DeedOfAny | DeedOfMember | Close

/** What may happen to the sequencer as well. */
export type DeedOfAny = Pause | Slow | Step | Rate

/** The sequencer ends the session for all, at once. */
export interface Close {
  readonly kind: 'close'
  readonly at: Micros
  readonly who: 0
}

export type DeedOfMember = Ask | Leave | Kill | Cut | Disconnect | Readdress | Damage | Lie

export interface Emits {
  readonly kind: 'emits'
  readonly at: Micros
  readonly who: Who
  readonly count: number
  /** The mean time between two of them; 0: all at one moment. */
  readonly gap: Micros
  /** Payloads are of 0 to so many bytes. */
  readonly bytesMax: number
  /** What gaps and payloads are drawn from. */
  readonly seed: number
}

export interface Ask {
  readonly kind: 'ask'
  readonly at: Micros
  readonly who: Who
  readonly what: 'pause' | 'resume' | 'end'
}

export interface Leave {
  readonly kind: 'leave'
  readonly at: Micros
  readonly who: Who
}

export interface Kill {
  readonly kind: 'kill'
  readonly at: Micros
  readonly who: Who
  /** The sequencer hears that the connection is gone after so long. */
  readonly heardAfter: Micros | null
}

/** A connection breaks; each side hears of it after a time of its own. */
export interface Disconnect {
  readonly kind: 'disconnect'
  readonly at: Micros
  readonly who: Who
  readonly instanceAfter: Micros | null
  readonly sequencerAfter: Micros | null
}

export interface Pause {
  readonly kind: 'pause'
  readonly at: Micros
  readonly who: Who
  readonly lasts: Micros
  readonly first: 'timer' | 'messages'
}

/** A process gets little of its machine: `busy` of every `gap` it stands still. */
export interface Slow {
  readonly kind: 'slow'
  readonly at: Micros
  readonly who: Who
  readonly lasts: Micros
  readonly gap: Micros
  readonly busy: Micros
}

/** A link is cut, or clogged: then what was sent meanwhile is late, and none of it is lost. */
export interface Cut {
  readonly kind: 'cut' | 'clog'
  readonly at: Micros
  readonly who: Who
  readonly lasts: Micros
  readonly which: 'up' | 'down' | 'both'
}

/** The address of an instance changes, as behind a router that forgot it. */
export interface Readdress {
  readonly kind: 'readdress'
  readonly at: Micros
  readonly who: Who
}

/** The next thing that is sent over a link has a few bits turned over, or has no end. */
export interface Damage {
  readonly kind: 'damage'
  readonly at: Micros
  readonly who: Who
  readonly which: 'up' | 'down'
  readonly how: DamageSort
  readonly seed: number
}

/** A clock is put forward, or back: then it stands still until the step is made up. */
export interface Step {
  readonly kind: 'step'
  readonly at: Micros
  readonly who: Who
  readonly by: Micros
}

/** A clock runs at another rate, and then at its own again. */
export interface Rate {
  readonly kind: 'rate'
  readonly at: Micros
  readonly who: Who
  readonly lasts: Micros
  readonly ppm: number
}

export interface Lie {
  readonly kind: 'lie'
  readonly at: Micros
  readonly who: Who
  readonly lasts: Micros | null
  readonly what: keyof typeof LIES
}

/**
 * Who does not follow the protocol at some time, or seems not to since its stream is damaged: nothing is expected
 * of it.
 */
export const liarsOf = ({ deeds, members }: Story): ReadonlySet<Who> =>
  new Set(
    deeds.flatMap(({ kind, who }) => {
      const damaged = kind === 'damage' && members[who - 1]?.datagrams === false
      return kind === 'lie' || damaged ? [who] : []
    }),
  )

/** A story from a file, or a sentence that says what is wrong with it. */
export const parseStory = (text: string): Story | string => {
  let story: unknown
  try {
    story = JSON.parse(text)
  } catch {
    return 'This file is no JSON: name a story that lab faults has kept.'
  }
  const { session, members, deeds } = (story ?? {}) as Partial<Story>
  const isStory = typeof session?.fps === 'number' && Array.isArray(members) && Array.isArray(deeds)
  if (!isStory) return 'This file holds no story: name one that lab faults has kept.'
  const stranger = deeds.find(({ who }) => !Number.isInteger(who) || who < 0 || who > members.length)
  if (stranger !== undefined)
    return `Nobody in this story is number ${stranger.who}: it has ${members.length} members.`
  return story as Story
}
