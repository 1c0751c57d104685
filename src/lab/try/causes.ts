import { printed } from '../../core/timeline/printed.ts'
import type { Tick } from '../../core/timeline/tick.ts'
import { GUARDED } from '../../deterministic/guard.ts'
import type { CopyRun, Problem } from './copy.ts'
import { type Call, LOADED } from './environment.ts'
import type { Lost } from './live.ts'
import type { Cause, CauseKind, Parting } from './report.ts'
import type { Dimension } from './subject.ts'

const SORT =
  'give it a comparator that says for any two elements which comes first, by numbers below, equal to and above 0'

/** What to use in place of something, as a sentence. */
const insteadOf = (dimension: Dimension, name: string): string => {
  if (dimension === 'sort') return `${name}: ${SORT}.`
  const path = name.replace(/^(String|Number|Array|Date)\.(?!now|parse)/, '$1.prototype.')
  const known = GUARDED[path] ?? (dimension === 'locale' ? undefined : GUARDED[LIKE[dimension] ?? name])
  return `${name}: ${known ?? LOCAL}`
}

/** What is said of one is said of all of its kind. */
const LIKE: Readonly<Partial<Record<Dimension, string>>> = { clock: 'Date', chance: 'Math.random' }
const LOCAL =
  'it depends on the language or the time zone of the machine. Keep a number of milliseconds, and format when drawing, not in a step.'

const ALONE: Readonly<Partial<Record<Dimension, string>>> = {
  clock:
    'with clocks that are apart and all else alike they part at this tick; with equal clocks they do not',
  chance: 'with other draws and all else alike they part at this tick; with the same draws they do not',
  math: 'with another last bit in what it gives, and all else alike, they part at this tick; with the same bits they do not',
  locale: 'with another language and time zone, and all else alike, they part at this tick',
  sort: 'with another, equally correct way to sort, and all else alike, they part at this tick',
}

const where = (at: string | undefined): string => (at === undefined ? '' : ` at ${at}`)
const stepOf = ({ handler }: Parting): string => handler ?? 'something between two steps'

/** A function that gives each machine something else. */
export const causeOfCall = (parting: Parting, run: CopyRun, dimension: Dimension, name: string): Cause => {
  const calls = [...run.environment.calls.values()].filter((call) => call.name === name)
  const call = nearest(calls, parting)
  const when = call === undefined ? '' : whenOf(call, parting)
  const isBare = dimension === 'sort'
  return {
    kind: dimension as CauseKind,
    call: name,
    handler: call?.handler,
    at: call?.at,
    what: `${call?.handler ?? stepOf(parting)} calls ${name}${where(call?.at)}${when}${isBare ? ', where the order of some elements is not settled' : ''}.`,
    instead: insteadOf(dimension, name),
    shown: ALONE[dimension] ?? '',
  }
}

const whenOf = ({ handler, last }: Call, { tick }: Parting): string => {
  if (handler === LOADED) return ', when it is loaded'
  return last < tick ? `, last at tick ${last}` : ''
}

/** The use in the step at which they parted, or the last one before. */
const nearest = (calls: readonly Call[], { tick, handler }: Parting): Call | undefined =>
  calls.find((call) => call.handler === handler && call.last === tick) ??
  calls.find((call) => call.last === tick) ??
  [...calls].sort((a, b) => b.last - a.last)[0]

/** Something goes on between two steps. */
export const causeOfLater = (parting: Parting, run: CopyRun, seen: 'later' | 'restored' = 'later'): Cause => {
  const shown =
    seen === 'later'
      ? 'with promises and timers that go on at other ticks, and all else alike, they part at this tick'
      : 'they part between two steps, after one was saved and restored: what was put off before goes on with the state that was there then'
  const instead =
    'A step is over before anything can be awaited. Await outside of it, and emit what comes of it as an event.'
  for (const [handler, { first }] of run.failures)
    if (first.code === 'handler_async')
      return {
        kind: 'async',
        call: undefined,
        handler,
        at: undefined,
        what: `${handler} is async: it changes the state after its step, between two ticks, whenever its promise is done.`,
        instead,
        shown,
      }
  const calls = [...run.environment.calls.values()].filter((call) => call.dimension === 'later')
  const call = nearest(calls, parting)
  if (call === undefined)
    return {
      kind: 'async',
      call: undefined,
      handler: parting.handler,
      at: undefined,
      what: 'A handler starts a promise that changes the state after its step, between two ticks.',
      instead,
      shown,
    }
  return {
    kind: 'timer',
    call: call.name,
    handler: call.handler,
    at: call.at,
    what: `${call.handler} calls ${call.name}${where(call.at)}: what it puts off changes the state between two ticks.`,
    instead: insteadOf('later', call.name),
    shown,
  }
}

export const causeOfRender = (parting: Parting): Cause => ({
  kind: 'render',
  call: undefined,
  handler: 'render',
  at: undefined,
  what: `render changes the state: ${parting.fields.map(({ path }) => path).join(', ')}. Every instance draws at a rate of its own.`,
  instead:
    'render may look at the state and not change it: keep what belongs to the picture outside, or change it in tick.',
  shown:
    'with render called at other ticks, and all else alike, they part at this tick; without it they do not',
})

const ORDERS: Readonly<Partial<Record<Lost['kind'], string>>> = {
  'map-order': 'The Map',
  'set-order': 'The Set',
  'key-order': 'The keys of the object',
}

const saidOf = ({ before, after, said = [printed(before, 60), printed(after, 60)] }: Lost): string =>
  `${said[0]} before and ${said[1]} after`

/** What is lost and made no difference so far, as a sentence. */
export const lossInWords = (lost: Lost & { readonly tick: Tick }): string => {
  const what = ORDERS[lost.kind] === undefined ? 'as it was' : 'in its order'
  return `${lost.path || 'The state'} does not come through save and restore ${what} (tick ${lost.tick}: ${saidOf(lost)}). It made no difference here, and may elsewhere.`
}

