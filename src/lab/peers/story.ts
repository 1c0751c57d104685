import { PEER_LIMITS, type PeerLimits } from '../../core/peer/limits.ts'
import type { DelayRule, FoldRule } from '../../core/peer/options.ts'
import { Random } from '../../core/random.ts'
import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { Clock } from '../clock.ts'
import type { PeerFindings } from './findings.ts'
import type { PeerNode } from './node.ts'
import { type PeerLink, PeerWorld } from './world.ts'

/** What a random world of peers consists of, in words, for whoever looks for what went wrong in it. */
export interface PeerStory {
  readonly seed: number
  readonly findings: PeerFindings
  readonly peers: number
  readonly deeds: readonly string[]
}

const SPAN: Micros = 16 * SECOND
const QUIET: Micros = 14 * SECOND
const PPM_MAX = 200
/** How often it is looked who can reach whom. */
const LOOK: Micros = SECOND / 10

/**
 * A random network of peers in which links break and heal, halves are parted, processes stop and newcomers come,
 * while all emit. At the end the network is whole, and after a quiet time everything is compared.
 */
export const playPeers = (seed: number, folding = seed % 2 === 1): PeerStory => {
  const stage = new Stage(seed, folding)
  stage.build()
  stage.plan()
  stage.run(SPAN)
  stage.heal()
  const end = SPAN + QUIET + 40 * stage.latencyMax
  stage.run(end)
  stage.world.watch.settled(stage.latencyMax)
  return { seed, findings: stage.world.finish(), peers: stage.world.nodes.length, deeds: stage.deeds }
}

class Stage {
  readonly world: PeerWorld
  readonly deeds: string[] = []
  latencyMax: Micros = 0
  private readonly random: Random
  private readonly firstId: number
  private readonly fold: FoldRule | undefined
  private readonly limits: PeerLimits

  constructor(seed: number, folding: boolean) {
    this.random = new Random(seed, 77)
    this.firstId = this.random.below(31)
    this.world = new PeerWorld({ seed, fps: 5 + this.random.below(60), replays: true })
    this.fold = folding ? this.drawRule() : undefined
    this.limits = limitsOf(seed)
    this.world.watch.forgetMin = 0.9 * (this.fold?.forget ?? 0)
  }

  build(): void {
    const { random } = this
    const count = 2 + random.below(7)
    const slowest = Math.round(random.between(1, random.chance(0.2) ? 400 : 120) * MILLISECOND)
    const ordered = random.chance(0.5)
    for (let i = 0; i < count; i++) this.newcomer(slowest, ordered)
    const late = random.below(3)
    for (let i = 0; i < late; i++)
      this.world.at(random.between(SECOND, SPAN - SECOND), () => {
        this.newcomer(slowest, ordered)
        this.deeds.push('newcomer')
      })
  }

  /** Stands come often, so that a past is settled within the seconds that there are. */
  private drawRule(): FoldRule {
    const { random } = this
    return {
      keep: Math.round(random.between(0.1, 2) * SECOND),
      forget: Math.round(random.chance(0.4) ? 100 * SECOND : random.between(1, 4) * SECOND),
      away: Math.round(random.between(0.8, 2) * SECOND),
      every: Math.round(random.between(0.1, 0.4) * SECOND),
    }
  }

  run(until: Micros): void {
    const { world, fold } = this
    for (; fold && world.now + LOOK < until; world.watch.lookForReach()) world.run(world.now + LOOK)
    world.run(until)
  }

  /** Linked to one that is there, and perhaps to some more. */
  private newcomer(slowest: Micros, ordered: boolean): void {
    const { random, world } = this
    const others = world.nodes.filter(({ hasEnded }) => !hasEnded)
    const node = world.add({
      clock: new Clock(random.between(SECOND, 9 * SECOND), random.between(-PPM_MAX, PPM_MAX)),
      // Who comes later may have the lesser id.
      id: 1 + ((this.firstId + 11 * world.nodes.length) % 31),
      delay: this.rule(),
      alone: others.length === 0 || random.chance(this.fold ? 0.1 : 0.3),
      limits: this.limits,
      ...(this.fold ? { fold: this.fold } : {}),
    })
    if (others.length === 0) return
    const linked = new Set([random.below(others.length)])
    for (let i = 0; i < others.length; i++) if (random.chance(0.25)) linked.add(i)
    for (const i of linked) {
      const mean = Math.round(random.between(0.1, 1) * slowest)
      this.latencyMax = Math.max(this.latencyMax, mean)
      const way = { mean, deviation: Math.round(mean * random.between(0, 0.3)), ordered }
      const link = world.link(node, others[i] as PeerNode, way)
      // Some come up later, so that the one who started meanwhile was alone.
      if (random.chance(0.8)) world.connect(link)
      else world.at(world.now + random.between(0, 5 * SECOND), () => world.connect(link))
    }
  }

