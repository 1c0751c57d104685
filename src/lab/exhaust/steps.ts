import { InvariantBroken } from '../../core/errors.ts'
import type { Instance, InstanceHappening } from '../../core/session/instance.ts'
import type { Sequencer } from '../../core/session/sequencer.ts'
import type { Micros } from '../../core/timeline/tick.ts'
import type { Invariant } from '../checks.ts'
import { ranInput, stamped } from './check.ts'
import {
  Broken,
  boxed,
  CLOSED,
  change,
  type Draft,
  type Parcel,
  parcelOf,
  partyOf,
  withInstance,
  withSequencer,
} from './state.ts'

/** What a machine's own assertion says is a finding like any other. */
const guarded = (what: () => void): void => {
  try {
    what()
  } catch (error) {
    if (error instanceof InvariantBroken) throw new Broken(error.invariant as Invariant, error.message)
    throw error
  }
}

/** Let the sequencer do something, and send on what it says. */
export const sequencerDoes = (draft: Draft, what: (machine: Sequencer) => void): void =>
  guarded(() => {
    const machine = withSequencer(draft, what)
    for (const { to, bytes } of machine.outgoing()) send(draft, to - 1, 'down', parcelOf(bytes))
    for (const happening of machine.happenings()) {
      if (happening.kind === 'stamped') stamped(draft, happening.event, happening.promise, happening.floor)
      else if (happening.kind === 'close') send(draft, happening.link - 1, 'down', CLOSED)
    }
    draft.sequencer = boxed(machine)
  })

/** Let an instance do something, send on what it says, and give it the inputs that are due. */
export const instanceDoes = (draft: Draft, i: number, what: (machine: Instance) => void): void =>
  guarded(() => {
    const machine = withInstance(draft, i, what)
    settle(draft, i, machine)
    if (!partyOf(draft, i).paused)
      for (let input = machine.take(draft.now); input !== undefined; input = machine.take(draft.now))
        ranInput(draft, i, input)
    settle(draft, i, machine)
    change(draft, i, { box: boxed(machine) })
  })

const settle = (draft: Draft, i: number, machine: Instance): void => {
  for (const { bytes } of machine.outgoing()) send(draft, i, 'up', parcelOf(bytes))
  for (const happening of machine.happenings()) heard(draft, i, happening)
}

const heard = (draft: Draft, i: number, happening: InstanceHappening): void => {
  if (happening.kind !== 'ended') return
  const { code } = happening
  if (code === 'rewritten' || code === 'malformed' || code === 'overflow' || code === 'silent')
    throw new Broken('P5', `instance ${i + 1} ends itself: ${code} ${happening.hint}`)
  change(draft, i, { life: 'over', down: [] })
  send(draft, i, 'up', CLOSED)
}

const send = (draft: Draft, i: number, way: 'up' | 'down', parcel: Parcel): void => {
  const party = partyOf(draft, i)
  if (parcel.kind === 'denied') change(draft, i, { denied: party.denied + 1 })
  // Nobody reads on.
  if (way === 'down' && (party.life === 'dead' || party.life === 'over')) return
  if (party[way].at(-1) === CLOSED) return
  change(draft, i, { [way]: [...party[way], parcel] })
}

/** The first message of a way arrives; `keeps`: and once more. */
export const deliver = (draft: Draft, i: number, way: 'up' | 'down', keeps = false): void => {
  const [first, ...rest] = partyOf(draft, i)[way] as [Parcel, ...Parcel[]]
  change(draft, i, { [way]: keeps ? [{ ...first, isCopy: true }, ...rest] : rest })
  const { bytes } = first
  const { now } = draft
  if (way === 'up')
    sequencerDoes(draft, (machine) =>
      bytes === undefined ? machine.closed(now, i + 1) : machine.receive(now, i + 1, bytes),
    )
  else
    instanceDoes(draft, i, (machine) =>
      bytes === undefined ? machine.closed(now, 0) : machine.receive(now, 0, bytes),
    )
}

/** How often a machine may want to be woken at one moment. */
const SPINS_MAX = 64

/** Time goes on; timers go off at their moments, and nothing arrives meanwhile. */
export const pass = (draft: Draft, until: Micros): void => {
  for (let spins = 0; spins < SPINS_MAX * 8; spins++) {
    const { at, who } = nextOf(draft)
    if (at > until) {
      draft.now = until
      return
    }
    draft.now = Math.max(draft.now, at)
    const { now } = draft
    if (who === undefined) sequencerDoes(draft, (machine) => machine.wake(now))
    else
      instanceDoes(draft, who, (machine) => {
        if (machine.nextWake() <= now) machine.wake(now)
      })
  }
  throw new Broken('P8', 'a machine wants to be woken again and again at one moment')
}

/** Who has something to do next of itself; undefined for the sequencer. */
const nextOf = (draft: Draft): { readonly at: Micros; readonly who: number | undefined } => {
  let at = draft.sequencerPaused ? Number.POSITIVE_INFINITY : draft.sequencer.wakeAt
  let who: number | undefined
  draft.parties.forEach(({ box, life, paused }, i) => {
    if (life !== 'in' || paused) return
    const due = Math.min(box.wakeAt, box.machine.nextInput())
    if (due <= at) {
      at = due
      who = i
    }
  })
  return { at, who }
}
