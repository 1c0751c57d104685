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

/** Somebody who is back, and what it lacks of what the others held then. */
interface Return {
  readonly node: PeerNode
  readonly from: Micros
  lacking: readonly PeerEvent[]
  /** What links of that latency force: the events come from so far away. */
  readonly least: Micros
  /** When the last of them had come. */
  arrivedAt: Micros | undefined
}

/**
 * Peers go offline and come back. Offline they go on alone, and may emit. A return has recovered when all that the
 * others held when the first link came up is there and run, and the peer stands where they stand. What is held by
 * nobody whom it can reach any more, since others have gone, is not waited for: it comes with their return.
 */
export class Churn {
  returns = 0
  /** The sum of the times that returns took, and the longest. */
  recovery: Micros = 0
  longest: Micros = 0
  /** Of that, the time until all events were there, and the least that it could be. */
  arrival: Micros = 0
  least: Micros = 0
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
    const lacking = new Map<string, PeerEvent>()
    let least = 0
    // The nearest first: an event comes from the nearest that has it.
    for (const [other, hops] of distancesFrom(node))
      for (const event of other.peer.events) {
        const key = `${event.source} ${event.number}`
        if (lacking.has(key) || has(node, event)) continue
        lacking.set(key, event)
        least = hops * this.delayMax
      }
    this.watch({ node, from: this.world.now, lacking: [...lacking.values()], least, arrivedAt: undefined })
  }

  private othersOf(node: PeerNode): PeerNode[] {
    const group = this.world.watch.groups().find((each) => each.includes(node)) ?? []
    return group.filter((other) => other !== node)
  }

  private watch(back: Return): void {
    const { world } = this
    const { node } = back
    world.at(world.now + LOOK, () => {
      // Whoever has gone again, or is back alone, did not take part for long enough.
      if (this.offline.has(node) || world.now >= this.until) return
      world.call(node, () => undefined)
      if (!this.hasAll(back) || !this.isThere(node)) return this.watch(back)
      this.count(back)
    })
  }

  private hasAll(back: Return): boolean {
    const { node } = back
    const others = back.lacking.length > 0 ? this.othersOf(node) : []
    back.lacking = back.lacking.filter(
      (event) => !has(node, event) && others.some((other) => has(other, event)),
    )
    if (back.lacking.length === 0) back.arrivedAt ??= this.world.now
    return back.lacking.length === 0
  }

  private count({ from, least, arrivedAt = from }: Return): void {
    const took = this.world.now - from
    this.returns++
    this.recovery += took
    this.arrival += arrivedAt - from
    this.least += least
    this.longest = Math.max(this.longest, took)
  }

  /** Where the others are, and nothing to be run again. */
  private isThere(node: PeerNode): boolean {
    const { now, fps } = this.world
    const position = ({ peer, clock }: PeerNode): Micros => peer.position(clock.local(now))
    const fastest = Math.max(0, ...this.othersOf(node).map(position))
    return position(node) >= fastest - this.delayMax - dueAt(1, fps) && !node.hasToRunAgain
  }
}

/** All whom a peer can reach, and over how many links, the nearest first. */
const distancesFrom = (node: PeerNode): Map<PeerNode, number> => {
  const far = new Map([[node, 0]])
  for (const [each, hops] of far)
    for (const { to } of each.hops.values()) if (!far.has(to)) far.set(to, hops + 1)
  far.delete(node)
  return far
}

const has = ({ peer }: PeerNode, { source, number }: PeerEvent): boolean => peer.hasSeen(source, number)
