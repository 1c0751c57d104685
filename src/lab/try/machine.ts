import type { Random } from '../../core/random.ts'
import type { Tick } from '../../core/timeline/tick.ts'
import type { Dimension } from './subject.ts'

/** A step that runs. */
export interface Stepping {
  /** `tick`, `on.steer`, `the check of steer`. */
  readonly handler: string
  readonly tick: Tick
}

/** What traps see of the machine that one instance believes to run on. */
export interface Machine extends Stepping {
  differs(dimension: Dimension, name: string): boolean
  /** Milliseconds since 1970, on this machine's clock. */
  clock(): number
  readonly random: Random
  /** Tells its machines apart; the last bits of functions follow from it. */
  readonly salt: number
  later(call: () => unknown, ms: number, every: boolean): number
  never(handle: number): void
  noted(dimension: Dimension, name: string, trap: object): void
  /** While its program is loaded: whether its own modules call, and nobody else. Says where, and notes it. */
  loads(dimension: Dimension, name: string, trap: object): boolean
}

let stepping: Machine | undefined
let told: ((step: Stepping | undefined) => void) | undefined
/** Programs are loaded over many turns, and another may be begun meanwhile. */
const loading: Machine[] = []

/** The machine on which a step runs at the moment, or whose program is being loaded. */
export const machineNow = (): { readonly machine: Machine; readonly loads: boolean } | undefined => {
  if (stepping !== undefined) return { machine: stepping, loads: false }
  const machine = loading.at(-1)
  return machine && { machine, loads: true }
}

/** Somebody wants to know which step runs, and when none does any more. */
export const whenStepping = (tell: typeof told): void => {
  told = tell
}

/** A step runs on this machine; undefined: on none. Gives the one before. */
export const stepOn = (machine: Machine | undefined): Machine | undefined => {
  const before = stepping
  stepping = machine
  told?.(machine)
  return before
}

export const loadOn = async <T>(machine: Machine, load: () => Promise<T>): Promise<T> => {
  loading.push(machine)
  try {
    return await load()
  } finally {
    loading.splice(loading.lastIndexOf(machine), 1)
  }
}
