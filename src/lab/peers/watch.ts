import { isAuthentic } from '../../core/peer/authentic.ts'
import { decode, type PeerEvent, type SeenOf } from '../../core/peer/messages.ts'
import { dueAt, type InstanceId, type Micros, type Tick } from '../../core/timeline/tick.ts'
import { PeerFindings, type PeerInvariant } from './findings.ts'
import type { Hop } from './hop.ts'
import { mixEvent, mixTick } from './mixture.ts'
import type { PeerNode } from './node.ts'
import type { PeerWorld } from './world.ts'

/** The types of the messages that carry events. */
const FLOOD = 67
const MISSED = 68
const HAVE = 66

/** What has gone over a connection, in both directions: event by event. */
interface Traffic {
  readonly sent: Set<number>
  readonly came: Set<number>
  /** What the other end has said that it has. */
  readonly had: Map<InstanceId, SeenOf>
}

const KEY = 0x1_0000_0000
const keyOf = ({ source, number }: PeerEvent): number => source * KEY + number

/** Watches over a world of peers and checks Q1 to Q5 as each could first be broken. */
export class PeerWatch {
  readonly findings = new PeerFindings()
  private readonly world: PeerWorld
  private readonly replays: boolean
  private readonly traffic = new WeakMap<Hop, Traffic>()
  private readonly highest = new Map<number, number>()
  /** How many events each has emitted. */
  private readonly numbers = new Map<InstanceId, number>()

  constructor(world: PeerWorld, replays: boolean) {
    this.world = world
    this.replays = replays
  }

  emitted({ peer }: PeerNode, number: number): void {
    this.numbers.set(peer.id, number)
  }

  /** A peer was asked to put something into the timeline: not refused, it counts like any other event. */
  asked(node: PeerNode, refusal: unknown): void {
    if (refusal === undefined) this.numbers.set(node.peer.id, (this.numbers.get(node.peer.id) ?? 0) + 1)
  }

  /** Q5: nothing goes over a link twice in one direction, nor back to where it came from. */
  leaves(hop: Hop, bytes: Uint8Array): void {
    const { coverage } = this.findings
    if (bytes[1] === MISSED) coverage.missed++
    for (const event of eventsIn(bytes)) {
      coverage.forwards++
      const { sent, came, had } = this.trafficOf(hop)
      const key = keyOf(event)
      const named = (): string =>
        `event ${event.number} of ${event.source}: ${hop.from.name} to ${hop.to.name}`
      if (sent.has(key)) this.report('Q5', `${named()}, twice`)
      if (came.has(key)) this.report('Q5', `${named()}, from where it came`)
      if (isIn(had.get(event.source), event.number))
        this.report('Q5', `${named()}, which has said that it has it`)
      sent.add(key)
    }
  }

  arrives(hop: Hop, bytes: Uint8Array): void {
    const there = hop.to.hops.get(hop.link)
    if (bytes[1] === HAVE && there)
      for (const one of seenIn(bytes)) this.trafficOf(there).had.set(one.source, one)
    for (const event of eventsIn(bytes)) {
      if (there) this.trafficOf(there).came.add(keyOf(event))
      const key = hop.to.index * KEY + event.source
      const highest = this.highest.get(key) ?? 0
      if (event.number < highest && !hop.to.peer.hasSeen(event.source, event.number))
        this.findings.coverage.overtakings++
      this.highest.set(key, Math.max(highest, event.number))
    }
  }

  private trafficOf(hop: Hop): Traffic {
    let traffic = this.traffic.get(hop)
    if (traffic === undefined) {
      traffic = { sent: new Set(), came: new Set(), had: new Map() }
      this.traffic.set(hop, traffic)
    }
    return traffic
  }

  /** Q3: a rollback and a run forward give what a run from tick 0 gives. */
  rolledBack(node: PeerNode): void {
    this.findings.coverage.rollbacks++
    if (this.replays) this.replay(node)
  }

  private replay({ name, machine, mixture, peer }: PeerNode): void {
    this.findings.coverage.replays++
    const [a, b] = stateAt(peer.events, machine.top)
    if (a !== mixture.state[0] || b !== mixture.state[1])
      this.report('Q3', `${name} at tick ${machine.top} is not what a run from tick 0 gives`)
  }

  /** Q4, once in a while: how far each is behind the fastest that it can reach. In microseconds, by node. */
  look(delayMax: Micros): void {
    const { coverage } = this.findings
    const { now, fps } = this.world
    for (const group of this.groups()) {
      const positions = group.map(({ peer, clock }) => peer.position(clock.local(now)))
      const fastest = Math.max(...positions)
      group.forEach((node, i) => {
        const behind = fastest - (positions[i] as number)
        const isWithin = behind <= delayMax + dueAt(1, fps)
        if (isWithin && node.caughtUpAt > now) node.caughtUpAt = now
        if (node.caughtUpAt > now) return
        coverage.looks++
        if (!isWithin) coverage.slow++
      })
    }
  }

