import { Random } from '../../core/random.ts'
import { Instance } from '../../core/session/instance.ts'
import { type Discipline, Sequencer } from '../../core/session/sequencer.ts'
import { dueAt, MILLISECOND, type Micros, SECOND, type Tick, tickFrom } from '../../core/timeline/tick.ts'
import { experimentNetwork } from '../networks.ts'
import type { InstanceNode } from '../node.ts'
import type { Way } from '../path.ts'
import { World } from '../world.ts'
import type { Cell, CellResult } from './cell.ts'
import { Emits } from './emits.ts'
import { Metrics } from './metrics.ts'

export interface RunOptions {
  /** Virtual seconds from the start of the session. */
  readonly seconds: number
  readonly seed: number
  readonly discipline: Discipline
  /** Undefined, both: the tuned defaults. The paper's are 2, and 200 microseconds an instance. */
  readonly k?: number | undefined
  readonly margin?: Micros | undefined
  /** The ways up and down of each instance; undefined: those of the cell's network. */
  readonly ways?: readonly { readonly up: Way; readonly down: Way }[] | undefined
  /** Whether the invariants are checked all along: yes, unless told otherwise. */
  readonly checks?: boolean
}

/** Instances come one after the other, as when somebody starts them by hand. */
const ARRIVALS: Micros = 20 * MILLISECOND
/** The application's one event. */
const EVENT = 1

/** An event that was emitted and is not stamped, or whose limit is not known yet. */
interface Open {
  readonly tick: Tick
  readonly position: Micros
  stamp: Tick | undefined
  limit: Tick | undefined
}

/** One run of one cell of the experiment, by the protocol as the product uses it. */
export const runCell = (cell: Cell, options: RunOptions): CellResult => {
  const { fps, instances: size } = cell
  const { seed, discipline, k, margin } = options
  const sequencer = new Sequencer({
    epoch: seed >>> 0,
    instances: size,
    fps,
    app: 'experiment@1',
    discipline,
    ...(k === undefined ? {} : { k }),
    ...(margin === undefined ? {} : { margin }),
  })
  const world = new World({ seed, fps, sequencer, checks: options.checks ?? true })
  const ways = options.ways ?? experimentNetwork(cell.net, size).ways.map((way) => ({ up: way, down: way }))
  const nodes = ways.map((way, i) =>
    world.add({
      instance: (link) => new Instance({ fps, app: 'experiment@1', link }),
      ...way,
      at: i * ARRIVALS,
    }),
  )

  const from = startOf(world, size)
  const until = from + options.seconds * SECOND
  const metrics = new Metrics(cell, from)
  const emits = new Emits(cell, seed, from)
  const oracles = nodes.map((_, i) => new Random(seed, ORACLE + i))
  const open = new Map<string, Open>()

  const settle = (key: string, event: Open): void => {
    if (event.stamp === undefined || event.limit === undefined) return
    open.delete(key)
    metrics.event(event.stamp - event.tick, event.limit)
    metrics.delivered(dueAt(event.stamp, fps) - event.position)
  }

  /** The least that the delays allow: the slowest way down from the moment at which it reaches the sequencer. */
  const limitOf = (event: Open): Tick => {
    let slowest = world.now
    for (let i = 0; i < size; i++) {
      const node = nodes[i] as InstanceNode
      slowest = Math.max(slowest, node.down.path.hypothetical(world.now, oracles[i] as Random))
    }
    const reference = sequencer.reference(world.sequencer.clock.local(slowest))
    return Math.max(0, tickFrom(reference, fps) - event.tick)
  }

  const emit = (i: number): void => {
    const node = nodes[i] as InstanceNode
    emits.advance(i)
    world.at(emits.nextAt(i), () => emit(i))
    const number = world.emit(node, EVENT)
    if (typeof number !== 'number') return
    const { machine, clock, id } = node
    const key = `${id}.${number}`
    const position = machine.position(clock.local(world.now))
    const event: Open = { tick: machine.local + 1, position, stamp: undefined, limit: undefined }
    open.set(key, event)
    world.at(node.up.path.lastArrival, () => {
      event.limit = limitOf(event)
      settle(key, event)
    })
  }

  world.hearing.sequencer = (happening) => {
    if (happening.kind !== 'stamped' || happening.event.id !== EVENT) return
    const key = `${happening.event.source}.${happening.event.number}`
    const event = open.get(key)
    if (event === undefined) return
    event.stamp = happening.event.stamp
    settle(key, event)
  }
  for (let i = 0; i < size; i++) world.at(emits.nextAt(i), () => emit(i))
  world.run(until)

  for (const { machine } of nodes)
    metrics.instance(
      machine.local + 1,
      machine.stats.frozenTicks,
      options.seconds * SECOND,
      machine.stats.correctedMicros,
    )
  const { tripSum, trips } = sequencer.stats
  if (trips > 0) metrics.round(tripSum / trips)
  metrics.messages(world.messages)
  const violation = world.findings.violations[0]
  if (violation !== undefined)
    metrics.diverged(`${violation.invariant} at ${violation.at / SECOND} s: ${violation.what}`)
  return metrics.result(until)
}

/** The streams of chance from which the limits are drawn. */
const ORACLE = 10_000

/** Run until the session has started: that moment. */
const startOf = (world: World, size: number): Micros => {
  let from: Micros | undefined
  world.hearing.sequencer = (happening, at) => {
    if (happening.kind === 'started') from = at
  }
  const patience = size * ARRIVALS + 30 * SECOND
  while (from === undefined && world.now < patience) world.run(world.now + 10 * MILLISECOND)
  if (from === undefined) throw new Error('the session of the experiment did not start')
  return from
}
