import type { RefusalCode } from '../errors.ts'
import type { StampedEvent } from '../timeline/event.ts'
import type { InstanceId, Micros, Tick } from '../timeline/tick.ts'

/** What the messages of a session say. The fields stand in the order in which they are written. */

/** Instance to sequencer: the first message. */
export interface Hello {
  readonly kind: 'hello'
  fps: number
  app: string
  session: string
  /** The size of the session that is meant, 0 for an open one. */
  instances: number
  data: Uint8Array
}

/** Instance to sequencer: please put this event into the timeline. */
export interface Emit {
  readonly kind: 'emit'
  number: number
  /** Where the source stood when it emitted. */
  want: Micros
  /** The tick that a predicting source asks for, -1 for none. */
  at: Tick
  id: number
  payload: Uint8Array
}

/** Instance to sequencer: I freeze at this deadline unless the round is stamped before. */
export interface Ack {
  readonly kind: 'ack'
  epoch: number
  round: number
  deadline: Tick
  local: Tick
}

/** Instance to sequencer, on a timer: I am here, this is what I see of you. */
export interface Pulse {
  readonly kind: 'pulse'
  clock: Micros
  /** The clock of the last beat that came, 0 for none, and how long ago it came. */
  echo: Micros
  held: Micros
  local: Tick
  position: Micros
  /** How long the way down takes here: its mean and its mean deviation. */
  down: Micros
  spread: Micros
  /** Grants that came too late since the last pulse. */
  late: number
}

/** Instance to sequencer: this is the last tick that I have run, and I run none after it. */
export interface Bye {
  readonly kind: 'bye'
  tick: Tick
}

/** Instance to sequencer: please put this into the timeline in the session's name. */
export interface Ask {
  readonly kind: 'ask'
  /** One of `RESERVED.pause`, `RESERVED.resume`, `RESERVED.end`. */
  id: number
  data: Uint8Array
}

/** Sequencer to instance: you are in. */
export interface Welcome {
  readonly kind: 'welcome'
  id: InstanceId
  epoch: number
  fps: number
}

/** Sequencer to instance: for how many the start still waits. */
export interface Lobby {
  readonly kind: 'lobby'
  have: number
  need: number
}

/** Sequencer to instance: the timeline runs; at this moment of my clock the reference is here. */
export interface Start {
  readonly kind: 'start'
  clock: Micros
  reference: Micros
}

/** Sequencer to instance: name your deadline for this round. */
export interface Propose {
  readonly kind: 'propose'
  epoch: number
  round: number
  want: Micros
  /** k times the round trip, and the margin. */
  reach: Micros
}

/** Sequencer to instance: these events have their places; the round, if any, is over. */
export interface Sync {
  readonly kind: 'sync'
  epoch: number
  /** 0 for none. */
  round: number
  /** The lease that replaces the one in force, -2 for none. */
  lease: Tick
  events: readonly StampedEvent[]
}

/** Sequencer to instance: you may run up to this tick. */
export interface Grant {
  readonly kind: 'grant'
  tick: Tick
  /** How long before the tick is due by the reference this left. */
  lead: Micros
}

/** Sequencer to instance, on a timer: I am here, the reference is there, and maybe a longer lease. */
export interface Beat {
  readonly kind: 'beat'
  clock: Micros
  echo: Micros
  held: Micros
  reference: Micros
  /** How often to pulse. */
  interval: Micros
  /** -2 for none. */
  lease: Tick
}

/** Sequencer to instance: this connection ends, and why. */
export interface Refuse {
  readonly kind: 'refuse'
  code: RefusalCode
  hint: string
}

/** Sequencer to instance: your event of this number is not taken, and why. */
export interface Denied {
  readonly kind: 'denied'
  number: number
  code: RefusalCode
}

export type ToSequencer = Hello | Emit | Ack | Pulse | Bye | Ask
export type ToInstance = Welcome | Lobby | Start | Propose | Sync | Grant | Beat | Refuse | Denied
export type Message = ToSequencer | ToInstance
