import type { Bound, Fault } from './bound.ts'
import { checkState } from './check.ts'
import { CLOSED, change, type Draft, draftOf, type Party, partyOf, type State } from './state.ts'
import { deliver, instanceDoes, pass, sequencerDoes } from './steps.ts'

/** One thing that can happen next, in words and as a deed. */
export interface Choice {
  readonly words: string
  readonly does: (draft: Draft) => void
}

/** Everything that can happen next; nothing if the bound is reached and all has arrived. */
export const choicesOf = (state: State, bound: Bound): Choice[] => {
  const choices: Choice[] = []
  state.parties.forEach((party, i) => {
    if (party.up.length > 0 && !state.sequencerPaused)
      choices.push({
        words: `${kindOf(party, 'up')} of ${i + 1} arrives`,
        does: (draft) => deliver(draft, i, 'up'),
      })
    if (party.down.length > 0 && party.life === 'in' && !party.paused)
      choices.push({
        words: `${kindOf(party, 'down')} arrives at ${i + 1}`,
        does: (draft) => deliver(draft, i, 'down'),
      })
    acts(state, bound, i, choices)
    faults(state, bound, i, choices)
    if (party.paused) choices.push({ words: `${i + 1} goes on`, does: (draft) => goOn(draft, i) })
  })
  if (state.sequencerPaused)
    choices.push({
      words: 'the sequencer goes on',
      does: (draft) => {
        draft.sequencerPaused = false
        const { now } = draft
        sequencerDoes(draft, (machine) => machine.wake(now))
      },
    })
  else if (state.fault === undefined && bound.faults.includes('pause sequencer'))
    choices.push({
      words: 'the sequencer is paused',
      does: (draft) => {
        draft.fault = 'pause sequencer'
        draft.sequencerPaused = true
      },
    })
  if (state.step < bound.quanta)
    choices.push({
      words: `${bound.quantum / 1000} ms pass`,
      does: (draft) => {
        draft.step++
        pass(draft, draft.now + bound.quantum)
      },
    })
  return choices
}

const kindOf = (party: Party, way: 'up' | 'down'): string => party[way][0]?.kind ?? ''

/** An instance that takes part and goes on. */
const isActive = ({ life, paused, box }: Party): boolean =>
  life === 'in' && !paused && box.machine.phase === 'running'

const acts = (state: State, { acts }: Bound, i: number, choices: Choice[]): void => {
  const act = acts[state.acts]
  const party = state.parties[i] as Party
  // The first is done by the first: all are alike so far.
  if (act === undefined || !isActive(party) || (state.acts === 0 && i > 0)) return
  choices.push({
    words: act === 'emit' ? `${i + 1} emits` : `${i + 1} asks for the end`,
    does: (draft) => {
      draft.acts++
      const { now } = draft
      instanceDoes(draft, i, (machine) => {
        const isTaken =
          act === 'end' ? machine.ask('end') === undefined : typeof machine.emit(now, 1) === 'number'
        if (isTaken) change(draft, i, { emitted: partyOf(draft, i).emitted + 1 })
      })
    },
  })
}

const faults = (state: State, { faults }: Bound, i: number, choices: Choice[]): void => {
  if (state.fault !== undefined) return
  const party = state.parties[i] as Party
  const can = (fault: Fault): boolean => faults.includes(fault)
  const add = (fault: Fault, words: string, does: (draft: Draft) => void): void => {
    choices.push({
      words,
      does: (draft) => {
        draft.fault = fault
        does(draft)
      },
    })
  }
  const { life } = party
  if (can('join') && life === 'absent')
    add('join', `${i + 1} joins`, (draft) => {
      change(draft, i, { life: 'in' })
      instanceDoes(draft, i, (machine) => machine.open(draft.now))
    })
  if (life !== 'in') return
  if (can('crash'))
    add('crash', `${i + 1} crashes`, (draft) =>
      change(draft, i, { life: 'dead', up: [...party.up, CLOSED], down: [] }),
    )
  if (can('leave') && isActive(party))
    add('leave', `${i + 1} leaves`, (draft) => instanceDoes(draft, i, (machine) => machine.leave(draft.now)))
  if (can('pause') && !party.paused)
    add('pause', `${i + 1} is paused`, (draft) => change(draft, i, { paused: true }))
  if (can('duplicate') && party.up[0]?.kind === 'ack' && !state.sequencerPaused)
    add('duplicate', `ack of ${i + 1} arrives, and will once more`, (draft) => deliver(draft, i, 'up', true))
}

const goOn = (draft: Draft, i: number): void => {
  change(draft, i, { paused: false })
  const { now } = draft
  instanceDoes(draft, i, (machine) => {
    if (machine.nextWake() <= now) machine.wake(now)
  })
}

/** What comes of a choice; throws `Broken` if an invariant does. */
export const after = (state: State, choice: Choice): State => {
  const draft = draftOf(state)
  choice.does(draft)
  checkState(draft)
  return draft
}
