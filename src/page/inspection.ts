import type { Input } from '../core/timeline/event.ts'
import type { Tick } from '../core/timeline/tick.ts'
import type { SideName } from './agreement.ts'
import type { PageSession } from './session.ts'

/** An event as an instance got it. */
export interface Happened {
  readonly tick: Tick
  readonly id: number
  readonly source: number
  readonly number: number
}

/** What a program may ask the page, under `window.sametickDemo`. */
export interface Inspection {
  readonly session: string
  readonly discipline: string
  readonly isRunning: boolean
  readonly compared: number
  readonly equal: number
  readonly differing: number
  readonly firstDifference: Tick | undefined
  /** The last events of each instance. */
  readonly events: Readonly<Record<SideName, readonly Happened[]>>
  /** The last event that an instance emitted; 0 before the first. */
  emitted(side: SideName): { readonly source: number; readonly number: number }
  /** The last tick that an instance has run. */
  local(side: SideName): Tick
  /** A number that stands for every input up to a tick; undefined if it is too long ago or still to come. */
  chain(side: SideName, tick: Tick): number | undefined
  /** How far the copies without Sametick are apart, and were at most, in px. */
  readonly apart: { readonly now: number; readonly most: number }
}

const KEPT = 200

/** Makes the page answer, and hears what it will be asked about. */
export const inspect = (
  of: () => { readonly session: PageSession; readonly discipline: string },
): {
  happened(side: SideName, input: Input): void
  note(apart: number): void
  restart(): void
} => {
  let events: Record<SideName, Happened[]> = { A: [], B: [] }
  let apart = { now: 0, most: 0 }
  const inspection: Inspection = {
    get session() {
      return of().session.name
    },
    get discipline() {
      return of().discipline
    },
    get isRunning() {
      return of().session.isRunning
    },
    get compared() {
      return of().session.agreement.compared
    },
    get equal() {
      return of().session.agreement.equal
    },
    get differing() {
      return of().session.agreement.differing
    },
    get firstDifference() {
      return of().session.agreement.firstDifference
    },
    get events() {
      return events
    },
    emitted: (side) => {
      const instance = of().session.instances?.[side]
      return { source: instance?.id ?? 0, number: instance?.lastNumber ?? 0 }
    },
    local: (side) => of().session.instances?.[side].recent.last ?? -1,
    chain: (side, tick) => of().session.instances?.[side].recent.at(tick)?.chain,
    get apart() {
      return apart
    },
  }
  Object.assign(window, { sametickDemo: inspection })
  return {
    happened: (side, { tick, id, source, number }) => {
      events[side].push({ tick, id, source, number })
      if (events[side].length > KEPT) events[side].shift()
    },
    note: (distance) => {
      apart = { now: distance, most: Math.max(apart.most, distance) }
    },
    restart: () => {
      events = { A: [], B: [] }
      apart = { now: 0, most: 0 }
    },
  }
}
