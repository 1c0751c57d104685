import { askerOf, readJoin, readLeave } from '../../core/session/membership.ts'
import { type Input, RESERVED, SEQUENCER, type StampedEvent, TICK } from '../../core/timeline/event.ts'
import type { Tick } from '../../core/timeline/tick.ts'
import { mixed } from './fork.ts'
import { Broken, change, type Draft, type Party, partyOf, type State } from './state.ts'

const nameOf = (e: { readonly seq: number; readonly source: number; readonly number: number }): string =>
  `event #${e.seq} (${e.source}.${e.number})`

const isAfter = (a: StampedEvent, b: StampedEvent): boolean =>
  a.stamp > b.stamp || (a.stamp === b.stamp && a.seq > b.seq)

/** P2 and P4: the sequencer has stamped. */
export const stamped = (draft: Draft, event: StampedEvent, promise: Tick, floor: Tick): void => {
  const wrong = (why: string): never => {
    throw new Broken('P4', `${nameOf(event)} was stamped for tick ${event.stamp}, ${why}`)
  }
  if (event.stamp <= promise) wrong(`not above the promise of ${promise}`)
  if (event.stamp <= floor) wrong(`not above the floor of ${floor}`)
  draft.parties.forEach((party, i) => {
    if (party.closed >= event.stamp) wrong(`which instance ${i + 1} has run`)
  })
  const { timeline } = draft
  if (timeline.some(({ id }) => id === RESERVED.end)) wrong('after the end')
  let at = timeline.length
  while (at > 0 && isAfter(timeline[at - 1] as StampedEvent, event)) at--
  const sameSource = timeline.filter(({ source }) => source === event.source)
  const last = sameSource.at(-1)
  if (sameSource.some((other) => isAfter(other, event)))
    throw new Broken('P2', `${nameOf(event)} comes before an earlier one of its source`)
  if (last !== undefined && event.number <= last.number)
    throw new Broken('P2', `${nameOf(event)} comes after ${nameOf(last)}`)
  if (event.id === RESERVED.end && at < timeline.length) wrong('an end before another event')
  checkMember(draft, event)
  draft.timeline = [...timeline.slice(0, at), event, ...timeline.slice(at)]
  draft.timelinePrint = mixed([
    draft.timelinePrint,
    event.seq,
    event.stamp,
    event.source,
    event.number,
    event.id,
  ])
}

/** P2, of members: nothing of a member comes before its join or after its leave. */
const checkMember = ({ timeline }: Draft, event: StampedEvent): void => {
  const about = (other: StampedEvent): number | undefined =>
    other.id === RESERVED.join
      ? readJoin(other.payload)?.member
      : other.id === RESERVED.leave
        ? readLeave(other.payload)?.member
        : undefined
  const member = event.source === SEQUENCER ? about(event) : event.source
  if (member === undefined) return
  for (const other of timeline) {
    const isBefore = isAfter(event, other)
    const wrong = (why: string): never => {
      throw new Broken('P2', `${nameOf(event)} of tick ${event.stamp} ${why} of instance ${member}`)
    }
    if (other.source === member) {
      if (event.id === RESERVED.leave && !isBefore) wrong('is a leave before an event')
      if (event.id === RESERVED.join) wrong('is a join after an event')
    } else if (about(other) === member && event.source === member) {
      if (other.id === RESERVED.join && !isBefore) wrong('comes before the join')
      if (other.id === RESERVED.leave && isBefore) wrong('comes after the leave')
    }
  }
}

/** P1 and P5: an instance runs an input; it must be the next one of the one timeline that there is. */
export const ranInput = (draft: Draft, i: number, input: Input): void => {
  const party = partyOf(draft, i)
  const next = draft.timeline[party.ran]
  if (input.tick !== party.closed + 1)
    throw new Broken('P5', `instance ${i + 1} runs an input of tick ${input.tick} after tick ${party.closed}`)
  if (input.id === TICK) {
    if (next !== undefined && next.stamp <= input.tick)
      throw new Broken(
        'P1',
        `instance ${i + 1} closes tick ${input.tick} without ${nameOf(next)} of tick ${next.stamp}`,
      )
    return change(draft, i, { closed: input.tick })
  }
  if (next === undefined || next.seq !== input.seq || next.stamp !== input.tick || !isSame(next, input))
    throw new Broken(
      'P1',
      `instance ${i + 1} runs ${nameOf(input)} at tick ${input.tick}, where ${next ? `${nameOf(next)} of tick ${next.stamp}` : 'nothing'} is next`,
    )
  change(draft, i, { ran: party.ran + 1 })
}

const isSame = (a: StampedEvent, b: Input): boolean =>
  a.source === b.source && a.number === b.number && a.id === b.id && a.payload.length === b.payload.length

/** P3 and P6, whatever has just happened. `newcomer`: this one has not been there from the start. */
export const checkState = (state: State): void => {
  const sequencer = state.sequencer.machine
  state.parties.forEach((party, i) => {
    const { machine } = party.box
    const { id } = machine
    if (party.life !== 'in' || id === 0 || machine.phase !== 'running') return
    const promise = sequencer.promiseOf(id)
    if (machine.local > promise)
      throw new Broken('P3', `instance ${id} has run tick ${machine.local} on a promise of ${promise}`)
    if (machine.limit > promise)
      throw new Broken('P3', `instance ${id} may run up to tick ${machine.limit} on a promise of ${promise}`)
    const member = sequencer.ledger.members.get(id)
    if (member !== undefined) checkNothingLost(state, party, i, member.unstamped)
  })
}

/** P6: every event that was emitted, and every one that was stamped, is somewhere. */
const checkNothingLost = (state: State, party: Party, i: number, unstamped: number): void => {
  const { machine } = party.box
  const { id } = machine
  let onTheWay = 0
  for (const { kind, isCopy } of party.up) if ((kind === 'emit' || kind === 'ask') && !isCopy) onTheWay++
  let placed = 0
  for (const event of state.timeline) if (event.source === id || askerOf(event) === id) placed++
  const accounted = placed + party.denied + onTheWay + unstamped
  if (accounted !== party.emitted)
    throw new Broken(
      'P6',
      `of ${party.emitted} events that instance ${i + 1} has emitted ${accounted} are somewhere`,
    )
  let coming = machine.sizes().pending?.size ?? 0
  for (const { events, isCopy } of party.down) if (!isCopy) coming += events
  if (party.ran + coming !== state.timeline.length)
    throw new Broken(
      'P6',
      `of ${state.timeline.length} events instance ${i + 1} has run ${party.ran}, and ${coming} are on the way to it`,
    )
}
