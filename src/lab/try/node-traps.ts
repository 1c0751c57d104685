import { bytesOf, filled, uuid } from './chance.ts'
import { type Make, type Trap, trapAt } from './trap.ts'

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

let found: { readonly all: readonly Trap[]; sync(): void } | undefined

/** Traps in Node's own module of chance, if this is Node; `sync` shows them to those who import them by name. */
export const nodeTraps = (): NonNullable<typeof found> => {
  if (found !== undefined) return found
  const { process } = globalThis as { process?: Process }
  const crypto = process?.getBuiltinModule?.('node:crypto') as Record<string, unknown> | undefined
  const modules = process?.getBuiltinModule?.('node:module') as { syncBuiltinESMExports(): void } | undefined
  if (crypto === undefined || modules === undefined) found = { all: [], sync: () => undefined }
  else {
    const all = Object.entries(MAKERS).flatMap(([key, make]) => {
      const value = crypto[key]
      if (typeof value !== 'function' || !Object.getOwnPropertyDescriptor(crypto, key)?.writable) return []
      return [trapAt({ owner: crypto, key, value: value as Trap['value'] }, 'chance', `crypto.${key}`, make)]
    })
    found = { all, sync: () => modules.syncBuiltinESMExports() }
  }
  return found
}
