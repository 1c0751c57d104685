import { type App, isApp } from '../../app/app.ts'
import { Runner } from '../../app/runner.ts'
import { lossInWords } from './causes.ts'
import type { Conduct, CopyRun } from './copy.ts'
import { runCopy } from './copy.ts'
import { diagnose } from './diagnose.ts'
import { type CannotTry, emittables } from './payloads.ts'
import type { Cause, Parting, TryReport } from './report.ts'
import { trapped, withNodeTraps } from './stands.ts'
import { type Closures, DIMENSIONS, type Fresh, type ScriptedInput, type Subject } from './subject.ts'
import { type Timeline, type TryNetwork, timelineOf } from './timeline.ts'

export interface TryOptions {
  /** How many instances run it; 3 unless told otherwise. The first is plain, all others have odd machines. */
  readonly instances?: number
  /** Of `lab gals`, or `lossy`; wan unless told otherwise. */
  readonly network?: TryNetwork
  /** Virtual minutes; 5 unless told otherwise. */
  readonly minutes?: number
  readonly seed?: number
  /** What is emitted; at random unless told otherwise. */
  readonly input?: 'random' | readonly ScriptedInput[]
  /** Names what is kept outside of the state, where the engine tells. */
  readonly closures?: Closures
}

export const TRY_DEFAULTS = { instances: 3, network: 'wan', minutes: 5, seed: 1 } as const

/**
 * Runs an application in several instances, each on a machine that has another clock, other chance, other last
 * bits and other habits, along one timeline of a session over a network, and compares their states at every
 * tick. If they part: the tick, the fields, and the likely cause.
 */
export const tryApp = (
  given: App | Subject | Fresh,
  options: TryOptions = {},
): Promise<TryReport | CannotTry> => withNodeTraps(() => tried(given, options))

const tried = async (given: App | Subject | Fresh, options: TryOptions): Promise<TryReport | CannotTry> => {
  const { instances, network, minutes, seed } = { ...TRY_DEFAULTS, ...options }
  const fresh: Fresh = typeof given === 'function' ? given : () => subjectOf(given)
  const globals = globalsNow()
  const subject = await trapped(async () => fresh())
  const { app } = subject
  const wrong = startOf(app)
  if (wrong !== undefined) return wrong
  const script = options.input === 'random' ? undefined : options.input
  const emits = script === undefined ? emittables(app, subject.samples) : []
  if ('verdict' in emits) return emits
  const players = Math.min(instances, app.players.max)
  const timeline = timelineOf(app, emits, { players, network, minutes, seed, script })
  if ('verdict' in timeline) return timeline

  const conducts = conductsOf(instances, seed)
  const runs: CopyRun[] = []
  for (const conduct of conducts) runs.push(await runCopy(fresh, timeline, conduct))
  const parted = firstParting(runs)
  const found: { parting?: Parting; causes: readonly Cause[] } =
    parted === undefined
      ? { causes: [] }
      : await diagnose({
          fresh,
          subject,
          timeline,
          plain: conducts[0] as Conduct,
          other: conducts[parted.at] as Conduct,
          instance: parted.at + 1,
          closures: options.closures,
          globals: () => changedSince(globals),
          tick: parted.tick,
        })
  return {
    verdict: parted === undefined ? 'equal' : 'differs',
    app: app.id,
    fps: app.fps,
    instances,
    players,
    ticks: timeline.ticks.length,
    events: timeline.events,
    network,
    seed,
    parting: found.parting,
    causes: found.causes,
    notes: [
      ...notesOf(runs, timeline, parted !== undefined),
      ...powersIn(app),
      ...sharedIn(runs, parted !== undefined),
    ],
  }
}

/** What the program keeps beside the language's own: it is looked at, and no getter is asked. */
const globalsNow = (): Map<string, PropertyDescriptor> =>
  new Map(Object.entries(Object.getOwnPropertyDescriptors(globalThis)))

/** What has come among the globals since, or has another value. */
const changedSince = (before: ReadonlyMap<string, PropertyDescriptor>): string[] =>
  [...globalsNow()].flatMap(([name, { value }]) => {
    const was = before.get(name)
    // Where there was a getter, an engine puts what it makes when somebody asks for it first.
    if (was !== undefined && (was.get !== undefined || Object.is(was.value, value))) return []
    return [`globalThis.${name}`]
  })

const subjectOf = (given: App | Subject): Subject =>
  isApp(given as App) ? { app: given as App } : (given as Subject)