  /** Q4, after a quiet time: nobody is further behind the fastest than a link's delay and a tick. */
  settled(delayMax: Micros): void {
    const { now, fps } = this.world
    for (const group of this.groups()) {
      const positions = group.map(({ peer, clock }) => peer.position(clock.local(now)))
      const fastest = Math.max(...positions)
      group.forEach(({ name }, i) => {
        const behind = fastest - (positions[i] as number)
        if (behind > delayMax + dueAt(1, fps))
          this.report('Q4', `${name} is ${behind} µs behind the fastest that it can reach`)
      })
    }
  }

  /** Peers that can reach each other over connections that are up. */
  groups(): PeerNode[][] {
    const left = new Set(this.world.nodes.filter(({ isPaused }) => !isPaused))
    const groups: PeerNode[][] = []
    for (const first of left) {
      const group = [first]
      left.delete(first)
      for (const node of group) for (const { to } of node.hops.values()) if (left.delete(to)) group.push(to)
      groups.push(group)
    }
    return groups
  }

  /**
   * After a quiet time, and after all have run to the same tick. Q2: who can reach each other holds equal sets, and
   * nothing is lost that anybody of them has emitted. Q1: equal sets give bit-equal states at the same tick.
   */
  finish(): PeerFindings {
    for (const node of this.world.nodes) if (!node.isPaused) this.replay(node)
    for (const group of this.groups()) {
      const [first, ...others] = group as [PeerNode, ...PeerNode[]]
      for (const { peer } of group)
        for (let number = 1; number <= (this.numbers.get(peer.id) ?? 0); number++)
          if (!first.peer.hasSeen(peer.id, number))
            this.report('Q2', `${first.name} lacks event ${number} of ${peer.id}`)
      this.checkSources(first)
      for (const other of others) this.compare(first, other)
    }
    return this.findings
  }

  /** Events of one source stand in the order in which it emitted them. */
  private checkSources({ name, peer }: PeerNode): void {
    const last = new Map<InstanceId, number>()
    for (const { source, number } of peer.events) {
      if (number <= (last.get(source) ?? 0))
        this.report('Q2', `${name} has event ${number} of ${source} after its event ${last.get(source)}`)
      last.set(source, number)
    }
  }

  private compare(a: PeerNode, b: PeerNode): void {
    this.findings.coverage.compared++
    const [ours, theirs] = [a.peer.events, b.peer.events]
    const at = ours.findIndex((event, i) => theirs[i] === undefined || !isSame(event, theirs[i]))
    if (at >= 0 || ours.length !== theirs.length) {
      this.report('Q2', `${a.name} and ${b.name} hold different sets, from event ${at} on`)
      return
    }
    if (a.mixture.state.join() !== b.mixture.state.join())
      this.report('Q1', `${a.name} and ${b.name} hold equal sets and differ at tick ${a.machine.top}`)
  }

  private report(invariant: PeerInvariant, what: string): void {
    this.findings.report(invariant, this.world.now, what)
  }
}

const isSame = (a: PeerEvent, b: PeerEvent | undefined): boolean =>
  b !== undefined && a.stamp === b.stamp && a.source === b.source && a.number === b.number

const eventsIn = (bytes: Uint8Array): readonly PeerEvent[] => {
  if (bytes[1] !== FLOOD && bytes[1] !== MISSED) return []
  const message = decode(bytes)
  return typeof message !== 'string' && 'events' in message ? message.events : []
}

const isIn = (seen: SeenOf | undefined, number: number): boolean =>
  seen !== undefined && (number <= seen.upTo || seen.beyond.includes(number))

const seenIn = (bytes: Uint8Array): readonly SeenOf[] => {
  const message = decode(bytes)
  return typeof message !== 'string' && message.kind === 'have' ? message.seen : []
}

/** The state at a tick, from tick 0. */
const stateAt = (events: readonly PeerEvent[], tick: Tick): [number, number] => {
  const state = Int32Array.of(0x811c_9dc5 | 0, 0x9e37_79b9 | 0)
  let next = 0
  for (let at = 0; at <= tick; at++) {
    for (let event = events[next]; event !== undefined && event.stamp <= at; event = events[++next])
      if (isAuthentic(event)) mixEvent(state, event)
    mixTick(state, at)
  }
  return [state[0] as number, state[1] as number]
}
