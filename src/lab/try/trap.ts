import type { Place } from '../../deterministic/guard.ts'
import { type Machine, machineNow } from './machine.ts'
import type { Dimension } from './subject.ts'

/** A function of the machine's where it is kept, and what stands there in its place. */
export interface Standing extends Place {
  readonly stand: unknown
}

export interface Trap extends Standing {
  readonly dimension: Dimension
}

export type Fn = (this: unknown, ...args: never[]) => unknown
export type Make = (
  original: Fn,
  machine: Machine,
  name: string,
) => (self: unknown, args: unknown[]) => unknown

/** Whether a call is this machine's to answer, which is noted; the original answers all others. */
export const isTrapped = (dimension: Dimension, name: string, above: object): Machine | undefined => {
  const now = machineNow()
  if (now === undefined) return undefined
  const { machine, loads } = now
  if (loads) return machine.loads(dimension, name, above) ? machine : undefined
  machine.noted(dimension, name, above)
  return machine
}

/** A function that asks the machine of whoever calls it. It has all that the original has beside. */
export const trapAt = (place: Place, dimension: Dimension, name: string, make: Make): Trap => {
  const original = place.value as Fn
  const stand = new Proxy(place.value, {
    apply: function trap(_target, self: unknown, args: unknown[]): unknown {
      const machine = isTrapped(dimension, name, trap)
      if (machine === undefined) return Reflect.apply(original, self, args)
      return make(original, machine, name)(self, args)
    },
  })
  return { ...place, dimension, stand }
}
