/**
 * While a step runs, whatever would give each instance something else throws, with a sentence that says what
 * to use instead. For development: it is put up when a step begins and taken down when it ends, so that drawing
 * and the rest of the program never meet it.
 */

/** Something that differs between instances was used inside a step. */
export class NotDeterministic extends Error {
  readonly code = 'not_deterministic'
  readonly used: string

  constructor(used: string, instead: string) {
    super(`${used} inside a step: ${instead}`)
    this.name = 'NotDeterministic'
    this.used = used
  }
}

const TIME = 'every instance reads another clock. Use t.tick or t.now.'
const CHANCE = 'every instance draws something else. Use t.random().'
const LATER =
  'it would end between two other steps. Count ticks in the state, and act when the tick has come.'
const ASK = 'answers differ and come late. Ask outside of the step, and emit the answer as an event.'
const LOCALE = 'it depends on the language of the machine. Compare with < and >, and format when drawing.'
const portable = (name: string): string =>
  `its last bit differs between engines. Use ${name} from sametick/deterministic.`
const other = 'its last bit differs between engines. Make it of exp, log and pow from sametick/deterministic.'

/** What is guarded: the path of a function from the global object, and what to use in its place. */
export const GUARDED: Readonly<Record<string, string>> = {
  'Math.random': CHANCE,
  'crypto.getRandomValues': CHANCE,
  'crypto.randomUUID': CHANCE,
  Date: TIME,
  'Date.now': TIME,
  'Date.parse': 'it depends on the time zone of the machine. Keep a number of milliseconds.',
  'performance.now': TIME,
  'process.hrtime': TIME,
  'process.hrtime.bigint': TIME,
  'process.uptime': TIME,
  setTimeout: LATER,
  setInterval: LATER,
  setImmediate: LATER,
  queueMicrotask: LATER,
  requestAnimationFrame: LATER,
  requestIdleCallback: LATER,
  fetch: ASK,
  'String.prototype.localeCompare': LOCALE,
  'String.prototype.toLocaleLowerCase': LOCALE,
  'String.prototype.toLocaleUpperCase': LOCALE,
  'Number.prototype.toLocaleString': LOCALE,
  'Array.prototype.toLocaleString': LOCALE,
  ...Object.fromEntries(
    ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'exp', 'log', 'pow', 'hypot'].map((name) => [
      `Math.${name}`,
      portable(name),
    ]),
  ),
  ...Object.fromEntries(
    ['sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'cbrt', 'expm1', 'log1p', 'log2', 'log10'].map(
      (name) => [`Math.${name}`, other],
    ),
  ),
}

/** A property that is another one while the guard is up. */
interface Trap {
  readonly owner: Record<string, unknown>
  readonly key: string
  readonly trap: unknown
  original: unknown
}

/** A function of the machine's where it is kept, and where another can take its place. */
export interface Place {
  /** The object that has the property itself. */
  readonly owner: Record<string, unknown>
  readonly key: string
  readonly value: (...args: never[]) => unknown
}

/** Where a path from the global object leads to; undefined where there is no such thing. */
export const placeOf = (path: string): Place | undefined => {
  const names = path.split('.')
  const key = names.pop() as string
  let owner: unknown = globalThis
  for (const name of names) owner = (owner as Record<string, unknown> | undefined)?.[name]
  while (owner && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner)
  if (!owner) return undefined
  const property = Object.getOwnPropertyDescriptor(owner, key)
  if (!property?.writable || typeof property.value !== 'function') return undefined
  return { owner: owner as Record<string, unknown>, key, value: property.value as Place['value'] }
}

const findTrap = (path: string, instead: string): Trap | undefined => {
  const place = placeOf(path)
  if (place === undefined) return undefined
  const refuse = (): never => {
    throw new NotDeterministic(path.replace('.prototype', ''), instead)
  }
  const trap = new Proxy(place.value, { apply: refuse, construct: refuse })
  return { owner: place.owner, key: place.key, trap, original: undefined }
}

const findTraps = (): Trap[] =>
  Object.entries(GUARDED).flatMap(([path, instead]) => findTrap(path, instead) ?? [])

let traps: Trap[] | undefined
let depth = 0

/** Put the guard up; a step within a step changes nothing. */
const raise = (): void => {
  if (depth++ > 0) return
  traps ??= findTraps()
  for (const trap of traps) {
    // What was moved elsewhere since, by a mock of time for instance, is not put back in its old place.
    trap.original = Object.hasOwn(trap.owner, trap.key) ? trap.owner[trap.key] : undefined
    if (trap.original !== undefined) trap.owner[trap.key] = trap.trap
  }
}

/** Take it down again: everything is as it was before. */
const lower = (): void => {
  if (depth === 0 || --depth > 0) return
  for (const trap of traps ?? []) if (trap.original !== undefined) trap.owner[trap.key] = trap.original
}

/** What runs an application's steps may be given one: put up before a step, taken down after it. */
export interface Guard {
  raise(): void
  lower(): void
}

export const guard: Guard = { raise, lower }

/** Run something as a step would be. */
export const guarded = <T>(run: () => T): T => {
  raise()
  try {
    return run()
  } finally {
    lower()
  }
}
