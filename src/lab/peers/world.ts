import type { RefusalCode } from '../../core/errors.ts'
import { Peer, type PeerHappening, type PeerOptions } from '../../core/peer/peer.ts'
import { Random } from '../../core/random.ts'
import { type LinkId, type Micros, NEVER, SECOND } from '../../core/timeline/tick.ts'
import { Clock } from '../clock.ts'
import { Schedule } from '../schedule.ts'
import type { PeerFindings } from './findings.ts'
import { arrivalOf, type Hop, type PeerWay } from './hop.ts'
import { PeerNode } from './node.ts'
import { PeerWatch } from './watch.ts'

export interface PeerWorldOptions {
  readonly seed: number
  readonly fps: number
  /** Whether every rollback is held against a run from tick 0: it is dear, and for short runs. */
  readonly replays?: boolean
}

export interface NewPeer extends Partial<Omit<PeerOptions, 'fps'>> {
  readonly clock?: Clock
}

/** A link between two peers, whether it is up or not. */
export interface PeerLink {
  readonly a: PeerNode
  readonly b: PeerNode
  readonly way: PeerWay
  /** The connection that is up. */
  link: LinkId | undefined
}

const KINDS = 3
const WAKE = 0
const ARRIVAL = 1
const ACTION = 2

/** The other end hears that a connection is gone. Told by identity: no message is empty. */
const HANG_UP = new Uint8Array(0)

const OFFSET_MAX: Micros = 1_000 * SECOND
const PPM_MAX = 50
/** The streams of chance: clocks below this, and one for every hop. */
const HOPS = 100_000
/** Before a link is tried again. */
const AGAIN: Micros = 500_000
/** A machine that wants to be woken again at once for so many times has hung. */
const SPINS_MAX = 10_000

/**
 * Peers in virtual time. They hear of each other by encoded messages alone, and are driven through their doors as
 * a real driver does it. The same seed and the same calls give the same run.
 */
export class PeerWorld {
  now: Micros = 0
  readonly fps: number
  readonly nodes: PeerNode[] = []
  readonly links: PeerLink[] = []
  readonly watch: PeerWatch
  messages = 0
  /** Whoever wants to hear what peers say of themselves. */
  hear: ((node: PeerNode, happening: PeerHappening) => void) | undefined
  /** Whoever wants to see what they say to each other. */
  see: ((hop: Hop, bytes: Uint8Array) => void) | undefined
  private readonly seed: number
  private readonly schedule = new Schedule()
  private readonly parcels: { hop: Hop; bytes: Uint8Array }[] = []
  private readonly free: number[] = []
  private readonly actions = new Map<number, () => void>()
  private nextAction = 0
  private nextLink = 1
  private spins = 0

  constructor({ seed, fps, replays = false }: PeerWorldOptions) {
    this.seed = seed
    this.fps = fps
    this.watch = new PeerWatch(this, replays)
  }

  // --- what is in it

  add(options: NewPeer = {}): PeerNode {
    const index = this.nodes.length
    const { clock = this.drawClock(index), ...peer } = options
    const machine = new Peer(clock.local(this.now), {
      app: 'mixture@1',
      id: index + 1,
      ...peer,
      fps: this.fps,
    })
    const node = new PeerNode(index, machine, clock)
    this.nodes.push(node)
    this.settle(node)
    return node
  }

  /** Two peers may be linked; `connect` does it. */
  link(a: PeerNode, b: PeerNode, way: PeerWay): PeerLink {
    const link: PeerLink = { a, b, way, link: undefined }
    this.links.push(link)
    return link
  }

  connect(link: PeerLink): void {
    if (link.link !== undefined || link.a.hasEnded || link.b.hasEnded) return
    const id = this.nextLink++
    link.link = id
    const { a, b, way } = link
    for (const [from, to, side] of [
      [a, b, 0],
      [b, a, 1],
    ] as const)
      from.hops.set(id, {
        link: id,
        from,
        to,
        way,
        random: new Random(this.seed, HOPS + 2 * id + side),
        lastArrival: this.now,
        isClosed: false,
      })
    for (const node of [a, b]) this.call(node, (local) => node.peer.linked(local, id))
  }

  /** The connection breaks: nothing gets through any more, and both ends are told. */
  disconnect(link: PeerLink): void {
    const id = link.link
    if (id === undefined) return
    link.link = undefined
    for (const node of [link.a, link.b]) {
      const hop = node.hops.get(id)
      if (hop === undefined) continue
      hop.isClosed = true
      node.hops.delete(id)
      this.call(node, (local) => node.peer.closed(local, id))
    }
  }

  // --- time

  run(until: Micros): void {
    const { schedule } = this
    for (let at = schedule.nextAt(); at <= until; at = schedule.nextAt()) {
      this.spins = at > this.now ? 0 : this.spins + 1
      if (this.spins > SPINS_MAX) throw new Error('somebody wants to be woken at once again and again')
      this.now = at
      this.step(schedule.pop())
    }
    this.now = Math.max(this.now, until)
  }

  /** After a quiet time: all run to one tick, and are compared. */
  finish(): PeerFindings {
    const running = this.nodes.filter(({ isPaused, hasEnded }) => !isPaused && !hasEnded)
    const tops = running.map(({ machine, peer, clock }) =>
      Math.max(machine.top, peer.dueTick(clock.local(this.now))),
    )
    const tick = Math.max(...tops)
    for (const node of running) if (node.runTo(tick)) this.watch.rolledBack(node)
    return this.watch.finish()
  }

  at(moment: Micros, action: () => void): void {
    this.actions.set(this.nextAction, action)
    this.schedule.push(Math.max(moment, this.now), this.nextAction++ * KINDS + ACTION)
  }

