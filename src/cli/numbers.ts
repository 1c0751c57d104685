import { InvalidArgumentError } from 'commander'
import { LIMITS } from '../core/limits.ts'
import { addressOf } from '../transport/address.ts'

/** A number that counts something: whole, and at least one. */
export const countOf = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('It takes a whole number from 1.')
  return n
}

/** Ticks a second. */
export const fpsOf = (text: string): number => {
  const n = countOf(text)
  if (n > LIMITS.fps_max)
    throw new InvalidArgumentError(`It takes a whole number from 1 to ${LIMITS.fps_max}.`)
  return n
}

/** How many take part. */
export const instancesOf = (text: string): number => {
  const n = countOf(text)
  if (n > LIMITS.members_max)
    throw new InvalidArgumentError(`It takes a whole number from 1 to ${LIMITS.members_max}.`)
  return n
}

/** An application's id is told to everybody who connects: it is short. */
export const appOf = (text: string): string => {
  if (text === '' || text.length > 64) throw new InvalidArgumentError('It takes 1 to 64 characters.')
  return text
}

/** Where a session is. What no transport can read is said before anything is done. */
export const urlOf = (text: string): string => {
  if (!addressOf(text, ['ws', 'wss', 'tcp', 'udp', 'http', 'https']).ok)
    throw new InvalidArgumentError('Write it as ws://, tcp:// or udp:// host:port/name.')
  return text
}

export const portOf = (text: string): number => {
  const n = Number(text)
  if (!/^\d+$/.test(text) || n > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  return n
}
