import { bytesOf, filled, uuid } from './chance.ts'
import { machineNow } from './machine.ts'
import { type Fn, isTrapped, type Make, type Standing, type Trap, trapAt } from './trap.ts'

interface Process {
  getBuiltinModule?(name: string): unknown
}

const INT_MAX = 2 ** 48

/** Whole numbers below a limit, of six bytes. */
const below = (bytes: Uint8Array, limit: number): number =>
  bytes.reduce((sum, byte) => 256 * sum + byte, 0) % limit

/** An answer at once, or through a callback, as `node:crypto` has it. */
const answered = (value: unknown, callback: unknown, later: (call: () => unknown) => void): unknown => {
  if (typeof callback !== 'function') return value
  later(() => (callback as (error: null, value: unknown) => unknown)(null, value))
  return undefined
}

const MAKERS: Readonly<Record<string, Make>> = {
  randomUUID: (_original, machine) => () => uuid(machine),
  getRandomValues: filled,
  randomFillSync: filled,
  randomBytes:
    (_original, machine) =>
    (_self, [size, callback]) =>
      answered(Buffer.from(bytesOf(machine, new Uint8Array(Number(size)))), callback, (call) =>
        machine.later(call, 0, false),
      ),
  randomInt: (_original, machine) => (_self, args) => {
    const numbers = args.filter((each) => typeof each === 'number') as number[]
    const [low, high] = numbers.length > 1 ? (numbers as [number, number]) : [0, numbers[0] ?? INT_MAX]
    const value = low + below(bytesOf(machine, new Uint8Array(6)), Math.max(1, high - low))
    return answered(value, args.at(-1), (call) => machine.later(call, 0, false))
  },
}

type Later = (call: () => unknown, ms: number, every: boolean) => number

/** Timers by their own names, which are those of a step only: whoever loads modules has timers of its own. */
const TIMERS: Readonly<Record<string, Readonly<Record<string, (later: Later, args: unknown[]) => unknown>>>> =
  {
    'node:timers': {
      setTimeout: (later, [call, ms, ...rest]) => later(calling(call, rest), Number(ms ?? 0), false),
      setInterval: (later, [call, ms, ...rest]) => later(calling(call, rest), Number(ms ?? 0), true),
      setImmediate: (later, [call, ...rest]) => later(calling(call, rest), 0, false),
    },
    'node:timers/promises': {
      setTimeout: (later, [ms, value]) =>
        new Promise((resolve) => later(() => resolve(value), Number(ms ?? 0), false)),
      setImmediate: (later, [value]) => new Promise((resolve) => later(() => resolve(value), 0, false)),
    },
  }

const calling = (call: unknown, args: readonly unknown[]) => (): unknown =>
  (call as (...args: readonly unknown[]) => unknown)(...args)

const timerTraps = (moduleOf: (name: string) => Record<string, unknown> | undefined): Standing[] =>
  Object.entries(TIMERS).flatMap(([module, makers]) => {
    const owner = moduleOf(module)
    return Object.entries(makers).flatMap(([key, make]) => {
      const value = owner?.[key]
      if (owner === undefined || typeof value !== 'function') return []
      const stand = new Proxy(value as Fn, {
        apply: function trap(original, self: unknown, args: unknown[]): unknown {
          const machine = machineNow()?.loads === false ? isTrapped('later', key, trap) : undefined
          if (machine === undefined) return Reflect.apply(original, self, args as never)
          return make((...put) => machine.later(...put), args)
        },
      })
      return [{ owner, key, value: value as Trap['value'], stand }]
    })
  })

let found: { readonly all: readonly Standing[]; sync(): void } | undefined

/** Traps in Node's own modules of chance and of timers, if this is Node; `sync` shows them to those who import them by name. */
export const nodeTraps = (): NonNullable<typeof found> => {
  if (found !== undefined) return found
  const { process } = globalThis as { process?: Process }
  const moduleOf = (name: string): Record<string, unknown> | undefined =>
    process?.getBuiltinModule?.(name) as Record<string, unknown> | undefined
  const crypto = moduleOf('node:crypto')
  const modules = moduleOf('node:module') as { syncBuiltinESMExports(): void } | undefined
  if (crypto === undefined || modules === undefined) found = { all: [], sync: () => undefined }
  else {
    const all = Object.entries(MAKERS).flatMap(([key, make]) => {
      const value = crypto[key]
      if (typeof value !== 'function' || !Object.getOwnPropertyDescriptor(crypto, key)?.writable) return []
      return [trapAt({ owner: crypto, key, value: value as Trap['value'] }, 'chance', `crypto.${key}`, make)]
    })
    found = { all: [...all, ...timerTraps(moduleOf)], sync: () => modules.syncBuiltinESMExports() }
  }
  return found
}
