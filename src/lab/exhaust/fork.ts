import { Mixer } from '../../core/timeline/mixer.ts'

/**
 * A machine of the core as a value: it can be copied where it stands, so that two futures can be tried from one
 * past, and told apart from every other. Nothing of it is known here but that it is made of objects, lists, Maps,
 * Sets and numbers, and that bytes are never written again.
 */

/** What no machine ever changes: it is shared by all copies, and says nothing of a state. */
const SHARED: ReadonlySet<string> = new Set(['options', 'limits'])
/** What is counted for people, and what was handed over already: no machine looks at it. */
const UNSEEN: ReadonlySet<string> = new Set(['stats', 'handed'])

export const fork = <T extends object>(machine: T): T => copyOf(machine, new Map()) as T

const copyOf = (value: unknown, copies: Map<object, object>): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>()
    copies.set(value, copy)
    for (const [key, item] of value) copy.set(copyOf(key, copies), copyOf(item, copies))
    return copy
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>()
    copies.set(value, copy)
    for (const item of value) copy.add(copyOf(item, copies))
    return copy
  }
  if (value instanceof Float64Array) {
    const copy = value.slice()
    copies.set(value, copy)
    return copy
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    copies.set(value, copy)
    for (const item of value) copy.push(copyOf(item, copies))
    return copy
  }
  const copy = Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>
  copies.set(value, copy)
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    copy[key] = typeof item !== 'object' || SHARED.has(key) ? item : copyOf(item, copies)
  }
  return copy
}

const mixer = new Mixer()
const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

/** A number of 53 bits that two machines share only if they will do the same from here on. */
export const fingerprint = (machine: object): number => {
  mixer.start()
  mix(machine, new Map())
  return mixer.end()
}

const TEXT = 1
const NUMBER = 2
const LIST = 3
const OBJECT = 4
const BYTES = 5
const AGAIN = 6
const PLAIN = 7

const mix = (value: unknown, met: Map<object, number>): void => {
  switch (typeof value) {
    case 'number':
      float[0] = value
      return mixer.three(NUMBER, halves[0] as number, halves[1] as number)
    case 'string':
      mixer.two(TEXT, value.length)
      return mixer.text(value)
    case 'object':
      return value === null ? mixer.two(PLAIN, 2) : mixObject(value, met)
    default:
      return mixer.two(PLAIN, value === undefined ? 3 : value === true ? 1 : 0)
  }
}

const mixObject = (value: object, met: Map<object, number>): void => {
  if (value instanceof Uint8Array) {
    mixer.two(BYTES, value.length)
    return mixer.bytes(value)
  }
  const at = met.get(value)
  if (at !== undefined) return mixer.two(AGAIN, at)
  met.set(value, met.size)
  if (value instanceof Map) {
    mixer.two(LIST, value.size)
    for (const [key, item] of value) {
      mix(key, met)
      mix(item, met)
    }
  } else if (value instanceof Set || Array.isArray(value) || value instanceof Float64Array) {
    mixer.two(LIST, value instanceof Set ? value.size : value.length)
    for (const item of value) mix(item, met)
  } else {
    mixer.word(OBJECT)
    for (const key of Object.keys(value))
      if (!SHARED.has(key) && !UNSEEN.has(key)) mix((value as Record<string, unknown>)[key], met)
  }
}

/** Of several numbers, in their order. */
export const mixed = (numbers: readonly number[]): number => {
  mixer.start()
  for (const number of numbers) {
    float[0] = number
    mixer.two(halves[0] as number, halves[1] as number)
  }
  return mixer.end()
}

export const bytesPrint = (bytes: Uint8Array): number => {
  mixer.start()
  mixer.bytes(bytes)
  return mixer.end()
}
