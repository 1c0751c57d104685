import { Random } from '../../../core/random.ts'
import { SECOND, type Tick, tickFrom } from '../../../core/timeline/tick.ts'
import { experimentNetwork } from '../../networks.ts'
import type { Cell, CellResult } from '../cell.ts'
import { Emits } from '../emits.ts'
import { Metrics } from '../metrics.ts'
import { differenceIn } from './difference.ts'
import { type FirstEvent, HEARTBEAT_ID } from './rules.ts'
import { FirstSession } from './session.ts'

export interface FirstRunOptions {
  /** Virtual seconds from the start of the session. */
  readonly seconds: number
  readonly seed: number
}

/**
 * One run of one cell of the experiment, by the rules of the first implementation and with its way of counting:
 * latency up to the tick in which the emitter showed the event, and of the compensation what was asked for.
 */
export const runFirst = (cell: Cell, { seconds, seed }: FirstRunOptions): CellResult => {
  const oracle = new Random(seed, ORACLE)
  const limits = new Map<FirstEvent, Tick>()
  const session: FirstSession = new FirstSession({
    fps: cell.fps,
    ways: experimentNetwork(cell.net, cell.instances).ways,
    seed,
    ears: {
      emitted(_, event) {
        if (event.id === HEARTBEAT_ID) return
        const i = event.source - 1
        emits.advance(i)
        session.emitAt(emits.nextAt(i), i)
      },
      queued(at, event, waiting) {
        metrics.waitingNow(at, waiting)
        if (event.id === HEARTBEAT_ID) return
        const slowest = session.everywhereAt(at, oracle)
        limits.set(event, Math.max(0, tickFrom(slowest - event.nextAt, cell.fps)))
      },
      proposed(at, waiting) {
        metrics.waitingNow(at, waiting)
      },
      stamped(_, __, rtt) {
        metrics.round(rtt)
      },
      delivered(at, client, event, tick) {
        if (event.id !== client.id) return
        metrics.event(tick - event.next, limits.get(event) as Tick)
        metrics.delivered(at - event.at)
        limits.delete(event)
      },
    },
  })
  const from = session.started
  const until = from + seconds * SECOND
  const metrics = new Metrics(cell, from)
  const emits = new Emits(cell, seed, from)
  for (let i = 0; i < cell.instances; i++) session.emitAt(emits.nextAt(i), i)
  session.run(until)
  for (const { turns, turnsFrozen, askedToCatchUp } of session.clients)
    metrics.instance(turns, turnsFrozen, seconds * SECOND, askedToCatchUp)
  metrics.messages(session.messages)
  const difference = differenceIn(session)
  if (difference !== undefined) metrics.diverged(difference)
  return metrics.result(until)
}

/** The stream of chance from which the limits are drawn. */
const ORACLE = 3
