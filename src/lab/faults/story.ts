import type { LIMITS } from '../../core/limits.ts'
import type { Discipline } from '../../core/session/sequencer.ts'
import type { Micros } from '../../core/timeline/tick.ts'
import type { LIES } from '../liar.ts'
import type { Way } from '../network.ts'

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
}

export type Shrunk = { readonly [K in keyof typeof LIMITS]?: number }

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
}

/** 0 is the sequencer, 1 and above are the members in their order. */
export type Who = number

/** Something that happens at a moment. Lengths of time are `lasts`, and null where something is for ever. */
export type Deed = Emits | DeedOfAny | DeedOfMember | Close

/** What may happen to the sequencer as well. */
export type DeedOfAny = Pause | Step | Rate

/** The sequencer ends the session for all, at once. */
export interface Close {
  readonly kind: 'close'
  readonly at: Micros
  readonly who: 0
}

export type DeedOfMember = Ask | Leave | Kill | Cut | Disconnect | Lie

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

export interface Cut {
  readonly kind: 'cut'
  readonly at: Micros
  readonly who: Who
  readonly lasts: Micros
  readonly which: 'up' | 'down' | 'both'
}

/** A clock is put forward, or back. */
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

/** Who does not follow the protocol at some time: nothing is expected of it. */
export const liarsOf = (story: Story): ReadonlySet<Who> =>
  new Set(story.deeds.flatMap((deed) => (deed.kind === 'lie' ? [deed.who] : [])))
