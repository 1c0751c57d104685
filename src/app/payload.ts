import { LIMITS } from '../core/limits.ts'
import { pathTo, shortened } from '../core/timeline/values.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import { SametickError } from './errors.ts'
import { FORBIDDEN_KEY, readMsgpack, writeMsgpack } from './msgpack.ts'

/**
 * Payloads are msgpack values: null, booleans, numbers, strings, Uint8Array, lists and plain objects with text as
 * keys. No payload is no bytes. A key whose value is undefined is left out, and undefined in a list becomes
 * null, both as in JSON; -0 becomes 0. A source, too, sees its own event as it was read back from its bytes.
 */

/** Deeper than this nothing is written and nothing read. */
const DEPTH_MAX = 32

/** A value as bytes of its own. Throws `payload_refused` with the path of what cannot be carried. */
export const encodePayload = (value: unknown): Uint8Array => {
  if (value === undefined) return EMPTY
  if (!canBeCarried(value, 0)) throw new SametickError('payload_refused', whyRefused(value, '', 0))
  const bytes = writeMsgpack(value)
  if (bytes.length <= LIMITS.payload_bytes_max) return bytes
  throw new SametickError('payload_too_large', `It has ${bytes.length} bytes of ${LIMITS.payload_bytes_max}.`)
}

/** What was encoded, in memory of its own; undefined if these bytes are no payload. Never throws. */
export const decodePayload = (bytes: Uint8Array): { readonly value: unknown } | undefined => {
  if (bytes.length === 0) return { value: undefined }
  if (bytes.length > LIMITS.payload_bytes_max) return undefined
  return readMsgpack(bytes, DEPTH_MAX)
}

/** Whether nothing in a value is refused: without paths, which would cost more than all the rest. */
const canBeCarried = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null)
    return typeof value !== 'function' && typeof value !== 'symbol' && typeof value !== 'bigint'
  if (value instanceof Uint8Array) return true
  if (depth >= DEPTH_MAX) return false
  if (Array.isArray(value)) return value.every((item) => canBeCarried(item, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(value))
    if (key === FORBIDDEN_KEY || !canBeCarried((value as Record<string, unknown>)[key], depth + 1))
      return false
  return true
}

/** What is refused in a value, and where; undefined if nothing is. */
const whyRefused = (value: unknown, path: string, depth: number): string | undefined => {
  const where = path === '' ? 'The payload' : shortened(path)
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return `${where} is a ${typeof value}: send its name as a string.`
    case 'bigint':
      return `${where} is a bigint: send it as a string.`
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null || value instanceof Uint8Array) return undefined
  if (depth >= DEPTH_MAX) return `${where} is more than ${DEPTH_MAX} levels deep, or contains itself.`
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const why = whyRefused(value[i], `${path}[${i}]`, depth + 1)
      if (why !== undefined) return why
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  if (prototype !== Object.prototype && prototype !== null)
    return `${where} is of the class ${prototype.constructor?.name || '(unnamed)'}: send a plain object, a list or a Uint8Array.`
  for (const [key, item] of Object.entries(value)) {
    if (key === FORBIDDEN_KEY) return `${where} has a key __proto__: use another name.`
    const why = whyRefused(item, pathTo(path, key), depth + 1)
    if (why !== undefined) return why
  }
  return undefined
}
