import type { DelayRule } from '../../core/peer/options.ts'
import { Random } from '../../core/random.ts'
import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { PeersCell, PeersResult } from './cell.ts'
import { Churn } from './churn.ts'
import type { PeerWay } from './hop.ts'
import type { PeerNode } from './node.ts'
import { FPS, LINKS, PEERS } from './topology.ts'
import { PeerWorld } from './world.ts'

export interface PeersRun {
  /** Virtual seconds that are measured. */
  readonly seconds: number
  readonly seed: number
  /** How long links take in place of what the cell says: events are stamped as far ahead as they would be without. */
  readonly way?: Pick<PeerWay, 'mean' | 'deviation'>
}

/** Peers start within so long of each other. */
const START: Micros = 10 * SECOND
/** What is measured begins when all have started and found the same time. */
const SETTLED: Micros = 10 * SECOND
/** How often it is looked how far behind everybody is. */
const LOOK: Micros = 100 * MILLISECOND
/** The share of late events that an adaptive delay is to keep. */
const SHARE = 0.01
/** Beyond the length of the longest way, what is still under way needs this long to arrive and be run. */
const QUIET: Micros = 10 * SECOND
const LONGEST_WAY = 30
const CHANCE = 1
const CHURN = 2

/** One run of the experiment: 21 peers start one after another, random ones emit, and it is counted what it costs. */
export const runPeersCell = (cell: PeersCell, { seconds, seed, way }: PeersRun): PeersResult => {
  const { multiplier, latency_ms, rate } = cell
  const latency = latency_ms * MILLISECOND
  const random = new Random(seed, CHANCE)
  const world = new PeerWorld({ seed, fps: FPS })
  const delay: DelayRule = multiplier > 0 ? { fixed: 5 * latency * multiplier } : { share: SHARE }
  startAll(world, random, delay, way ?? { mean: latency, deviation: latency / 5 })
  const from = START + SETTLED + LONGEST_WAY * latency
  const until = from + seconds * SECOND
  world.run(from)
  const before = world.nodes.map(countsOf)
  const emits = new Emits(world, random, (60 * SECOND) / rate, until)
  emits.start()
  const churn = cell.churn ? new Churn(world, new Random(seed, CHURN), until, latency) : undefined
  for (let at = from; at < until; at += LOOK) {
    world.run(at)
    world.watch.look(latency)
  }
  world.run(until)
  churn?.end()
  const counts = world.nodes.map((node, i) => less(countsOf(node), before[i] as Counts))
  const { looks, slow } = world.watch.findings.coverage
  world.run(until + QUIET + LONGEST_WAY * latency)
  const findings = world.finish()
  const total = (of: (counts: Counts) => number): number => counts.reduce((sum, one) => sum + of(one), 0)
  const [first] = findings.violations
  return {
    cell,
    runs: 1,
    virtual_s: seconds,
    events: emits.count,
    ticks: total(({ ticks }) => ticks),
    travelled: total(({ travelled }) => travelled),
    simulated: total(({ simulated }) => simulated),
    rollbacks: total(({ rollbacks }) => rollbacks),
    farthest: Math.max(...world.nodes.map(({ machine }) => machine.stats.farthest)),
    deliveries: total(({ inTime, late }) => inTime + late),
    late: total(({ late }) => late),
    delay_ms: emits.delay / MILLISECOND,
    looks,
    slow,
    returns: churn?.returns ?? 0,
    recovery_s: (churn?.recovery ?? 0) / SECOND,
    recovery_s_max: (churn?.longest ?? 0) / SECOND,
    arrival_s: (churn?.arrival ?? 0) / SECOND,
    least_s: (churn?.least ?? 0) / SECOND,
    messages: world.messages,
    broken: first === undefined ? '' : `${first.invariant}: ${first.what}`,
  }
}

/** Every peer starts at a moment of its own, and is linked to those neighbours that are there. */
const startAll = (
  world: PeerWorld,
  random: Random,
  delay: DelayRule,
  way: Pick<PeerWay, 'mean' | 'deviation'>,
): void => {
  const started = new Map<number, PeerNode>()
  for (let i = 0; i < PEERS; i++)
    world.at(Math.round(random.between(0, START)), () => {
      // As in the published experiment nobody joins: peers are there and emit.
      const node = world.add({ id: i + 1, delay, member: false })
      started.set(i, node)
      for (const [a, b] of LINKS) {
        const other = started.get(a === i ? b : b === i ? a : -1)
        if (other !== undefined) world.connect(world.link(node, other, { ...way, ordered: true }))
      }
    })
}

/**
 * Random peers emit, at a rate of the whole network: one event in every gap, at a random moment in it, and of as
 * many events as there are peers each emits one.
 */
class Emits {
  count = 0
  /** How far ahead events were stamped, summed. */
  delay: Micros = 0
  private readonly world: PeerWorld
  private readonly random: Random
  private readonly gap: Micros
  private readonly until: Micros
  private turn: PeerNode[] = []

  constructor(world: PeerWorld, random: Random, gap: Micros, until: Micros) {
    this.world = world
    this.random = random
    this.gap = gap
    this.until = until
  }

  start(): void {
    const { world, random, gap } = this
    for (let from = world.now; from + gap <= this.until; from += gap)
      world.at(Math.round(from + random.unit() * gap), () => this.emit())
  }

  private emit(): void {
    if (this.turn.length === 0) this.turn = [...this.world.nodes]
    const [node] = this.turn.splice(this.random.below(this.turn.length), 1) as [PeerNode]
    this.count++
    this.delay += node.peer.delay
    this.world.emit(node, 1, PAYLOAD)
  }
}

const PAYLOAD = Uint8Array.of(1, 2, 3, 4)

interface Counts {
  readonly ticks: number
  readonly travelled: number
  readonly simulated: number
  readonly rollbacks: number
  readonly inTime: number
  readonly late: number
}

const countsOf = ({ machine, peer }: PeerNode): Counts => ({
  ticks: machine.top,
  travelled: machine.stats.travelled,
  simulated: machine.stats.ticks,
  rollbacks: machine.stats.rollbacks,
  inTime: peer.stats.inTime,
  late: peer.stats.late,
})

const less = (a: Counts, b: Counts): Counts => ({
  ticks: a.ticks - b.ticks,
  travelled: a.travelled - b.travelled,
  simulated: a.simulated - b.simulated,
  rollbacks: a.rollbacks - b.rollbacks,
  inTime: a.inTime - b.inTime,
  late: a.late - b.late,
})
