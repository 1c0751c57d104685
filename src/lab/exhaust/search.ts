import { Instance } from '../../core/session/instance.ts'
import { Sequencer } from '../../core/session/sequencer.ts'
import { BEFORE_FIRST, MILLISECOND, SECOND } from '../../core/timeline/tick.ts'
import type { Invariant } from '../checks.ts'
import type { Bound } from './bound.ts'
import { after, type Choice, choicesOf } from './choices.ts'
import { Broken, boxed, change, type Draft, draftOf, keyOf, type Party, type State } from './state.ts'
import { deliver, instanceDoes, pass } from './steps.ts'

/** How an invariant broke: what happened, in order. */
export interface Fall {
  readonly invariant: Invariant
  readonly what: string
  readonly story: readonly string[]
}

export interface Exhausted {
  readonly bound: Bound
  /** States that differ, and ways from one to another. */
  readonly states: number
  readonly steps: number
  /** States in which nothing more could happen. */
  readonly ends: number
  readonly deepest: number
  /** Undefined: everything was tried, and every invariant holds in every state. */
  readonly fall: Fall | undefined
  /** Whether everything was tried. */
  readonly complete: boolean
  /** In how many states this was so. */
  readonly seen: Readonly<Record<Sight, number>>
}

/** What the invariants guard: a search that never saw it has shown nothing. */
const SIGHTS = {
  'a round is open': (s: State) => s.sequencer.machine.ledger.rounds.length > 0,
  'two rounds are open': (s: State) => s.sequencer.machine.ledger.rounds.length > 1,
  'an instance is frozen': (s: State) =>
    s.parties.some(({ box, life }) => life === 'in' && box.machine.frozen(s.now)),
  'promises differ': (s: State) => {
    const { machine } = s.sequencer
    return new Set(machine.memberIds().map((id) => machine.promiseOf(id))).size > 1
  },
  'the floor is above every promise': (s: State) => {
    const { machine } = s.sequencer
    return machine.floor >= 0 && machine.memberIds().every((id) => machine.promiseOf(id) <= machine.floor)
  },
  'instances have run differently far': (s: State) =>
    new Set(s.parties.filter(({ life }) => life === 'in').map(({ closed }) => closed)).size > 1,
  'one has an event that another has not': (s: State) =>
    new Set(s.parties.filter(({ life }) => life === 'in').map(({ ran }) => ran)).size > 1,
  'a stamp is below one given earlier': (s: State) =>
    s.timeline.some((event, i) => i > 0 && event.seq < (s.timeline[i - 1]?.seq ?? 0)),
} as const
export type Sight = keyof typeof SIGHTS

export interface SearchOptions {
  readonly statesMax?: number
  readonly goOn?: () => boolean
}

interface Frame {
  readonly state: State
  readonly choices: readonly Choice[]
  next: number
}

/** Every interleaving of a bounded world, each state once. */
export const exhaust = (
  bound: Bound,
  { statesMax = Number.POSITIVE_INFINITY, goOn }: SearchOptions = {},
): Exhausted => {
  const seen = new Set<number>()
  const sights = Object.fromEntries(Object.keys(SIGHTS).map((name) => [name, 0])) as Record<Sight, number>
  let steps = 0
  let ends = 0
  let deepest = 0
  let fall: Fall | undefined
  let complete = true
  const stack: Frame[] = []
  const enter = (state: State): void => {
    const key = keyOf(state)
    if (seen.has(key)) return
    seen.add(key)
    for (const [name, is] of Object.entries(SIGHTS) as [Sight, (s: State) => boolean][])
      if (is(state)) sights[name]++
    const choices = choicesOf(state, bound)
    if (choices.length === 0) ends++
    stack.push({ state, choices, next: 0 })
    deepest = Math.max(deepest, stack.length)
  }
  const storyOf = (last: string): string[] => [
    ...stack.slice(0, -1).map(({ choices, next }) => choices[next - 1]?.words ?? ''),
    last,
  ]
  const falls = (error: unknown, story: string[]): void => {
    if (!(error instanceof Broken)) throw error
    fall = { invariant: error.invariant, what: error.message, story }
  }
  try {
    enter(beginning(bound))
  } catch (error) {
    falls(error, ['before anything was tried'])
  }
  while (stack.length > 0) {
    const frame = stack[stack.length - 1] as Frame
    const choice = frame.choices[frame.next++]
    if (choice === undefined) {
      stack.pop()
      continue
    }
    steps++
    if (seen.size >= statesMax || ((steps & 1023) === 0 && goOn?.() === false)) {
      complete = false
      break
    }
    try {
      enter(after(frame.state, choice))
    } catch (error) {
      falls(error, storyOf(choice.words))
      break
    }
  }
  return {
    bound,
    states: seen.size,
    steps,
    ends,
    deepest,
    fall,
    complete: complete && fall === undefined,
    seen: sights,
  }
}

const EPOCH = 7
const APP = 'bounded@1'

/** The session has started, over a network without delay, and everybody has closed tick 0. */
const beginning = (bound: Bound): State => {
  const { discipline, instances, fps, k, margin, faults } = bound
  const sequencer = new Sequencer({
    epoch: EPOCH,
    instances,
    fps,
    app: APP,
    discipline,
    ...(k === undefined ? {} : { k }),
    ...(margin === undefined ? {} : { margin }),
  })
  const count = faults.includes('join') ? instances + 1 : instances
  const parties = Array.from(
    { length: count },
    (_, i): Party => ({
      box: boxed(new Instance({ fps, app: APP, link: 0 })),
      up: [],
      down: [],
      life: i < instances ? 'in' : 'absent',
      paused: false,
      emitted: 0,
      denied: 0,
      ran: 0,
      closed: BEFORE_FIRST,
    }),
  )
  const draft = draftOf({
    now: SECOND,
    step: 0,
    sequencer: boxed(sequencer),
    sequencerPaused: false,
    parties,
    acts: 0,
    fault: undefined,
    timeline: [],
    timelinePrint: 0,
  })
  for (let i = 0; i < instances; i++) instanceDoes(draft, i, (machine) => machine.open(draft.now))
  const patience = 10 * SECOND
  while (draft.parties.some(({ life, closed }) => life === 'in' && closed < 0) && draft.now < patience) {
    deliverAll(draft)
    pass(draft, draft.now + MILLISECOND)
  }
  deliverAll(draft)
  if (draft.now >= patience) throw new Error('the bounded session does not start')
  return draft
}

const deliverAll = (draft: Draft): void => {
  for (let moved = true; moved; ) {
    moved = false
    for (let i = 0; i < draft.parties.length; i++)
      for (const way of ['up', 'down'] as const)
        while ((draft.parties[i]?.[way].length ?? 0) > 0) {
          if (way === 'down' && draft.parties[i]?.life !== 'in') change(draft, i, { down: [] })
          else deliver(draft, i, way)
          moved = true
        }
  }
}
