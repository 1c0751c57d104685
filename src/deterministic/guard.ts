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

/**
 * What is guarded: the path of a function from the global object, and what to use in its place. What a function
 * has of its own comes before it, and is found at the function itself.
 */
export const GUARDED: Readonly<Record<string, string>> = {
  'Math.random': CHANCE,
  'crypto.getRandomValues': CHANCE,
  'crypto.randomUUID': CHANCE,
  'Date.now': TIME,
  'Date.parse': 'it depends on the time zone of the machine. Keep a number of milliseconds.',
  Date: TIME,
  'performance.now': TIME,
  'process.hrtime.bigint': TIME,
  'process.hrtime': TIME,
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

/** A function of the machine's where it is kept, and where another can take its place. */
export interface Place {
  /** The object that has the property itself. */
  readonly owner: Record<string, unknown>
  readonly key: string
  readonly value: (...args: never[]) => unknown
}

/** The object that a path from the global object leads to, if there is one. */
const objectAt = (names: readonly string[]): unknown => {
  let object: unknown = globalThis
  for (const name of names) object = (object as Record<string, unknown> | undefined)?.[name]
  return object
}

const placeIn = (base: unknown, key: string): Place | undefined => {
  let owner = base
  while (owner && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner)
  if (!owner) return undefined
  const property = Object.getOwnPropertyDescriptor(owner, key)
  if (!property?.writable || typeof property.value !== 'function') return undefined
  return { owner: owner as Place['owner'], key, value: property.value as Place['value'] }
}

/** Where a path from the global object leads to; undefined where there is no such thing. */
export const placeOf = (path: string): Place | undefined => {
  const names = path.split('.')
  const key = names.pop() as string
  return placeIn(objectAt(names), key)
}

/** A function that is another one while the guard is up. */
class Trap {
  private readonly key: string
  private readonly refuse: () => never
  private base: unknown
  private place: Place | undefined
  private trap: unknown

  constructor(path: string, instead: string) {
    this.key = path.slice(path.lastIndexOf('.') + 1)
    this.refuse = () => {
      throw new NotDeterministic(path.replace('.prototype', ''), instead)
    }
  }

  set(base: unknown): void {
    if (this.isElsewhere(base)) this.find(base)
    this.put(this.trap)
  }

  lift(): void {
    this.put(this.place?.value)
  }

  private put(value: unknown): void {
    try {
      if (this.place) this.place.owner[this.key] = value
    } catch {
      // The program has frozen it since it was found: it stays as it is, and the others have their turn.
    }
  }

  /** What mocks time, for instance, puts something else in a function's place, and takes it away again. */
  private isElsewhere(base: unknown): boolean {
    const { place, key } = this
    if (base !== this.base) return true
    // Where there is no such object there may be null as well.
    if (place === undefined) return key in Object(base)
    return place.owner[key] !== place.value || (base !== place.owner && Object.hasOwn(base as object, key))
  }

  private find(base: unknown): void {
    const { refuse } = this
    this.base = base
    this.place = placeIn(base, this.key)
    this.trap = this.place && new Proxy(this.place.value, { apply: refuse, construct: refuse })
  }
}

/** The traps of one object, and the names that lead to it. */
interface Group {
  readonly names: readonly string[]
  readonly traps: Trap[]
}

const groupsOf = (guarded: Readonly<Record<string, string>>): Group[] => {
  const groups = new Map<string, Group>()
  for (const [path, instead] of Object.entries(guarded)) {
    const names = path.split('.').slice(0, -1)
    const group = groups.get(names.join('.')) ?? { names, traps: [] }
    groups.set(names.join('.'), group)
    group.traps.push(new Trap(path, instead))
  }
  return [...groups.values()]
}

let groups: Group[] | undefined
let depth = 0

/** Put the guard up; a step within a step changes nothing. */
const raise = (): void => {
  if (depth++ > 0) return
  groups ??= groupsOf(GUARDED)
  for (const { names, traps } of groups) {
    const base = objectAt(names)
    for (const trap of traps) trap.set(base)
  }
}

/** Take it down again: everything is as it was before. */
const lower = (): void => {
  if (depth === 0 || --depth > 0) return
  for (const { traps } of groups ?? []) for (const trap of traps) trap.lift()
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
