import type { Random } from '../../core/random.ts'
import { GUARDED, type Place, placeOf } from '../../deterministic/guard.ts'
import { sortedOtherwise } from './sort.ts'
import type { Dimension } from './subject.ts'

/** What traps see of the machine that one instance believes to run on. */
export interface Machine {
  differs(dimension: Dimension, name: string): boolean
  /** Milliseconds since 1970, on this machine's clock. */
  clock(): number
  readonly random: Random
  /** Tells its machines apart; the last bits of functions follow from it. */
  readonly salt: number
  later(call: () => unknown, ms: number, every: boolean): number
  never(handle: number): void
  noted(dimension: Dimension, name: string, trap: object): void
}

/** A function of the machine's, and what an instance meets in its place. */
export interface Trap extends Place {
  readonly path: string
  readonly dimension: Dimension
  /** The function that stands there while a step of this machine's instance runs. */
  readonly of: (machine: Machine) => unknown
}

type Fn = (this: unknown, ...args: never[]) => unknown
type Make = (original: Fn, machine: Machine, name: string) => (self: unknown, args: unknown[]) => unknown

const MATH = Object.keys(GUARDED).filter((path) => path.startsWith('Math.') && path !== 'Math.random')

/** What a function gives, or its neighbour: half of all results, chosen by the machine. Whole ones are exact. */
const lastBit: Make = (original, machine, name) => (self, args) => {
  const exact = Reflect.apply(original, self, args) as number
  if (!Number.isFinite(exact) || Number.isInteger(exact) || !machine.differs('math', name)) return exact
  float[0] = exact
  const mixed = Math.imul((words[0] as number) ^ Math.imul(machine.salt, 0x9e3779b1), 0x85ebca6b)
  if ((mixed >>> 16) & 1) words64[0] = (words64[0] as bigint) + 1n
  return float[0]
}
const float = new Float64Array(1)
const words = new Uint32Array(float.buffer)
const words64 = new BigUint64Array(float.buffer)

const OTHER_LOCALE = 'et'
const localeOf = (machine: Machine, name: string): string =>
  machine.differs('locale', name) ? OTHER_LOCALE : 'en'

/** Where no language is named, that of the machine is taken. `at`: which argument names it. */
const inLocale =
  (at: number): Make =>
  (original, machine, name) =>
  (self, args) => {
    const given = args.slice()
    given[at] ??= localeOf(machine, name)
    return Reflect.apply(original, self, given)
  }

const ZONE = 5.5 * 3_600_000
const zoned =
  (utc: string): Make =>
  (_original, machine, name) =>
  (self) => {
    const shift = machine.differs('locale', name) ? ZONE : 0
    const { value: make } = placeOf('Date') as Place
    const moved = Reflect.construct(make, [Number(self) + shift]) as Record<string, () => number>
    return (moved[utc] as () => number)()
  }

const LOCAL_PARTS = ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes']

const sort =
  (inPlace: boolean): Make =>
  (original, machine, name) =>
  (self, args) => {
    if (!machine.differs('sort', name) || !Array.isArray(self)) return Reflect.apply(original, self, args)
    const sorted = sortedOtherwise(self, args[0] as ((a: unknown, b: unknown) => number) | undefined)
    if (!inPlace) return sorted
    for (let i = 0; i < sorted.length; i++) self[i] = sorted[i]
    return self
  }

const timer =
  (every: boolean): Make =>
  (_original, machine) =>
  (_self, [call, ms = 0, ...rest]) =>
    machine.later(() => (call as (...args: unknown[]) => unknown)(...rest), Number(ms), every)

const soon: Make =
  (_original, machine) =>
  (_self, [call, ...rest]) =>
    machine.later(() => (call as (...args: unknown[]) => unknown)(...rest), 0, false)

const cancel: Make =
  (_original, machine) =>
  (_self, [handle]) =>
    machine.never(handle as number)

const bytesOf = (machine: Machine, into: Uint8Array): Uint8Array => {
  for (let i = 0; i < into.length; i++) into[i] = machine.random.below(256)
  return into
}

