import type { RefusalCode } from '../core/errors.ts'
import { PEER_LIMITS } from '../core/peer/limits.ts'
import { Peer, type PeerHappening, type PeerOptions } from '../core/peer/peer.ts'
import type { LinkId, Micros } from '../core/timeline/tick.ts'
import { NEVER } from '../core/timeline/tick.ts'
import { Alarms, type Sleeper } from '../driver/alarms.ts'
import type { Clock } from '../driver/clock.ts'
import { Outlet } from '../driver/outlet.ts'
import type { Connection } from '../transport/transport.ts'

/**
 * Of what waits for a neighbour, mostly what it has missed: as much as a snapshot may have. A page that nobody sees
 * looks once a second whether more can leave.
 */
const OUTLET = { paced_bytes: 1_048_576, backlog_bytes_max: PEER_LIMITS.snapshot_bytes_max } as const

/** Who hears of a peer. */
export interface PeerListener {
  happened(happening: PeerHappening): void
  /** Something may have changed: it was heard, woken or used. */
  stirred(): void
}

/** One peer on real connections: it carries, and decides nothing. Runs in Node and in browsers. */
export class PeerHost implements Sleeper {
  readonly peer: Peer
  readonly now: Clock
  private readonly alarms: Alarms
  private readonly listener: PeerListener
  private readonly outlets = new Map<LinkId, Outlet>()
  private lastLink: LinkId = 0

  constructor(options: PeerOptions, listener: PeerListener, alarms = new Alarms()) {
    this.alarms = alarms
    this.now = alarms.now
    this.listener = listener
    this.peer = new Peer(this.now(), options)
  }

  /** The link by which the peer will know the next connection. */
  nextLink(): LinkId {
    return ++this.lastLink
  }

  /** A connection is there, whoever has opened it. */
  take(connection: Connection, link: LinkId): void {
    const outlet = new Outlet(connection, this.alarms, OUTLET)
    this.outlets.set(link, outlet)
    connection.attach({
      message: (bytes) => {
        const moment = this.now()
        this.peer.receive(moment, link, bytes)
        this.catchUp(moment)
      },
      closed: () => {
        outlet.drop()
        this.outlets.delete(link)
        this.peer.closed(this.now(), link)
        this.drain()
      },
    })
    this.peer.linked(this.now(), link)
    this.drain()
  }

  /** Nobody is there to be met: take part at once. */
  begin(): void {
    this.peer.begin(this.now())
    this.drain()
  }

  /** Who is at the other end, for people to read. */
  remoteOf(link: LinkId): string {
    return this.outlets.get(link)?.connection.remote ?? ''
  }

  emit(id: number, payload: Uint8Array): number | RefusalCode {
    const number = this.peer.emit(this.now(), id, payload)
    this.drain()
    return number
  }

  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): RefusalCode | undefined {
    const refusal = this.peer.ask(this.now(), what, data)
    this.drain()
    return refusal
  }

  /** A snapshot for a neighbour that wanted one. */
  give(link: LinkId, snapshot: Uint8Array): void {
    this.peer.give(this.now(), link, snapshot)
    this.drain()
  }

  unlink(link: LinkId): void {
    this.peer.unlink(this.now(), link)
    this.drain()
  }

  leave(): void {
    this.peer.leave(this.now())
    this.drain()
    this.alarms.drop(this)
  }

  wake(moment: Micros): void {
    this.catchUp(moment)
  }

  private catchUp(moment: Micros): void {
    // Timers of a hidden page are held back, messages are not: whatever is overdue goes with them.
    if (this.peer.nextWake() <= moment) this.peer.wake(moment)
    this.drain()
  }

  private drain(): void {
    for (const { to, bytes } of this.peer.outgoing()) this.outlets.get(to)?.send(bytes)
    for (const happening of this.peer.happenings()) {
      if (happening.kind === 'close') this.outlets.get(happening.link)?.close()
      this.listener.happened(happening)
    }
    this.listener.stirred()
    const at = this.peer.nextWake()
    if (at === NEVER) this.alarms.drop(this)
    else this.alarms.set(this, at)
  }
}
