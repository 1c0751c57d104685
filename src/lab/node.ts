import type { Instance, InstanceHappening } from '../core/session/instance.ts'
import type { Sequencer, SequencerHappening } from '../core/session/sequencer.ts'
import type { Input } from '../core/timeline/event.ts'
import {
  BEFORE_FIRST,
  type InstanceId,
  type LinkId,
  type Micros,
  NEVER,
  type Tick,
} from '../core/timeline/tick.ts'
import type { Channel } from '../core/wire/channel.ts'
import { Backlog } from './backlog.ts'
import type { Clock } from './clock.ts'
import type { Guesser } from './guesser.ts'
import type { Path } from './path.ts'
import { Ring } from './ring.ts'
import { Digest } from './trace.ts'

/** A machine where it runs: with its own clock, and stopped at times. All moments here are the lab's. */
export interface Node {
  readonly name: string
  /** 0 for the sequencer, and for an instance the number of its connection. */
  readonly index: number
  readonly machine: Instance | Sequencer
  readonly clock: Clock
  /** When the machine wants to be woken, on its clock, as it said last. */
  wanted: Micros
  /** The moment of the entry in the schedule that will wake it; others are stale. */
  wakeAt: Micros
  /** Wakes in a row that the machine wanted again at once. */
  spins: number
  /** Stopped until then: it is not woken, and what arrives waits. */
  pausedUntil: Micros
  /** Since when nothing is wrong with it and its link; ahead of the present while something is. */
  wholeSince: Micros
}

/** One direction of a connection: how long messages take, and those on their way. */
export interface Hop {
  readonly path: Path
  readonly ring: Ring
  /** Whether an entry in the schedule stands for the first of them. */
  scheduled: boolean
  /** Whether its far end reads. */
  open: boolean
}

/** Both ends of a channel over datagrams. */
export interface ChannelPair {
  /** At the instance, since it began to connect. */
  near: Channel | undefined
  /** At the sequencer, since the instance's address has proved itself. */
  far: Channel | undefined
  /** The moments of the entries that wake them. */
  nearWakeAt: Micros
  farWakeAt: Micros
  /** Whether they were used and have not been asked for datagrams since. */
  nearUsed: boolean
  farUsed: boolean
  /** Where the instance is, counted as it changes, and where the sequencer last heard from it. */
  address: number
  heardFrom: number
  /** What troubles have left under way. */
  readonly up: Backlog
  readonly down: Backlog
}

export interface SequencerNode extends Node {
  readonly machine: Sequencer
  /** When leases became short, or long again. */
  switchedAt: Micros
  /** As they were when it acted last. */
  short: boolean
}

export interface InstanceNode extends Node {
  readonly machine: Instance
  readonly link: LinkId
  readonly up: Hop
  readonly down: Hop
  /** Its channel over datagrams; undefined: its connection keeps the order of messages by itself. */
  readonly channel: ChannelPair | undefined
  /** What runs ahead of what is certain, of one that predicts. */
  readonly guesser: Guesser | undefined
  /** Whether it follows the protocol: of one that does not, nothing is expected. */
  readonly honest: boolean
  /** By which the session knows it, 0 until it hears that it is admitted. In a damaged welcome it reads another. */
  id: InstanceId
  /** The same since the sequencer has admitted it. */
  admittedAs: InstanceId
  /** Its process has begun, and asked for admission. */
  opened: boolean
  /** Its process is gone. */
  dead: boolean
  /** It takes part no more. */
  ended: boolean
  /** The moment of the entry that gives it its next input, when inputs are given as they are due. */
  inputAt: Micros
  /** How long it had been frozen, and how far it had run at once, when it was looked at last. */
  frozenMicros: Micros
  leaptMicros: Micros
  /** Where it stood then, by its own clock. */
  lookedAt: Micros
  position: Micros
  /** Where it stood when it acted last, by its own clock, and how far it had run at once. */
  actedAt: Micros
  actedAtPosition: Micros
  actedAtLeapt: Micros
  /** The last tick that it was seen to have closed, and since when, by the lab's. */
  closed: Tick
  closedAt: Micros
  /** A fingerprint of all that its application was given. */
  readonly inputs: Digest
}

/**
 * Who wants to hear what the machines say, each with the lab's moment. A listener only listens: what it wants to
 * be done it puts into the schedule, if for the same moment.
 */
export interface Hearing {
  sequencer?: (happening: SequencerHappening, at: Micros) => void
  instance?: (node: InstanceNode, happening: InstanceHappening, at: Micros) => void
  /** What an application is given, its object to be used again: when it is due, or, unless eager, later. */
  input?: (node: InstanceNode, input: Input, at: Micros) => void
}

const hop = (path: Path): Hop => ({ path, ring: new Ring(), scheduled: false, open: true })

export const sequencerNode = (machine: Sequencer, clock: Clock): SequencerNode => ({
  name: 'sequencer',
  index: 0,
  machine,
  clock,
  wanted: Number.NaN,
  wakeAt: NEVER,
  spins: 0,
  pausedUntil: Number.NEGATIVE_INFINITY,
  wholeSince: Number.NEGATIVE_INFINITY,
  switchedAt: Number.NEGATIVE_INFINITY,
  short: machine.short,
})

/**
 * Of one literal: what is spread into an object and added to so often becomes a table, and every look at a node a search.
 * A search for seeds takes a fifth longer then.
 */
export const instanceNode = (
  machine: Instance,
  clock: Clock,
  link: LinkId,
  up: Path,
  down: Path,
  honest: boolean,
  datagrams: boolean,
  guesser: Guesser | undefined,
): InstanceNode => ({
  name: `${link}`,
  index: link,
  machine,
  clock,
  wanted: Number.NaN,
  wakeAt: NEVER,
  spins: 0,
  pausedUntil: Number.NEGATIVE_INFINITY,
  wholeSince: Number.NEGATIVE_INFINITY,
  link,
  up: hop(up),
  down: hop(down),
  channel: datagrams
    ? {
        near: undefined,
        far: undefined,
        nearWakeAt: NEVER,
        farWakeAt: NEVER,
        nearUsed: false,
        farUsed: false,
        address: 0,
        heardFrom: 0,
        up: new Backlog(),
        down: new Backlog(),
      }
    : undefined,
  guesser,
  honest,
  id: 0,
  admittedAs: 0,
  opened: false,
  dead: false,
  ended: false,
  inputAt: NEVER,
  frozenMicros: 0,
  leaptMicros: 0,
  lookedAt: 0,
  position: 0,
  actedAt: 0,
  actedAtPosition: 0,
  actedAtLeapt: 0,
  closed: BEFORE_FIRST,
  closedAt: 0,
  inputs: new Digest(),
})