const LOSSY =
  'Let save() give all of the state and restore() take all of it. JSON loses -0, undefined, Maps and Sets; plain values need neither save nor restore.'
const BY_SYMBOL = 'Keep it under a name: what stands under a symbol is in no snapshot.'
const FIXED =
  'A snapshot holds values, not whether they are frozen: say in the state what may not be changed.'

/** Something did not come through save and restore. */
export const causeOfLoss = (parting: Parting, lost: NonNullable<CopyRun['lost']>, run: CopyRun): Cause => {
  const { path, after, tick } = lost
  const order = ORDERS[lost.kind]
  const base = {
    call: undefined,
    at: run.environment.walkedAt,
    shown: `an instance that is saved and restored at the end of tick ${tick} parts at this tick; one that is not does not`,
  }
  const at = path || 'the state'
  const said = saidOf(lost)
  if (order === undefined)
    return {
      ...base,
      kind: 'restore',
      handler: 'restore',
      what: `${at} does not come through save and restore as it was: ${said}.`,
      instead: lost.kind === 'fixed' ? FIXED : path.includes('[Symbol(') ? BY_SYMBOL : LOSSY,
    }
  const isWholeNumbers = lost.kind === 'key-order' && (after as string[]).some((key) => /^\d+$/.test(key))
  const moved = `${order} ${at} ${order.startsWith('The keys') ? 'have' : 'has'} another order after save and restore: ${said}`
  if (isInLastBits(parting))
    return {
      ...base,
      kind: 'sum-order',
      handler: parting.handler,
      what: `${stepOf(parting)} adds up floating-point numbers${where(run.environment.walkedAt)} in an order that is not the same everywhere. ${moved}, and a sum of floats depends on its order in the last bits.`,
      instead:
        'Keep the order through save and restore, or add in an order of your own (sorted by id), or add whole numbers.',
    }
  return {
    ...base,
    kind: lost.kind as CauseKind,
    handler: parting.handler,
    what: `${stepOf(parting)} depends on an order${where(run.environment.walkedAt)}. ${moved}.`,
    instead: isWholeNumbers
      ? 'An object lists keys that look like whole numbers first and by size, whatever the order in which they were set. Use a Map, or walk a sorted list of the keys.'
      : 'Keep the order through save and restore (plain values need neither), or walk a sorted list of the keys.',
  }
}

/** It could not be saved or restored at all. */
export const causeOfProblem = ({ handler }: Parting, { tick, what }: Problem): Cause => ({
  kind: 'restore',
  call: undefined,
  handler: handler ?? 'restore',
  at: undefined,
  what,
  instead: 'A state is plain values, or the application has save() and restore() that take each other.',
  shown: `it was saved and restored at the end of tick ${tick}`,
})

/** Whether all that differs are numbers that are nearly the same. */
const isInLastBits = ({ fields }: Parting): boolean =>
  fields.length > 0 &&
  fields.every(
    ({ a, b }) =>
      typeof a === 'number' &&
      typeof b === 'number' &&
      Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)),
  )

export const causeOutside = (
  parting: Parting,
  seen: keyof typeof OUTSIDE,
  variables: readonly string[],
): Cause => ({
  kind: 'outside',
  call: undefined,
  handler: parting.handler,
  at: undefined,
  what: `${stepOf(parting)} depends on something that is kept outside of the state: ${variables.length > 0 ? variables.join(', ') : 'a variable of the module, a closure, a cache'}${seen === 'render' ? '. It is render that changes it' : ''}.`,
  instead: 'Put it into what start() returns. Whoever joins gets the state and nothing else.',
  shown: OUTSIDE[seen],
})

const ALIKE =
  'two instances of the same program, on machines that are alike to the last bit, part at this tick'
const OUTSIDE = {
  alike: ALIKE,
  restore: 'all of the state came through save and restore, and the restored instance parts all the same',
  newcomer: 'all of the state came through save and restore, and the restored instance parts all the same',
  render: 'with render called at other ticks, and all else alike, they part at this tick',
}

const nobodyKnows = (parting: Parting, what: string, instead: string, shown: string): Cause => ({
  kind: 'unknown',
  call: undefined,
  handler: parting.handler,
  at: undefined,
  what,
  instead,
  shown,
})

/** Each has loaded its own program, and nothing that is seen differs between their machines. */
export const causeUnseen = (parting: Parting): Cause =>
  nobodyKnows(
    parting,
    `${stepOf(parting)} gives each instance something else, and asks for nothing that is watched. It may ask the process (its memory, its number, a file, a native module), or keep something where all programs of one process do (a package, globalThis).`,
    'Look for what it reads beside the state and its event.',
    ALIKE,
  )

/** They did not part when they ran again. */
export const causeUnrepeated = (parting: Parting): Cause =>
  nobodyKnows(
    parting,
    'They parted once, and not when both ran again: something depends on how the process itself is at the moment (its memory, its stack, a file, the network).',
    'Look for what is read beside the state and its event.',
    'the same run, of the same seed, is equal the second time',
  )

export const causeUnknown = (parting: Parting, run: CopyRun): Cause => {
  const used = [...run.environment.calls.values()].filter(({ last }) => last === parting.tick)
  const names = [...new Set(used.map(({ name, at }) => `${name}${where(at)}`))]
  return nobodyKnows(
    parting,
    `${stepOf(parting)} gives each instance something else, and no single difference between their machines explains it.`,
    names.length > 0
      ? `In that tick it uses ${names.join(', ')}: start there.`
      : 'Look for what it reads beside the state and its event.',
    'only several differences together make them part',
  )
}
