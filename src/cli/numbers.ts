import { InvalidArgumentError } from 'commander'

/** A number that counts something: whole, and at least one. */
export const countOf = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError('It takes a whole number from 1.')
  return n
}

export const portOf = (text: string): number => {
  const n = Number(text)
  if (!/^\d+$/.test(text) || n > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  return n
}
