import type { Machine } from './machine.ts'
import type { Make } from './trap.ts'

/** Bytes of chance as one machine has them. */
export const bytesOf = (machine: Machine, into: Uint8Array): Uint8Array => {
  for (let i = 0; i < into.length; i++) into[i] = machine.random.below(256)
  return into
}

export const uuid = (machine: Machine): string => {
  const hex = [...bytesOf(machine, new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** An array of numbers that is filled with chance. */
export const filled: Make =
  (_original, machine) =>
  (_self, [array]) => {
    const { buffer, byteOffset, byteLength } = array as Uint8Array
    bytesOf(machine, new Uint8Array(buffer, byteOffset, byteLength))
    return array
  }
