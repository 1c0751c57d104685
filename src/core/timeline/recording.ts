import type { Input } from './event.ts'
import { RESERVED } from './event.ts'
import { nowAt } from './tick.ts'

/**
 * A timeline as text that people read and programs compare: a line for the session, then a line for every
 * input in its order. The same timeline gives the same lines, whoever wrote them.
 */

export const headOf = (app: string, fps: number): string => `sametick 1 ${JSON.stringify(app)} ${fps}`

export const hex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

const nameOf = (id: number): string => {
  for (const [name, value] of Object.entries(RESERVED)) if (value === id) return name
  return `event ${id}`
}

/** `120 tick`, `120 event 7 of 2.31 0a0b`, `0 join of 0.1 0100`. */
export const lineOf = ({ tick, id, source, number, payload }: Input): string => {
  if (id === 0) return `${tick} tick`
  const bytes = payload.length > 0 ? ` ${hex(payload)}` : ''
  return `${tick} ${nameOf(id)} of ${source}.${number}${bytes}`
}

/** Where two recordings part, or how much they share. */
export type Comparison =
  | {
      readonly kind: 'identical'
      readonly inputs: number
      readonly lastTick: number
      readonly longer?: 'a' | 'b'
    }
  | {
      readonly kind: 'differs'
      readonly tick: number
      readonly ms: number
      readonly a: string
      readonly b: string
    }
  | { readonly kind: 'unreadable'; readonly which: 'a' | 'b'; readonly line: number; readonly text: string }
  | { readonly kind: 'other'; readonly a: string; readonly b: string }

const HEAD = /^sametick 1 ("(?:[^"\\]|\\.)*") (\d+)$/
const LINE = /^(\d+) (?:tick|(?:event \d+|[a-z]+) of \d+\.\d+(?: [0-9a-f]+)?)$/

/** Compare two recordings line by line. One may go on for longer than the other. */
export const compare = (a: readonly string[], b: readonly string[]): Comparison => {
  const [headA = '', headB = ''] = [a[0], b[0]]
  const fps = HEAD.exec(headA)?.[2]
  if (fps === undefined) return { kind: 'unreadable', which: 'a', line: 1, text: headA }
  if (!HEAD.test(headB)) return { kind: 'unreadable', which: 'b', line: 1, text: headB }
  if (headA !== headB) return { kind: 'other', a: headA, b: headB }
  const [endA, endB] = [lengthOf(a), lengthOf(b)]
  let lastTick = -1
  for (let i = 1; i < Math.min(endA, endB); i++) {
    const [lineA, lineB] = [a[i] as string, b[i] as string]
    const [tickA, tickB] = [LINE.exec(lineA)?.[1], LINE.exec(lineB)?.[1]]
    if (tickA === undefined) return { kind: 'unreadable', which: 'a', line: i + 1, text: lineA }
    if (tickB === undefined) return { kind: 'unreadable', which: 'b', line: i + 1, text: lineB }
    const tick = Math.min(Number(tickA), Number(tickB))
    if (lineA !== lineB) return { kind: 'differs', tick, ms: nowAt(tick, Number(fps)), a: lineA, b: lineB }
    lastTick = tick
  }
  const shared = { kind: 'identical' as const, inputs: Math.min(endA, endB) - 1, lastTick }
  return endA === endB ? shared : { ...shared, longer: endA > endB ? 'a' : 'b' }
}

/** Without the empty line that a file ends with. */
const lengthOf = (lines: readonly string[]): number =>
  lines.length > 0 && lines[lines.length - 1] === '' ? lines.length - 1 : lines.length