/** Whether it starts at all, with a state that can be compared. */
const startOf = (app: App): CannotTry | undefined => {
  try {
    const refused = new Runner(app).refusal()
    return refused && { verdict: 'refused', code: 'state', hint: `${refused.message}.` }
  } catch (error) {
    return { verdict: 'refused', code: 'start', hint: error instanceof Error ? error.message : String(error) }
  }
}

const conductsOf = (instances: number, seed: number): Conduct[] =>
  Array.from({ length: Math.max(2, instances) }, (_, salt) => ({
    differs: new Set(salt === 0 ? [] : DIMENSIONS),
    salt,
    seed,
  }))

/** The first tick at which an instance is not equal to the first one, and which. */
const firstParting = (runs: readonly CopyRun[]): { at: number; tick: number } | undefined => {
  const [first, ...others] = runs as [CopyRun, ...CopyRun[]]
  let parted: { at: number; tick: number } | undefined
  others.forEach((run, i) => {
    const tick = first.digests.findIndex((each, at) => each !== run.digests[at])
    if (tick >= 0 && (parted === undefined || tick < parted.tick)) parted = { at: i + 1, tick }
  })
  return parted
}

/** What one should know beside the verdict. */
const notesOf = (runs: readonly CopyRun[], timeline: Timeline, parted: boolean): string[] => {
  const notes: string[] = []
  const [first] = runs as [CopyRun, ...CopyRun[]]
  for (const { problem } of runs) if (problem) notes.push(`At tick ${problem.tick}: ${problem.what}`)
  for (const [handler, { count, first: failure }] of first.failures)
    notes.push(
      failure.code === 'handler_async'
        ? `${handler} is async: what follows its first await is in no step.`
        : `${handler} threw ${timesOf(handler, count, runs)}; first at tick ${failure.tick}: ${failure.error}`,
    )
  for (const { renderFailed } of runs)
    if (renderFailed !== undefined && !notes.some((note) => note.startsWith('render')))
      notes.push(`render threw and was not tried: ${renderFailed}`)
  const lost = runs.find((run) => run.lost !== undefined)?.lost
  // What is not frozen any more is no other value.
  if (!parted && lost !== undefined && lost.kind !== 'fixed') notes.push(lossInWords(lost))
  if (first.endedAt !== undefined)
    notes.push(`The session ended with tick ${first.endedAt}: what comes after it was not tried.`)
  if (timeline.events === timeline.players) notes.push('Nothing was emitted: only ticks were tried.')
  if (!parted)
    for (const { name, handler, at, dimension, count } of first.environment.calls.values())
      if (dimension !== 'sort')
        notes.push(
          `${handler} calls ${name}${at === undefined ? '' : ` at ${at}`} (${count} times). ${name === 'fetch' ? 'It was never answered here: ask outside of a step, and emit what comes of it as an event.' : 'It made no difference here, and may elsewhere.'}`,
        )
  return notes
}

/** How often something threw, in how many. */
const timesOf = (handler: string, count: number, runs: readonly CopyRun[]): string => {
  const counts = runs.map((run) => run.failures.get(handler)?.count ?? 0)
  return counts.every((each) => each === count)
    ? `${count} times, alike in all instances`
    : `${counts.map((each, i) => `${each} times in instance ${i + 1}`).join(', ')}`
}

/** A module that is loaded once keeps what it keeps for all: who joins meets what the first has left there. */
const sharedIn = ([first, ...others]: readonly CopyRun[], parted: boolean): string[] =>
  parted || others.some(({ subject }) => subject.app !== first?.subject.app)
    ? []
    : [
        'All instances shared one module: of what it keeps outside of its state not all is seen. Give tryApp a function that loads the module anew, or run sametick lab try.',
      ]

const POWER = /[\w)\]]\s*\*\*=?\s*[\w(+-]/

/** An operator cannot be replaced by another: it is looked for in the text of the handlers. */
const powersIn = (app: App): string[] =>
  Object.entries({ start: app.start, tick: app.tick, ...on(app) })
    .filter(([, handler]) => handler !== undefined && POWER.test(String(handler)))
    .map(
      ([name]) =>
        `${name} uses **, which cannot be watched: its last bit may differ between engines. Use pow from sametick/deterministic, or x * x.`,
    )

const on = (app: App): Record<string, unknown> =>
  Object.fromEntries(Object.entries(app.on).map(([name, handler]) => [`on.${name}`, handler]))