  emit(node: PeerNode, id: number, payload?: Uint8Array): void {
    if (node.isPaused || node.hasEnded) return
    this.call(node, (local) => {
      const number = node.peer.emit(local, id, payload)
      if (typeof number === 'number') this.watch.emitted(node, number)
    })
  }

  /** Call a door of a peer, and do what a driver does before and after. */
  call(node: PeerNode, door: (local: Micros) => void): void {
    const local = node.clock.local(this.now)
    this.pull(node, local)
    door(local)
    this.settle(node)
  }

  /** A process stops, as SIGSTOP does it. What comes meanwhile is there when it goes on. */
  pause(node: PeerNode, until: Micros): void {
    if (node.isPaused) return
    this.pull(node, node.clock.local(this.now))
    node.isPaused = true
    this.at(until, () => {
      node.isPaused = false
      this.wake(node)
    })
  }

  private step(what: number): void {
    const index = Math.floor(what / KINDS)
    switch (what % KINDS) {
      case WAKE: {
        const node = this.nodes[index] as PeerNode
        if (node.wakeAt === this.now) this.wake(node)
        return
      }
      case ARRIVAL:
        return this.arrive(index)
      default: {
        const action = this.actions.get(index)
        this.actions.delete(index)
        action?.()
      }
    }
  }

  private wake(node: PeerNode): void {
    node.wakeAt = NEVER
    if (node.isPaused) return
    this.call(node, (local) => {
      if (local >= node.peer.nextWake()) node.peer.wake(local)
    })
  }

  private arrive(slot: number): void {
    const { hop, bytes } = this.parcels[slot] as { hop: Hop; bytes: Uint8Array }
    if (hop.isClosed) return this.release(slot)
    const { to, link } = hop
    if (to.isPaused) {
      // Looked at again soon: a stopped process reads nothing.
      this.schedule.push(this.now + 10_000, slot * KINDS + ARRIVAL)
      return
    }
    this.release(slot)
    if (bytes === HANG_UP) {
      hop.isClosed = true
      const back = to.hops.get(link)
      if (back) back.isClosed = true
      to.hops.delete(link)
      for (const each of this.links) if (each.link === link) each.link = undefined
      this.call(to, (local) => to.peer.closed(local, link))
      return
    }
    this.messages++
    this.watch.arrives(hop, bytes)
    this.call(to, (local) => to.peer.receive(local, link, bytes))
  }

  private release(slot: number): void {
    this.free.push(slot)
  }

  private pull(node: PeerNode, local: Micros): void {
    if (node.run(local)) this.watch.rolledBack(node)
    this.fold(node)
  }

  private fold(node: PeerNode): void {
    const folded = node.fold()
    if (folded.length > 0) this.watch.folded(folded)
  }

  private acts(node: PeerNode, happening: PeerHappening): void {
    switch (happening.kind) {
      case 'close':
        return this.hangUp(node, happening.link)
      case 'wanted':
        return this.at(this.now, () => this.give(node, happening.link))
      case 'snapshot':
        node.takeOver(happening.tick, happening.bytes)
        return this.watch.tookOver(node)
      case 'unlinked':
        return this.again(happening.link, happening.code)
      case 'ended':
        if (happening.code === 'forgotten') this.watch.forgotten(node, happening.hint)
        return
      case 'linked':
      case 'doubled':
      case 'merged':
      case 'joined':
        return
    }
  }

  private give(node: PeerNode, link: LinkId): void {
    this.call(node, (local) => node.peer.give(local, link, node.snapshot()))
  }

  /** Who is told to link again does, as a driver does it. */
  private again(link: LinkId, code: RefusalCode | undefined): void {
    if (code !== 'again' && code !== 'forgotten') return
    const broken = this.links.find((each) => each.link === link)
    if (broken) this.at(this.now + AGAIN, () => this.connect(broken))
  }

  private settle(node: PeerNode): void {
    for (const { to, bytes } of node.peer.outgoing()) {
      const hop = node.hops.get(to)
      if (hop === undefined) continue
      this.watch.leaves(hop, bytes)
      this.see?.(hop, bytes)
      this.carry(hop, arrivalOf(hop, this.now), bytes)
    }
    for (const happening of node.peer.happenings()) {
      this.hear?.(node, happening)
      this.acts(node, happening)
    }
    this.rewake(node)
  }

  private carry(hop: Hop, at: Micros, bytes: Uint8Array): void {
    const slot = this.free.pop() ?? this.parcels.length
    this.parcels[slot] = { hop, bytes }
    this.schedule.push(at, slot * KINDS + ARRIVAL)
  }

  /** What was sent arrives, and then the other end hears that there is nothing more. */
  private hangUp(node: PeerNode, link: LinkId): void {
    const hop = node.hops.get(link)
    if (hop === undefined) return
    this.carry(hop, hop.lastArrival, HANG_UP)
    node.hops.delete(link)
    const back = hop.to.hops.get(link)
    if (back) back.isClosed = true
  }

  private rewake(node: PeerNode): void {
    const wanted = node.peer.nextWake()
    if (wanted === NEVER) return
    const at = Math.max(this.now, node.clock.global(wanted))
    if (at >= node.wakeAt) return
    node.wakeAt = at
    this.schedule.push(at, node.index * KINDS + WAKE)
  }

  private drawClock(index: number): Clock {
    const chance = new Random(this.seed, index)
    const offset = Math.floor(chance.between(SECOND, OFFSET_MAX))
    return new Clock(offset, chance.between(-PPM_MAX, PPM_MAX))
  }
}
