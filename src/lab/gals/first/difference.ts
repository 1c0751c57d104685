import type { InstanceId, Tick } from '../../../core/timeline/tick.ts'
import type { FirstClient } from './client.ts'
import type { FirstEvent } from './rules.ts'

/** What all instances of a session have shown. */
interface Shown {
  readonly clients: readonly FirstClient[]
  readonly stamped: readonly FirstEvent[]
  readonly fps: number
}

/**
 * P1 on what all instances have come past: every event in the same tick everywhere. All show the events in the
 * order of their rounds, so their ticks are enough. A sentence about the first event that is not, if there is one.
 */
export const differenceIn = ({ clients, stamped, fps }: Shown): string | undefined => {
  const common = clients.reduce((least, { next }) => Math.min(least, next), Number.POSITIVE_INFINITY) - 1
  for (let n = 0; n < stamped.length; n++) {
    const ticks = clients.map(({ shown }) => shown[n] ?? LATER)
    const first = Math.min(...ticks)
    if (first > common) return undefined
    if (ticks.every((tick) => tick === first)) continue
    const { source, stamp } = stamped[n] as FirstEvent
    const whole = Math.ceil((stamp * fps) / 1_000_000)
    return `P1: event #${n + 1} of instance ${source}, stamped for tick ${whole}, came ${whoAndWhen(ticks)}`
  }
  return undefined
}

const LATER: Tick = Number.POSITIVE_INFINITY

/** "at tick 12 in instance 3, at tick 11 in 99 others": the fewest first. */
const whoAndWhen = (ticks: readonly Tick[]): string => {
  const groups = new Map<Tick, InstanceId[]>()
  ticks.forEach((tick, i) => {
    groups.set(tick, [...(groups.get(tick) ?? []), i + 1])
  })
  return [...groups]
    .sort(([, a], [, b]) => a.length - b.length)
    .map(([tick, ids]) => `${tick === LATER ? 'not yet' : `at tick ${tick}`} in ${named(ids)}`)
    .join(', ')
}

const NAMED_MAX = 3

const named = (ids: readonly InstanceId[]): string => {
  if (ids.length === 1) return `instance ${ids[0]}`
  if (ids.length <= NAMED_MAX) return `instances ${ids.join(', ')}`
  return `${ids.length} others`
}
