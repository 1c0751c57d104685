import { decodePayload, encodePayload } from '../app/payload.ts'
import { EMPTY } from '../core/wire/bytes.ts'

/** What an event carries in the first protocol. */
export type Triple = readonly [number, number, number]

const ZEROS: Triple = [0, 0, 0]

const isInt32 = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value

/**
 * Three numbers as a payload that every other program reads as a list of three: three zeros are no payload at all,
 * as where none was given.
 */
export const payloadOf = (triple: Triple): Uint8Array =>
  triple.every((n) => n === 0) ? EMPTY : encodePayload(triple)

/** A payload as three numbers: a number is the first of them, a list gives up to three, all else is zeros. */
export const tripleOf = (payload: Uint8Array): Triple => {
  const value = decodePayload(payload)?.value
  if (isInt32(value)) return [value, 0, 0]
  if (!Array.isArray(value) || value.length > 3 || !value.every(isInt32)) return ZEROS
  const [a = 0, b = 0, c = 0] = value
  return [a, b, c]
}
