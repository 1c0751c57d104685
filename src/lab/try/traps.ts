import { GUARDED, placeOf } from '../../deterministic/guard.ts'
import { filled, uuid } from './chance.ts'
import { localeTraps } from './locale-traps.ts'
import { sortedOtherwise } from './sort.ts'
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

let found: readonly Trap[] | undefined

/** All traps of this machine: what it does not have needs none. */
export const traps = (): readonly Trap[] => {
  found ??= [
    ...MAKERS.flatMap(([dimension, path, make]) => {
      const place = placeOf(path)
      return place === undefined ? [] : [trapAt(place, dimension, path.replace('.prototype', ''), make)]
    }),
    ...localeTraps(),
  ]
  return found
}
