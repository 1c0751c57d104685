import type { Status } from '../app/link.ts'
import { bytesOf } from '../app/memory-state.ts'
import type { Keeper, RewindingSource } from '../app/rewinding-link.ts'
import { restoreWorld } from '../app/saved.ts'
import type { SourceListener } from '../app/source.ts'
import type { RefusalCode } from '../core/errors.ts'
import type { Input } from '../core/timeline/event.ts'
import {
  type InstanceId,
  MILLISECOND,
  type Micros,
  SECOND,
  type Tick,
  tickFrom,
} from '../core/timeline/tick.ts'
import type { PeerHost } from './host.ts'

/** Woken for less than this nobody needs to be. */
const SOONER_MIN: Micros = MILLISECOND
/** How long after the end of a game something may still come, beside the delay of events. */
const SETTLING: Micros = 2 * SECOND

/** What the source is told of the links below it, and tells it. */
export interface Below {
  /** The application has left: what there is is to be let go of. */
  left(): void
  /** Links that go through a meeting point. */
  relayed(): number
}

/** Brings the inputs of a peer to the link above it, and says how things stand. */
export class PeerSource implements RewindingSource {
  readonly fps: number
  private readonly host: PeerHost
  private readonly below: Below
  private listener: SourceListener | undefined
  private status: Status = { phase: 'running' }
  private nextWas: Micros = 0
  private keeper: Keeper | undefined

  constructor(fps: number, host: PeerHost, below: Below) {
    this.fps = fps
    this.host = host
    this.below = below
  }

  get me(): InstanceId {
    return this.host.peer.id
  }

  listen(listener: SourceListener): void {
    this.listener = listener
  }

  now(): Micros {
    return this.host.now()
  }

  position(): Micros {
    return this.host.peer.position(this.host.now())
  }

  dueTick(): Tick {
    return this.host.peer.dueTick(this.host.now())
  }

  take(): Input | undefined {
    return this.dueTick() > this.host.peer.local ? this.next() : undefined
  }

  next(): Input {
    return this.host.peer.next()
  }

  takeChange(): Tick {
    return this.host.peer.takeChange()
  }

  rewind(tick: Tick): void {
    this.host.peer.rewind(tick)
  }

  get foldable(): Tick {
    return this.host.peer.foldable
  }

  fold(tick: Tick): void {
    this.host.peer.fold(tick)
  }

  keepWith(keeper: Keeper): void {
    this.keeper = keeper
  }

  /** The state up to which the past is folded, in bytes. */
  snapshot(): Uint8Array | undefined {
    return this.keeper && bytesOf(this.keeper.runner, this.keeper.base)
  }

  /** Go on from what somebody else has settled. False if that is no state of this application. */
  takeOver(tick: Tick, bytes: Uint8Array): boolean {
    const { keeper } = this
    if (!keeper || !restoreWorld(keeper.runner, bytes) || keeper.runner.tick !== tick) return false
    keeper.startFrom(tick)
    return true
  }

  get settling(): Tick {
    return tickFrom(2 * this.host.peer.delay + SETTLING, this.fps)
  }

  nextInput(): Micros {
    this.nextWas = this.host.peer.nextInput()
    return this.nextWas
  }

  emit(id: number, payload: Uint8Array): number | RefusalCode {
    const number = this.host.emit(id, payload)
    if (typeof number !== 'number') return number
    const { lastStamp } = this.host.peer
    // It has its place at once; whoever emits has its receipt before it hears of that.
    queueMicrotask(() => this.listener?.landed(number, lastStamp))
    return number
  }

  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): RefusalCode | undefined {
    return this.host.ask(what, data)
  }

  leave(): void {
    this.host.leave()
    this.below.left()
  }

  finish(): void {
    this.leave()
  }

  stats(): Record<string, number> {
    const { peer } = this.host
    const { inTime, late } = peer.stats
    return {
      links: peer.neighbours.length,
      relayed: this.below.relayed(),
      inTime,
      late,
      held: peer.events.length,
      folded: peer.foldedTo,
      delayMicros: peer.delay,
      wayMicros: peer.way ?? 0,
      behindMicros: peer.reference(this.host.now()) - this.position(),
    }
  }

  /** Something may have changed. */
  stirred(): void {
    const { peer } = this.host
    if (this.listener === undefined || this.status.phase === 'ended') return
    if (peer.phase !== 'ended') {
      const phase = peer.catchingUp(this.host.now()) ? 'catchingUp' : 'running'
      if (phase !== this.status.phase) this.tell({ phase })
    }
    if (peer.nextInput() >= this.nextWas - SOONER_MIN) return
    this.nextWas = peer.nextInput()
    this.listener.woken()
  }

  ended(why: string, hint: string): void {
    if (why !== 'left') this.tell({ phase: 'ended', why, hint })
  }

  private tell(status: Status): void {
    this.status = status
    this.listener?.status(status)
  }
}
