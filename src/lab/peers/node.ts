import { TimeMachine } from '../../core/machine/timemachine.ts'
import type { PeerEvent } from '../../core/peer/messages.ts'
import type { Peer } from '../../core/peer/peer.ts'
import { BEFORE_FIRST, type LinkId, type Micros, NEVER, type Tick } from '../../core/timeline/tick.ts'
import type { Clock } from '../clock.ts'
import type { Hop } from './hop.ts'
import { Mixture } from './mixture.ts'

/** One peer in the lab: the machine, its clock, its application, and the connections that it has. */
export class PeerNode {
  readonly index: number
  readonly peer: Peer
  readonly clock: Clock
  readonly mixture: Mixture
  readonly machine: TimeMachine<Int32Array>
  /** By the link: what goes out over it. */
  readonly hops = new Map<LinkId, Hop>()
  wakeAt: Micros = NEVER
  /** It is stopped: it runs nothing and hears nothing until it goes on. */
  isPaused = false
  /** How often it has taken over what others had folded. */
  tookOver = 0
  /** The first moment at which it was where the fastest was that it could reach. */
  caughtUpAt: Micros = NEVER

  constructor(index: number, peer: Peer, clock: Clock) {
    this.index = index
    this.peer = peer
    this.clock = clock
    this.mixture = new Mixture(peer)
    this.machine = new TimeMachine(this.mixture, BEFORE_FIRST)
  }

  get name(): string {
    return `peer ${this.index}`
  }

  /** Whether something has come for a tick that was run, and the next tick has not come yet. */
  get hasToRunAgain(): boolean {
    return this.peer.hasChanged || this.machine.travelling
  }

  /** It has ended: its past did not fit to that of the others, or it has left. */
  get hasEnded(): boolean {
    return this.peer.phase === 'ended'
  }

  /** Settled ticks are folded: the first snapshot after which something is held holds the rest. */
  fold(): readonly PeerEvent[] {
    const { machine, peer } = this
    if (peer.foldable <= machine.from) return []
    machine.fold(peer.foldable)
    if (machine.from <= peer.foldedTo) return []
    const held = peer.events.slice()
    peer.fold(machine.from)
    return held.slice(0, held.length - peer.events.length)
  }

  /** The state up to which everything is folded. */
  snapshot(): Uint8Array {
    return new Uint8Array(this.machine.base.slice().buffer)
  }

  /** Be what somebody else was at that tick. */
  takeOver(tick: Tick, bytes: Uint8Array): void {
    this.mixture.state.set(new Int32Array(bytes.slice().buffer))
    this.machine.startFrom(tick)
    this.tookOver++
  }

  /** Run what is due by now, as a driver does that looks once a tick: first again what has changed. */
  run(local: Micros): boolean {
    const due = this.peer.dueTick(local)
    if (due <= this.machine.top) return false
    return this.runTo(due)
  }

  /** True if something was run a second time. */
  runTo(tick: Tick): boolean {
    const change = this.peer.takeChange()
    if (change !== NEVER) this.machine.change(change)
    this.machine.run(tick)
    return change !== NEVER
  }
}
