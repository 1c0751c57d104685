import type { Instance } from '../../core/session/instance.ts'
import { decode } from '../../core/session/messages.ts'
import type { Sequencer } from '../../core/session/sequencer.ts'
import type { StampedEvent } from '../../core/timeline/event.ts'
import type { Micros, Tick } from '../../core/timeline/tick.ts'
import type { Invariant } from '../checks.ts'
import type { Fault } from './bound.ts'
import { bytesPrint, fingerprint, fork, mixed } from './fork.ts'

/** A message on its way, or the news that nothing comes any more. */
export interface Parcel {
  readonly kind: string
  readonly bytes: Uint8Array | undefined
  readonly print: number
  /** How many stamped events it carries. */
  readonly events: number
  /** It has arrived once already. */
  readonly isCopy: boolean
}

export const parcelOf = (bytes: Uint8Array): Parcel => {
  const message = decode(bytes)
  const kind = typeof message === 'string' ? message : message.kind
  const events = typeof message !== 'string' && message.kind === 'sync' ? message.events.length : 0
  return { kind, bytes, print: bytesPrint(bytes), events, isCopy: false }
}

export const CLOSED: Parcel = { kind: 'closed', bytes: undefined, print: 1, events: 0, isCopy: false }

/** A machine as it stands; it is forked before anything is done with it, so that states share what is equal. */
export interface Box<M> {
  readonly machine: M
  readonly print: number
  /** When it wants to be woken. */
  readonly wakeAt: Micros
}

export const boxed = <M extends { nextWake(): Micros }>(machine: M): Box<M> => {
  const wakeAt = machine.nextWake()
  return { machine, print: fingerprint(machine), wakeAt }
}

export interface Party {
  readonly box: Box<Instance>
  readonly up: readonly Parcel[]
  readonly down: readonly Parcel[]
  /** Not there yet, there, its process gone, or through with the session. */
  readonly life: 'absent' | 'in' | 'dead' | 'over'
  readonly paused: boolean
  /** Events that it has emitted, and what it has asked the session for. */
  readonly emitted: number
  readonly denied: number
  /** How many events it has run, in the order of the timeline, and the last tick that it has closed. */
  readonly ran: number
  readonly closed: Tick
}

export interface State {
  readonly now: Micros
  readonly step: number
  readonly sequencer: Box<Sequencer>
  readonly sequencerPaused: boolean
  readonly parties: readonly Party[]
  /** How many acts were done. */
  readonly acts: number
  readonly fault: Fault | undefined
  /** Everything that was stamped, in the order of the timeline. */
  readonly timeline: readonly StampedEvent[]
  readonly timelinePrint: number
}

const LIVES = ['absent', 'in', 'dead', 'over']

/** The state as one number. */
export const keyOf = (state: State): number => {
  const all = [
    state.now,
    state.sequencer.print,
    state.sequencerPaused ? 1 : 0,
    state.acts,
    state.fault === undefined ? 0 : bytesPrint(new TextEncoder().encode(state.fault)),
    state.timelinePrint,
  ]
  for (const party of state.parties) {
    const { box, up, down, life, paused, emitted, denied, ran, closed } = party
    all.push(box.print, LIVES.indexOf(life), paused ? 1 : 0, emitted, denied, ran, closed, up.length)
    for (const parcel of up) all.push(parcel.print, parcel.isCopy ? 1 : 0)
    for (const parcel of down) all.push(parcel.print, parcel.isCopy ? 1 : 0)
  }
  return mixed(all)
}

/** What does not hold. */
export class Broken extends Error {
  readonly invariant: Invariant

  constructor(invariant: Invariant, what: string) {
    super(what)
    this.name = 'Broken'
    this.invariant = invariant
  }
}

export type Draft = { -readonly [K in keyof State]: State[K] } & { readonly parties: Party[] }

/** A state to be changed: what it does not touch it shares with the one before. */
export const draftOf = (state: State): Draft => ({ ...state, parties: state.parties.slice() })

export const partyOf = (draft: Draft, i: number): Party => draft.parties[i] as Party

export const change = (draft: Draft, i: number, part: Partial<Party>): void => {
  draft.parties[i] = { ...partyOf(draft, i), ...part }
}

/** Do something with a copy of the sequencer. */
export const withSequencer = (draft: Draft, what: (machine: Sequencer) => void): Sequencer => {
  const machine = fork(draft.sequencer.machine)
  what(machine)
  return machine
}

/** Do something with a copy of an instance. */
export const withInstance = (draft: Draft, i: number, what: (machine: Instance) => void): Instance => {
  const machine = fork(partyOf(draft, i).box.machine)
  what(machine)
  return machine
}
