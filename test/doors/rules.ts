/**
 * The application that all doors run, in whole numbers of 32 bits so that any language can: the paper's rectangle,
 * a counter of events, and a hash of all that they carried. Every door has these rules once more, in its own
 * language; what they come to is compared at every tick.
 */
export const APP = 'doors@1'

export interface State {
  x: number
  y: number
  vx: number
  vy: number
  /** How many events there were. */
  n: number
  /** All that they were and carried. */
  h: number
}

export const start = (): State => ({ x: 10, y: 10, vx: 0, vy: 0, n: 0, h: 0 })

/** Events: 1 left, 2 right, 3 up, 4 down, 5 stop. */
const V = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [0, 0],
] as const
export const EVENTS = V.length

/** `p` is the first of the three numbers of the payload, 1 to 127. */
export const on = (s: State, evt: number, p: number): void => {
  ;[s.vx, s.vy] = V[(evt - 1) % EVENTS] as readonly [number, number]
  s.n = (s.n + 1) | 0
  s.h = (Math.imul(s.h, 31) + Math.imul(evt, 7) + p) | 0
}

export const tick = (s: State): void => {
  s.x = (s.x + 5 * s.vx) | 0
  s.y = (s.y + 5 * s.vy) | 0
}

/** FNV-1a over the six numbers, as eight hexadecimal digits. */
export const digestOf = ({ x, y, vx, vy, n, h }: State): string => {
  let d = 0x811c_9dc5
  for (const word of [x, y, vx, vy, n, h]) d = Math.imul(d ^ word, 0x0100_0193)
  return (d >>> 0).toString(16).padStart(8, '0')
}

/** Chance of its own for each instance, as simple as can be: it decides what is emitted, and nothing else. */
export class Chance {
  private state: number

  constructor(seed: number) {
    this.state = (Math.imul(seed, 0x9e37_79b1) ^ 0x5bd1_e995) >>> 0 || 1
  }

  /** From 0 to `n` - 1. */
  below(n: number): number {
    let s = this.state
    s ^= s << 13
    s ^= s >>> 17
    s ^= s << 5
    this.state = s >>> 0
    return this.state % n
  }

  /** What to emit in this tick, once in about twenty. */
  event(): { evt: number; p: number } | undefined {
    if (this.below(20) > 0) return undefined
    return { evt: 1 + this.below(EVENTS), p: 1 + this.below(127) }
  }
}
