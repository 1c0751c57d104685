import type { PeerEvent } from '../../core/peer/messages.ts'
import type { Random } from '../../core/random.ts'
import { dueAt, MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { PeerNode } from './node.ts'
import type { PeerLink, PeerWorld } from './world.ts'

/** Exponential, in the mean. */
const ONLINE: Micros = 40 * SECOND
const OFFLINE: Micros = 20 * SECOND
/** How often it is looked whether a peer that is back is where the others are. */
const LOOK: Micros = 10 * MILLISECOND

/**
 * Peers go offline and come back. Offline they go on alone, and may emit. A return has recovered when all that the
 * others held when the first link came up is there and run, and the peer stands where they stand.
 */
export class Churn {
  returns = 0
  /** The sum of the times that returns took, and the longest. */
  recovery: Micros = 0
  longest: Micros = 0
  private readonly world: PeerWorld
  private readonly random: Random
  private readonly until: Micros
  private readonly delayMax: Micros
  private readonly offline = new Set<PeerNode>()

  constructor(world: PeerWorld, random: Random, until: Micros, delayMax: Micros) {
    this.world = world
    this.random = random
    this.until = until
    this.delayMax = delayMax
    for (const node of world.nodes) this.later(ONLINE, () => this.leave(node))
  }

  /** All are back. */
  end(): void {
    this.offline.clear()
    for (const link of this.world.links) this.world.connect(link)
  }

  private later(mean: Micros, action: () => void): void {
    const at = this.world.now + Math.round(this.random.exponential(mean))
    if (at < this.until) this.world.at(at, action)
  }

  private linksOf(node: PeerNode): PeerLink[] {
    return this.world.links.filter(({ a, b }) => a === node || b === node)
  }

  private leave(node: PeerNode): void {
    this.offline.add(node)
    for (const link of this.linksOf(node)) this.world.disconnect(link)
    this.later(OFFLINE, () => this.comeBack(node))
  }

  private comeBack(node: PeerNode): void {
    this.offline.delete(node)
    for (const link of this.linksOf(node))
      if (!this.offline.has(link.a) && !this.offline.has(link.b)) this.world.connect(link)
    this.later(ONLINE, () => this.leave(node))
    const others = this.othersOf(node)
    if (others.length === 0) return
    const held = others.flatMap(({ peer }) => peer.events.filter((event) => !has(node, event)))
    this.watch(node, held, this.world.now)
  }

  private othersOf(node: PeerNode): PeerNode[] {
    const group = this.world.watch.groups().find((each) => each.includes(node)) ?? []
    return group.filter((other) => other !== node)
  }

  private watch(node: PeerNode, held: readonly PeerEvent[], from: Micros): void {
    const { world } = this
    world.at(world.now + LOOK, () => {
      // Whoever has gone again, or is back alone, did not take part for long enough.
      if (this.offline.has(node) || world.now >= this.until) return
      world.call(node, () => undefined)
      if (!held.every((event) => has(node, event)) || !this.isThere(node)) return this.watch(node, held, from)
      const took = world.now - from
      this.returns++
      this.recovery += took
      this.longest = Math.max(this.longest, took)
    })
  }

  /** Where the others are, and nothing to be run again. */
  private isThere(node: PeerNode): boolean {
    const { now, fps } = this.world
    const position = ({ peer, clock }: PeerNode): Micros => peer.position(clock.local(now))
    const fastest = Math.max(0, ...this.othersOf(node).map(position))
    return position(node) >= fastest - this.delayMax - dueAt(1, fps) && !node.hasToRunAgain
  }
}

const has = ({ peer }: PeerNode, { source, number }: PeerEvent): boolean => peer.hasSeen(source, number)