  private rule(): DelayRule {
    const { random } = this
    if (random.chance(0.3)) return { share: 0.01 }
    return { fixed: Math.round(random.between(0, random.chance(0.5) ? 20 : 300) * MILLISECOND) }
  }

  plan(): void {
    const { random, world } = this
    const emits = 20 + random.below(60)
    for (let i = 0; i < emits; i++) world.at(random.between(0, SPAN), () => this.emit())
    // Bursts, in which one overtakes the other.
    for (let i = 0; i < 4; i++)
      world.at(random.between(SECOND, SPAN), () => {
        const node = this.anybody()
        for (let n = 0; n < 5; n++)
          world.at(world.now + random.below(30) * MILLISECOND, () => this.emit(node))
      })
    const deeds = random.below(12)
    for (let i = 0; i < deeds; i++) world.at(random.between(SECOND, SPAN), () => this.deed())
  }

  private anybody(): PeerNode {
    return this.world.nodes[this.random.below(this.world.nodes.length)] as PeerNode
  }

  private emit(node = this.anybody()): void {
    this.world.emit(node, 1 + this.random.below(9), Uint8Array.of(this.random.below(256)))
  }

  private deed(): void {
    const { random, world } = this
    switch (random.below(5)) {
      case 0: {
        this.deeds.push('part')
        const side = new Set(world.nodes.filter(() => random.chance(0.5)))
        return this.breakFor(
          world.links.filter(({ a, b }) => side.has(a) !== side.has(b)),
          random.between(SECOND, 8 * SECOND),
        )
      }
      case 1: {
        this.deeds.push('stop')
        return world.pause(this.anybody(), world.now + Math.round(random.between(0.1, 3) * SECOND))
      }
      case 2: {
        this.deeds.push('drop')
        const [node, member] = [this.anybody(), this.anybody()]
        if (node.isPaused || node.hasEnded) return
        return world.call(node, (local) => world.watch.asked(node, node.peer.drop(local, member.peer.id)))
      }
      case 3: {
        this.deeds.push('alone')
        const node = this.anybody()
        return this.breakFor(
          world.links.filter(({ a, b }) => a === node || b === node),
          random.between(SECOND, 6 * SECOND),
        )
      }
      default: {
        this.deeds.push('break')
        const link = world.links[random.below(world.links.length)]
        return this.breakFor(link ? [link] : [], random.between(0, 2 * SECOND))
      }
    }
  }

  private breakFor(links: readonly PeerLink[], length: Micros): void {
    for (const link of links) this.world.disconnect(link)
    this.world.at(this.world.now + length, () => {
      for (const link of links) this.world.connect(link)
    })
  }

  heal(): void {
    for (const link of this.world.links) this.world.connect(link)
    // What was planned before is over by now, but for links that are to come up: these are up.
  }
}

/** In every other world one that lacks something gets it a few events at a time. */
const limitsOf = (seed: number): PeerLimits => {
  const random = new Random(seed, 78)
  return random.chance(0.5) ? PEER_LIMITS : { ...PEER_LIMITS, fed_bytes_max: 1_000 + random.below(2_000) }
}

/** Play several: those in which something was wrong, and what all of them reached. */
export const searchPeers = (
  from: number,
  count: number,
  goOn: () => boolean = () => true,
): { runs: number; found: PeerStory[]; reached: Record<string, number> } => {
  const found: PeerStory[] = []
  const reached: Record<string, number> = {}
  let runs = 0
  for (let seed = from; seed < from + count && goOn(); seed++) {
    const story = playPeers(seed)
    runs++
    for (const [name, value] of Object.entries(story.findings.coverage))
      reached[name] = (reached[name] ?? 0) + (value as number)
    if (!story.findings.clean) found.push(story)
  }
  return { runs, found, reached }
}
