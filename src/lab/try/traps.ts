import { GUARDED, placeOf } from '../../deterministic/guard.ts'
import { filled, uuid } from './chance.ts'
import { localeTraps } from './locale-traps.ts'
import { insertedOtherwise, sortedOtherwise } from './sort.ts'
import type { Dimension } from './subject.ts'
import { type Make, type Trap, trapAt } from './trap.ts'

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

const sort =
  (inPlace: boolean): Make =>
  (original, machine, name) =>
  (self, args) => {
    const compare = args[0] as ((a: unknown, b: unknown) => number) | undefined
    const isView = ArrayBuffer.isView(self)
    // Without a comparator the order of a typed array is settled: it is by number.
    const isOpen = isView ? compare !== undefined : Array.isArray(self)
    if (!isOpen || !machine.differs('sort', name)) return Reflect.apply(original, self, args)
    const from = self as unknown[]
    // A list that is sorted in place has its holes at the end; a sorted copy has none.
    const sorted =
      isView && compare !== undefined
        ? insertedOtherwise([...from], compare)
        : sortedOtherwise(inPlace ? from.filter(() => true) : [...from], compare)
    if (!inPlace && !isView) return sorted
    const into = inPlace ? from : from.slice()
    for (let i = 0; i < sorted.length; i++) into[i] = sorted[i]
    if (!isView) for (let i = sorted.length; i < into.length; i++) delete into[i]
    return into
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
  ['chance', 'crypto.getRandomValues', filled],
  ['chance', 'crypto.randomUUID', (_original, machine) => () => uuid(machine)],
  ...MATH.map((path): [Dimension, string, Make] => ['math', path, lastBit]),
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

/** Of typed arrays: without a comparator their order is settled, by number. */
const viewSorts = (): Trap[] => {
  const owner = Object.getPrototypeOf(Uint8Array.prototype) as Trap['owner']
  return ['sort', 'toSorted'].flatMap((key) => {
    const value = owner[key]
    if (typeof value !== 'function') return []
    return [
      trapAt(
        { owner, key, value: value as Trap['value'] },
        'sort',
        `TypedArray.${key}`,
        sort(key === 'sort'),
      ),
    ]
  })
}

let found: readonly Trap[] | undefined

/** All traps of this machine: what it does not have needs none. */
export const traps = (): readonly Trap[] => {
  found ??= [
    ...MAKERS.flatMap(([dimension, path, make]) => {
      const place = placeOf(path)
      return place === undefined ? [] : [trapAt(place, dimension, path.replace('.prototype', ''), make)]
    }),
    ...viewSorts(),
    ...localeTraps(),
  ]
  return found
}
