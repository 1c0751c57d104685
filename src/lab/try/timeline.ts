import type { App } from '../../app/app.ts'
import { accepts, INPUT_ID } from '../../app/event.ts'
import { encodePayload } from '../../app/payload.ts'
import { Random } from '../../core/random.ts'
import { Instance } from '../../core/session/instance.ts'
import { Sequencer } from '../../core/session/sequencer.ts'
import { type Input, TICK } from '../../core/timeline/event.ts'
import { dueAt, MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { experimentNetwork, lossyWan, type NetName } from '../networks.ts'
import type { InstanceNode } from '../node.ts'
import type { Way } from '../path.ts'
import { World } from '../world.ts'
import { type CannotTry, type Emittable, HELD } from './payloads.ts'
import type { ScriptedInput } from './subject.ts'

export type TryNetwork = NetName | 'lossy'
export const TRY_NETWORKS: readonly TryNetwork[] = ['loopback', 'lan', 'wan', 'lossy']

/** The inputs of each tick as every instance gets them: its events in their order, then the tick. */
export interface Timeline {
  readonly ticks: readonly (readonly Input[])[]
  readonly players: number
  readonly events: number
}

export interface TimelineOptions {
  readonly players: number
  readonly network: TryNetwork
  readonly minutes: number
  readonly seed: number
  /** Undefined: at random. */
  readonly script?: readonly ScriptedInput[] | undefined
}

/** In the mean one event of each player in so long; more often at first, so that every kind comes soon. */
const GAP: Micros = 700 * MILLISECOND
const EMITS = 7_000

/**
 * A session in virtual time over a network: sequencer and instances are the product's own. What one instance is
 * given all are given, which the checks of the lab see to; whoever runs the application runs it along this.
 */
export const timelineOf = (
  app: App,
  emittables: readonly Emittable[],
  options: TimelineOptions,
): Timeline | CannotTry => {
  const { players, network, minutes, seed, script } = options
  const { fps, id } = app
  const sequencer = new Sequencer({ epoch: seed >>> 0, instances: players, fps, app: id })
  const world = new World({ seed, fps, sequencer })
  const ways = waysOf(network, players + 1)
  const nodes = ways
    .slice(0, players)
    .map((up) => world.add({ instance: (link) => new Instance({ fps, app: id, link }), up }))
  const ticks: Input[][] = []
  let open: Input[] = []
  let events = 0
  world.hearing.input = (node, input) => {
    if (node !== nodes[0]) return
    open.push({ ...input, payload: input.payload.slice() })
    if (input.id !== TICK) return void events++
    ticks.push(open)
    open = []
  }
  const patience = 60 * SECOND
  while (!sequencer.started && world.now < patience) world.run(world.now + 10 * MILLISECOND)
  const from = world.now
  const until = from + Math.round(minutes * 60 * SECOND)
  if (script === undefined) {
    emitAtRandom(world, nodes, emittables, seed)
    if (players < app.players.max) visit(world, app, ways[players] as Way, from, until)
  } else {
    const wrong = emitScript(world, app, nodes, script, from, until - from)
    if (wrong !== undefined) return wrong
  }
  world.run(until)
  const [violation] = world.findings.violations
  if (violation !== undefined) throw new Error(`${violation.invariant} does not hold: ${violation.what}`)
  return { ticks, players, events }
}

const waysOf = (network: TryNetwork, count: number): readonly Way[] =>
  network === 'lossy' ? lossyWan(count) : experimentNetwork(network, count).ways

const emitAtRandom = (
  world: World,
  nodes: readonly InstanceNode[],
  emittables: readonly Emittable[],
  seed: number,
): void => {
  if (emittables.length === 0) return
  nodes.forEach((node, i) => {
    const random = new Random(seed, EMITS + i)
    let emitted = i
    const emit = (): void => {
      // At first each kind in its turn.
      const turn =
        emitted < 2 * emittables.length ? emitted % emittables.length : random.below(emittables.length)
      const { id, draw } = emittables[turn] as Emittable
      emitted++
      world.emit(node, id, draw(random))
      world.at(world.now + Math.ceil(random.exponential(GAP)), emit)
    }
    world.at(world.now + Math.ceil(random.unit() * GAP), emit)
  })
}

/** Somebody joins late and leaves again, twice. */
const visit = (world: World, app: App, up: Way, from: Micros, until: Micros): void => {
  for (const part of [0.2, 0.6]) {
    const at = Math.round(from + part * (until - from))
    const { fps, id } = app
    const node = world.add({ instance: (link) => new Instance({ fps, app: id, link }), up, at })
    world.at(Math.round(at + 0.2 * (until - from)), () => world.leave(node))
  }
}

/** Emits what a script says, or tells what is wrong with it. */
const emitScript = (
  world: World,
  app: App,
  nodes: readonly InstanceNode[],
  script: readonly ScriptedInput[],
  from: Micros,
  length: Micros,
): CannotTry | undefined => {
  for (const [i, { tick, player = 1, event, payload }] of script.entries()) {
    const wrong = (why: string): CannotTry => ({
      verdict: 'refused',
      code: 'script',
      hint: `Entry ${i + 1} of the script: ${why}`,
    })
    const isHeld = event === HELD && app.input !== undefined
    const kind = Object.hasOwn(app.events, event) ? app.events[event] : undefined
    const node = nodes[player - 1]
    if (!isHeld && kind === undefined)
      return wrong(`there is no event ${event}. There are ${Object.keys(app.events).join(', ') || 'none'}.`)
    if (!Number.isSafeInteger(tick) || tick < 0) return wrong('tick is not a whole number from 0.')
    if (dueAt(tick, app.fps) > length)
      return wrong(`tick ${tick} is not reached in ${length / (60 * SECOND)} minutes: try more of them.`)
    if (node === undefined) return wrong(`there is no player ${player}: there are ${nodes.length}.`)
    if (!accepts(isHeld ? app.input?.check : kind?.check, payload))
      return wrong(`the check of ${event} refuses its payload.`)
    const bytes = encodePayload(payload)
    const id = isHeld ? INPUT_ID : (kind?.id as number)
    world.at(from + dueAt(tick, app.fps), () => void world.emit(node, id, bytes))
  }
  return undefined
}
