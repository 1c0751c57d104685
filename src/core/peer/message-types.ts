import type { RefusalCode } from '../errors.ts'
import type { StampedEvent } from '../timeline/event.ts'
import type { InstanceId, Micros, Tick } from '../timeline/tick.ts'

/** What peers say to each other. The fields stand in the order in which they are written. */

/** An event among peers: its place is (stamp, source, number), which nobody has to hand out. */
export interface PeerEvent extends StampedEvent {
  /** How far its stamp lay ahead of where its source stood: who gets it knows from that how long it took. */
  readonly lead: Micros
}

/** What somebody has seen of one source: all numbers up to one, and some above. */
export interface SeenOf {
  readonly source: InstanceId
  readonly upTo: number
  /** In order, each above `upTo` + 1. */
  readonly beyond: readonly number[]
}

/** The first message over a link, either way: who is there, and what it runs. */
export interface Meet {
  readonly kind: 'meet'
  fps: number
  app: string
  id: InstanceId
}

/** What the sender has seen, so that it is sent what it lacks and nothing else. */
export interface Have {
  readonly kind: 'have'
  /** Of events up to this tick those that the sender has not seen may be too late for it: `bound` says which are. */
  firm: Tick
  /** Whether this is the last part of it. */
  done: boolean
  seen: readonly SeenOf[]
}

/** Events that were new to the sender. */
export interface Flood {
  readonly kind: 'flood'
  events: readonly PeerEvent[]
}

/** Events that the receiver lacked when the link came up, or somebody behind it: older ones, which took no time. */
export interface Missed {
  readonly kind: 'missed'
  /** Whether the sender now has sent all that the receiver lacked. */
  done: boolean
  events: readonly PeerEvent[]
}

/** At link-up and on a timer: I am here, this is what I see of you, and there the time is. */
export interface Sync {
  readonly kind: 'sync'
  clock: Micros
  /** The clock of the last sync that came, 0 for none, and how long ago it came. */
  echo: Micros
  held: Micros
  /** Where the reference is, at `clock`. */
  reference: Micros
  /** Whose time it is, how often that one has said so, and by how much it may be off here. */
  root: InstanceId
  beat: number
  error: Micros
  /** How far ahead the sender has to stamp to be in time everywhere. */
  reach: Micros
}

/** Flooded like an event, and no part of the timeline: somebody is there, and stood there when it said so. */
export interface Pulse {
  readonly kind: 'pulse'
  source: InstanceId
  number: number
  /** Where it stood, and in whose time. */
  position: Micros
  root: InstanceId
}

/**
 * Flooded like a pulse, where a past is folded: what the source emits no more, what of others' it takes no more, and
 * with whom it has agreed on that.
 */
export interface Stand {
  readonly kind: 'stand'
  source: InstanceId
  /** One more for each of its stands. */
  number: number
  /** The last tick that it has run. */
  tick: Tick
  /** None of its events above number `upTo` has a stamp at this tick or before it. */
  promise: Tick
  upTo: number
  /** All events up to this tick are there. */
  settled: Tick
  /** The digest of who takes part, and of what was seen of everybody else. */
  view: number
}

/** What the sender has not seen of events up to this tick it does not take from the receiver. */
export interface Bound {
  readonly kind: 'bound'
  tick: Tick
}

/** The pasts of the two do not fit together as they are: what the sender has that the receiver cannot take. */
export interface Claim {
  readonly kind: 'claim'
  /** Whether there are events which the receiver takes no more: the first of them. */
  late: boolean
  source: InstanceId
  number: number
  stamp: Tick
  /** Whether there are some that the sender has folded, so that it can only give a snapshot. */
  folded: boolean
  /** How many take part where the sender is, and the least of their ids: of two settled pasts one has to yield. */
  members: number
  least: InstanceId
}

/** A snapshot is there for the receiver, at this tick, and these events are in it. */
export interface Folded {
  readonly kind: 'folded'
  done: boolean
  tick: Tick
  size: number
  digest: number
  seen: readonly SeenOf[]
}

/** Send the part of the snapshot that begins there; at its size: all of it is here, or nothing of it is lacking. */
export interface Fetch {
  readonly kind: 'fetch'
  offset: number
}

export interface Chunk {
  readonly kind: 'chunk'
  offset: number
  bytes: Uint8Array
}

/** This link ends, and why. */
export interface Part {
  readonly kind: 'part'
  code: RefusalCode
  hint: string
}

export type Message =
  | Meet
  | Have
  | Flood
  | Missed
  | Sync
  | Pulse
  | Part
  | Stand
  | Bound
  | Claim
  | Folded
  | Fetch
  | Chunk
