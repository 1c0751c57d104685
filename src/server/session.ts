import type { RefusalCode } from '../core/errors.ts'
import type { Sequencer, SequencerHappening } from '../core/session/sequencer.ts'
import type { LinkId, Micros } from '../core/timeline/tick.ts'
import type { Alarms, Sleeper } from '../driver/alarms.ts'
import { now } from '../driver/clock.ts'
import { Outlet } from '../driver/outlet.ts'
import type { Connection } from '../transport/transport.ts'
import type { Guest } from './door.ts'
import { OUTLET } from './options.ts'

/** One session on real connections: it carries, and decides nothing. */
export class HostedSession implements Sleeper {
  readonly name: string
  readonly sequencer: Sequencer
  /** Since when nobody has been there, by the machine's clock; undefined while somebody is. */
  emptySince: Micros | undefined
  private readonly alarms: Alarms
  private readonly outlets = new Map<LinkId, Outlet>()
  private readonly tell: (session: HostedSession, happening: SequencerHappening) => void
  private nextLink: LinkId = 1

  constructor(
    name: string,
    sequencer: Sequencer,
    alarms: Alarms,
    tell: (session: HostedSession, happening: SequencerHappening) => void,
  ) {
    this.name = name
    this.sequencer = sequencer
    this.alarms = alarms
    this.tell = tell
  }

  get size(): number {
    return this.outlets.size
  }

  /** Take over a connection whose first message was this one. Returns how to go on with it. */
  take(connection: Connection, hello: Uint8Array): Guest {
    const link = this.nextLink++
    this.outlets.set(link, new Outlet(connection, this.alarms, OUTLET))
    this.emptySince = undefined
    this.receive(link, hello)
    return {
      message: (bytes) => this.receive(link, bytes),
      closed: () => this.lost(link),
    }
  }

  wake(moment: Micros): void {
    this.sequencer.wake(moment)
    this.drain()
  }

  /** Everybody is told that it is over, and why. */
  end(code: RefusalCode): void {
    const moment = this.alarms.now()
    this.sequencer.close(moment, code)
    this.drain()
    this.alarms.drop(this)
  }

  private receive(link: LinkId, bytes: Uint8Array): void {
    // What comes after its connection was given up is of no interest.
    if (!this.outlets.has(link)) return
    const moment = this.alarms.now()
    this.sequencer.receive(moment, link, bytes)
    this.drain()
  }

  private lost(link: LinkId): void {
    const outlet = this.outlets.get(link)
    if (outlet === undefined) return
    outlet.drop()
    this.outlets.delete(link)
    const moment = this.alarms.now()
    this.noteEmpty()
    this.sequencer.closed(moment, link)
    this.drain()
  }

  private drain(): void {
    for (const { to, bytes } of this.sequencer.outgoing()) this.outlets.get(to)?.send(bytes)
    for (const happening of this.sequencer.happenings()) {
      if (happening.kind === 'close') {
        this.outlets.get(happening.link)?.closeSoon()
        this.outlets.delete(happening.link)
        this.noteEmpty()
      }
      this.tell(this, happening)
    }
    this.alarms.set(this, this.sequencer.nextWake())
  }

  private noteEmpty(): void {
    if (this.outlets.size === 0) this.emptySince = now()
  }
}
