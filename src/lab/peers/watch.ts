import { isAuthentic } from '../../core/peer/authentic.ts'
import { decode, type PeerEvent, type SeenOf } from '../../core/peer/messages.ts'
import { dueAt, type InstanceId, type Micros, SECOND, type Tick } from '../../core/timeline/tick.ts'
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

/** How long two have been out of reach of each other. */
interface Apart {
  since: Micros
  longest: Micros
  /** Since when they are not, and whether that was ever for long enough that each knows of the other. */
  met: Micros
  haveMet: boolean
}

/** Longer than it takes two to hear of each other. */
const KNOWN: Micros = 2 * SECOND

const KEY = 0x1_0000_0000
const keyOf = ({ source, number }: PeerEvent): number => source * KEY + number

/** Watches over a world of peers and checks Q1 to Q5 as each could first be broken. */
export class PeerWatch {
  readonly findings = new PeerFindings()
  private readonly world: PeerWorld
  private readonly replays: boolean
  /** Nobody is forgotten who was away for less. */
  forgetMin: Micros = 0
  private readonly traffic = new WeakMap<Hop, Traffic>()
  private readonly highest = new Map<number, number>()
  /** Events that somebody has folded: they are in no set any more. */
  private readonly archive = new Map<number, PeerEvent>()
  /** Since when two of them cannot reach each other, and the longest time in which they could not. */
  private readonly apart = new Map<number, Apart>()
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

  private replay(node: PeerNode): void {
    const { name, machine, mixture, tookOver } = node
    this.findings.coverage.replays++
    const [a, b] = stateAt(this.allOf(node), machine.top)
    if (a !== mixture.state[0] || b !== mixture.state[1])
      // Q7: who took over what others had folded is what a run from tick 0 would have made of it.
      this.report(
        tookOver > 0 ? 'Q7' : 'Q3',
        `${name} at tick ${machine.top} is not what a run from tick 0 gives`,
      )
  }

  /** Everything that ever was in the set of a peer, in order: what it has folded, and what it holds. */
  private allOf({ peer }: PeerNode): readonly PeerEvent[] {
    if (peer.folded.size === 0) return peer.events
    const folded = [...this.archive.values()].filter(({ source, number }) => peer.folded.has(source, number))
    return [...folded.sort(inOrder), ...peer.events]
  }

  folded(events: readonly PeerEvent[]): void {
    this.findings.coverage.folds++
    this.findings.coverage.folded += events.length
    for (const event of events) this.archive.set(keyOf(event), event)
  }

  tookOver(_node: PeerNode): void {
    this.findings.coverage.tookOver++
  }

  /** Q6: who was never out of reach of anybody for as long as it takes to be forgotten is not. */
  forgotten(node: PeerNode, hint: string): void {
    this.findings.coverage.forgotten++
    const others = this.world.nodes.filter((other) => other !== node)
    // Whom it never met does not know it: that is no member that was forgotten.
    if (others.some((other) => !this.apart.get(pairOf(node, other))?.haveMet)) return
    const longest = Math.max(0, ...others.map((other) => this.apartFor(node, other)))
    if (longest < this.forgetMin)
      this.report(
        'Q6',
        `${node.name} is forgotten, and was never away for longer than ${longest} µs: ${hint}`,
      )
  }

  private apartFor(a: PeerNode, b: PeerNode): Micros {
    const { since = this.world.now, longest = 0 } = this.apart.get(pairOf(a, b)) ?? {}
    return Math.max(longest, this.world.now - since)
  }

  /** Once in a while: who can reach whom. */
  lookForReach(): void {
    const { now } = this.world
    const groups = this.groups()
    const groupOf = new Map(groups.flatMap((group) => group.map((node) => [node, group] as const)))
    for (const a of this.world.nodes)
      for (const b of this.world.nodes) {
        if (a.index >= b.index) continue
        const pair = this.apart.get(pairOf(a, b)) ?? { since: now, longest: 0, met: now, haveMet: false }
        pair.longest = Math.max(pair.longest, now - pair.since)
        if (groupOf.has(a) && groupOf.get(a) === groupOf.get(b)) {
          pair.since = now
          pair.haveMet ||= now - pair.met > KNOWN
        } else pair.met = now
        this.apart.set(pairOf(a, b), pair)
      }
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
    const left = new Set(this.world.nodes.filter(({ isPaused, hasEnded }) => !isPaused && !hasEnded))
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
    for (const node of this.world.nodes) if (!node.isPaused && !node.hasEnded) this.replay(node)
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
  private checkSources(node: PeerNode): void {
    const { name } = node
    const last = new Map<InstanceId, number>()
    for (const { source, number } of this.allOf(node)) {
      if (number <= (last.get(source) ?? 0))
        this.report('Q2', `${name} has event ${number} of ${source} after its event ${last.get(source)}`)
      last.set(source, number)
    }
  }

  private compare(a: PeerNode, b: PeerNode): void {
    this.findings.coverage.compared++
    const [ours, theirs] = [this.allOf(a), this.allOf(b)]
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

const pairOf = (a: PeerNode, b: PeerNode): number =>
  Math.min(a.index, b.index) * KEY + Math.max(a.index, b.index)

const inOrder = (a: PeerEvent, b: PeerEvent): number =>
  a.stamp - b.stamp || a.source - b.source || a.number - b.number

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
