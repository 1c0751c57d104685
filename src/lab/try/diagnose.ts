import { decodePayload } from '../../app/payload.ts'
import type { World } from '../../app/world.ts'
import { readJoin, readLeave } from '../../core/session/membership.ts'
import { digest } from '../../core/timeline/digest.ts'
import { type Input, RESERVED, TICK } from '../../core/timeline/event.ts'
import { nowAt, type Tick } from '../../core/timeline/tick.ts'
import {
  causeOfCall,
  causeOfLater,
  causeOfLoss,
  causeOfProblem,
  causeOfRender,
  causeOutside,
  causeUnknown,
  causeUnrepeated,
  causeUnseen,
} from './causes.ts'
import { type Conduct, type CopyRun, handlerOf, type Kept, runCopy } from './copy.ts'
import { differencesOf, type Field } from './differences.ts'
import type { Cause, Parting, ShownInput } from './report.ts'
import { type Closures, DIMENSIONS, type Dimension, type Fresh, type Subject } from './subject.ts'
import type { Timeline } from './timeline.ts'

export interface Case {
  readonly fresh: Fresh
  readonly subject: Subject
  readonly timeline: Timeline
  readonly plain: Conduct
  /** The machine of the instance that parted from the plain one, first at this tick. */
  readonly other: Conduct
  readonly instance: number
  readonly tick: Tick
  readonly closures?: Closures | undefined
  /** What the application has put beside the language's own globals. */
  readonly globals: () => string[]
}

const NOTHING: ReadonlySet<Dimension> = new Set()

/** Where the two part, and why: the offending run is repeated with one difference between the machines at a time. */
export const diagnose = async (one: Case): Promise<{ parting: Parting; causes: Cause[] }> => {
  const plain = await again(one, one.plain)
  const other = await again(one, one.other)
  const parting = partingOf(one, plain, other)
  if (partsAt(plain, other) > one.tick) return { parting, causes: [causeUnrepeated(parting)] }
  return { parting, causes: await causesOf(one, plain, parting) }
}

const again = ({ fresh, timeline, tick }: Case, conduct: Conduct): Promise<CopyRun> =>
  runCopy(fresh, timeline, conduct, { upTo: tick, keepAt: tick })

const partsAt = (a: CopyRun, b: CopyRun): Tick => {
  const at = a.digests.findIndex((each, i) => each !== b.digests[i])
  return at < 0 ? Number.POSITIVE_INFINITY : at
}

const partingOf = ({ subject, timeline, tick, instance }: Case, a: CopyRun, b: CopyRun): Parting => {
  const at = a.kept.findIndex((kept, i) => digestOf(kept) !== digestOf(b.kept[i]))
  // The first is before any input; the last is after all that happens between two ticks.
  const input = at > 0 ? a.kept[at]?.input : undefined
  const [inA, inB] = [a.kept[at] ?? a.kept.at(-1), b.kept[at] ?? b.kept.at(-1)]
  return {
    tick,
    now: nowAt(tick, subject.app.fps),
    instances: [1, instance],
    fields: inA && inB ? fieldsOf(inA.world, inB.world) : [],
    inputs: (timeline.ticks[tick] ?? []).map((each) => shown(subject, each)),
    handler: input && handlerOf(subject, input),
  }
}

const digestOf = (kept: Kept | undefined): number => (kept === undefined ? -1 : digest(kept.world))

/** Fields of the state first; what the library keeps beside it only if the state is the same. */
const fieldsOf = (a: World, b: World): Field[] => {
  const inState = differencesOf(a.state, b.state)
  if (inState.length > 0) return inState
  return differencesOf({ ...a, state: undefined }, { ...b, state: undefined }).map((field) =>
    field.path.startsWith('random')
      ? { ...field, path: 't.random()' }
      : { ...field, path: `(${field.path})` },
  )
}

const shown = (subject: Subject, input: Input): ShownInput => {
  const name = handlerOf(subject, input).replace('on.', '')
  if (input.id === TICK) return { name, player: undefined, payload: undefined }
  if (input.id > 0) return { name, player: input.source, payload: decodePayload(input.payload)?.value }
  const member = input.id === RESERVED.join ? readJoin(input.payload) : readLeave(input.payload)
  return { name, player: member?.member, payload: undefined }
}

/** Each kind of difference alone: those that make them part as early as all of them together. */
const causesOf = async (one: Case, plain: CopyRun, parting: Parting): Promise<Cause[]> => {
  const before = variablesOf(one, plain.subject)
  const alike = await again(one, { ...one.other, differs: NOTHING })
  if (partsAt(plain, alike) <= one.tick) return [causeAlike(one, plain, alike, parting, before)]
  const found: { readonly tick: Tick; readonly cause: Cause }[] = []
  for (const dimension of DIMENSIONS) {
    if (!one.other.differs.has(dimension)) continue
    const conduct = { ...one.other, differs: new Set([dimension]) }
    const run = await again(one, conduct)
    const tick = partsAt(plain, run)
    if (tick > one.tick) continue
    for (const cause of await causesIn(one, plain, run, conduct, dimension, parting))
      found.push({ tick, cause })
  }
  if (found.length === 0) {
    const isAsync = [...plain.failures.values()].some(({ first }) => first.code === 'handler_async')
    return [isAsync ? causeOfLater(parting, plain) : causeUnknown(parting, plain)]
  }
  const first = Math.min(...found.map(({ tick }) => tick))
  return unlike(found.filter(({ tick }) => tick === first).map(({ cause }) => cause))
}