const uuid = (machine: Machine): string => {
  const hex = [...bytesOf(machine, new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

const clockOf =
  (from: (ms: number) => unknown): Make =>
  (_original, machine) =>
  () =>
    from(machine.clock())

const NANOS = 1_000_000

/** Everything by which two machines may give a step something else. */
const MAKERS: readonly (readonly [Dimension, string, Make])[] = [
  ['clock', 'Date.now', clockOf((ms) => ms)],
  ['clock', 'performance.now', clockOf((ms) => ms % 1e8)],
  ['clock', 'process.uptime', clockOf((ms) => (ms % 1e8) / 1000)],
  ['clock', 'process.hrtime', clockOf((ms) => [Math.floor(ms / 1000), (ms % 1000) * NANOS])],
  ['clock', 'process.hrtime.bigint', clockOf((ms) => BigInt(ms) * BigInt(NANOS))],
  ['chance', 'Math.random', (_original, machine) => () => machine.random.unit()],
  [
    'chance',
    'crypto.getRandomValues',
    (_original, machine) =>
      (_self, [array]) => {
        const { buffer, byteOffset, byteLength } = array as Uint8Array
        bytesOf(machine, new Uint8Array(buffer, byteOffset, byteLength))
        return array
      },
  ],
  ['chance', 'crypto.randomUUID', (_original, machine) => () => uuid(machine)],
  ...MATH.map((path): [Dimension, string, Make] => ['math', path, lastBit]),
  ['locale', 'String.prototype.localeCompare', inLocale(1)],
  ['locale', 'String.prototype.toLocaleLowerCase', inLocale(0)],
  ['locale', 'String.prototype.toLocaleUpperCase', inLocale(0)],
  ['locale', 'Number.prototype.toLocaleString', inLocale(0)],
  ['locale', 'Array.prototype.toLocaleString', inLocale(0)],
  ...LOCAL_PARTS.map((part): [Dimension, string, Make] => [
    'locale',
    `Date.prototype.get${part}`,
    zoned(`getUTC${part}`),
  ]),
  ['sort', 'Array.prototype.sort', sort(true)],
  ['sort', 'Array.prototype.toSorted', sort(false)],
  ['later', 'setTimeout', timer(false)],
  ['later', 'setInterval', timer(true)],
  ['later', 'setImmediate', soon],
  ['later', 'queueMicrotask', soon],
  ['later', 'process.nextTick', soon],
  ['later', 'requestAnimationFrame', soon],
  ['later', 'clearTimeout', cancel],
  ['later', 'clearInterval', cancel],
  ['later', 'fetch', () => () => new Promise(() => undefined)],
]

const trapOf = ([dimension, path, make]: (typeof MAKERS)[number]): Trap[] => {
  const place = placeOf(path)
  if (place === undefined) return []
  const name = path.replace('.prototype', '')
  const of = (machine: Machine): unknown => {
    const instead = make(place.value as Fn, machine, name)
    return function trap(this: unknown, ...args: unknown[]): unknown {
      machine.noted(dimension, name, trap)
      return instead(this, args)
    }
  }
  return [{ ...place, path, dimension, of }]
}

/** `new Date()` is a class of its own: only that without arguments asks for the time. */
const dateTrap = (): Trap[] => {
  const place = placeOf('Date')
  if (place === undefined) return []
  const of = (machine: Machine): unknown =>
    new Proxy(place.value, {
      construct(target, args: unknown[], newTarget) {
        if (args.length > 0) return Reflect.construct(target, args, newTarget) as object
        machine.noted('clock', 'new Date', this.construct as object)
        return Reflect.construct(target, [machine.clock()], newTarget) as object
      },
      apply(target) {
        machine.noted('clock', 'Date', this.apply as object)
        return String(Reflect.construct(target, [machine.clock()]))
      },
    })
  return [{ ...place, path: 'Date', dimension: 'clock', of }]
}

/** `Intl` formats in the language of the machine where none is named. */
const intlTraps = (): Trap[] =>
  ['Collator', 'NumberFormat', 'DateTimeFormat', 'PluralRules', 'ListFormat'].flatMap((kind) => {
    const place = placeOf(`Intl.${kind}`)
    if (place === undefined) return []
    const name = `Intl.${kind}`
    const of = (machine: Machine): unknown =>
      new Proxy(place.value, {
        construct(target, [locale, ...rest]: unknown[], newTarget) {
          machine.noted('locale', name, this.construct as object)
          return Reflect.construct(target, [locale ?? localeOf(machine, name), ...rest], newTarget) as object
        },
      })
    return [{ ...place, path: name, dimension: 'locale' as const, of }]
  })

let found: Trap[] | undefined

/** All traps of this machine: what it does not have needs none. */
export const traps = (): readonly Trap[] => {
  found ??= [...MAKERS.flatMap(trapOf), ...dateTrap(), ...intlTraps()]
  return found
}