/** On machines that are alike: what is kept outside, if it is seen or there is one program; else nobody knows. */
const causeAlike = (
  one: Case,
  plain: CopyRun,
  alike: CopyRun,
  parting: Parting,
  before: ReadonlyMap<string, string>,
): Cause => {
  const variables = [
    ...variablesApart(one, plain.subject, alike.subject),
    // What only the run of the other can have changed is kept for both, by a package that is loaded once.
    ...apart(before, variablesOf(one, plain.subject)),
    ...one.globals(),
  ]
  const isShared = plain.subject.app === alike.subject.app
  return isShared || variables.length > 0 ? causeOutside(parting, 'alike', variables) : causeUnseen(parting)
}

/** A state that is lost on the way to another process is lost on that into the same one: that is said once. */
const unlike = (causes: readonly Cause[]): Cause[] =>
  causes.filter(
    (cause, i) => causes.findIndex(({ kind, call }) => kind === cause.kind && call === cause.call) === i,
  )

const causesIn = async (
  one: Case,
  plain: CopyRun,
  run: CopyRun,
  conduct: Conduct,
  dimension: Dimension,
  parting: Parting,
): Promise<Cause[]> => {
  if (run.problem !== undefined) return [causeOfProblem(parting, run.problem)]
  switch (dimension) {
    case 'render':
      // What it changes in the state is changed between two steps; what a step sees was changed elsewhere.
      if (parting.handler === undefined) return [causeOfRender(parting)]
      return [causeOutside(parting, 'render', variablesApart(one, plain.subject, run.subject))]
    case 'later':
      return [causeOfLater(parting, run)]
    case 'restore':
    case 'newcomer':
      return causesOfRestore(one, plain, run, dimension, parting)
    default:
      return (await callsThatPart(one, plain, run, conduct, dimension)).map((name) =>
        causeOfCall(parting, run, dimension, name),
      )
  }
}

/** What is lost by it, and what was never saved: where there are both, either may be it. */
const causesOfRestore = (
  one: Case,
  plain: CopyRun,
  run: CopyRun,
  dimension: 'restore' | 'newcomer',
  parting: Parting,
): Cause[] => {
  const variables = variablesApart(one, plain.subject, run.subject)
  const outside = causeOutside(parting, dimension, variables)
  if (run.lost !== undefined) {
    const loss = causeOfLoss(parting, run.lost, run)
    if (variables.length === 0) return [loss]
    // What is not frozen any more hardly ever matters.
    return run.lost.kind === 'fixed' ? [outside] : [loss, outside]
  }
  return [parting.handler === undefined ? causeOfLater(parting, run, 'restored') : outside]
}

/** Of several functions of one kind those that make them part alone; all, if it takes several. */
const callsThatPart = async (
  one: Case,
  plain: CopyRun,
  run: CopyRun,
  conduct: Conduct,
  dimension: Dimension,
): Promise<string[]> => {
  const calls = [...run.environment.calls.values()].filter((call) => call.dimension === dimension)
  const names = [...new Set(calls.map(({ name }) => name))]
  if (names.length < 2) return names.length > 0 ? names : [dimension]
  const alone: string[] = []
  for (const name of names)
    if (partsAt(plain, await again(one, { ...conduct, only: new Set([name]) })) <= one.tick) alone.push(name)
  return alone.length > 0 ? alone : names
}

/** What handlers see beside the state, with the values that it has now: by handler and name. */
const variablesOf = ({ closures }: Case, subject: Subject): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  if (closures === undefined) return found
  for (const [name, handler] of Object.entries(handlersOf(subject)))
    if (handler !== undefined)
      for (const [variable, value] of closures(handler)) found.set(`${name} ${variable}`, value)
  return found
}

/** Those that both have, and not alike. */
const apart = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] => {
  const names = [...a].flatMap(([key, value]) => {
    const other = b.get(key)
    return other === undefined || other === value
      ? []
      : [`${key.slice(key.indexOf(' ') + 1)} (${value} in one, ${other} in the other)`]
  })
  return [...new Set(names)]
}

const variablesApart = (one: Case, a: Subject, b: Subject): string[] =>
  a === b ? [] : apart(variablesOf(one, a), variablesOf(one, b))

type AnyHandler = ((...args: never[]) => unknown) | undefined

const handlersOf = ({ app: { on, start, tick, save, restore } }: Subject): Record<string, AnyHandler> => ({
  ...on,
  start,
  tick,
  save,
  restore,
})
