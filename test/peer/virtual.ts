import type { App } from '../../src/app/app.ts'
import type { Events } from '../../src/app/event.ts'
import { DRIVEN } from '../../src/app/link.ts'
import { RewindingLink } from '../../src/app/rewinding-link.ts'
import type { FoldRule } from '../../src/core/peer/options.ts'
import type { PeerHappening } from '../../src/core/peer/peer.ts'
import { NEVER, SECOND } from '../../src/core/timeline/tick.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import { PeerHost } from '../../src/peer/host.ts'
import { PeerSource } from '../../src/peer/source.ts'
import type { Connection, Owner } from '../../src/transport/transport.ts'

/** One end of a connection: what is sent waits until the other end is told. */
class End implements Connection {
  readonly kind = 'memory'
  readonly remote = 'by hand'
  readonly buffered = 0
  owner: Owner | undefined
  other: End | undefined
  readonly waiting: Uint8Array[] = []

  attach(owner: Owner): void {
    this.owner = owner
  }

  send(bytes: Uint8Array): boolean {
    this.other?.waiting.push(bytes)
    return true
  }

  close(): void {
    const { other } = this
    this.other = undefined
    this.deliver()
    other?.deliver()
    this.owner?.closed('closed')
    if (other) other.other = undefined
    other?.owner?.closed('closed')
  }

  destroy(): void {
    this.close()
  }

  deliver(): boolean {
    const waiting = this.waiting.splice(0)
    for (const bytes of waiting) this.owner?.message(bytes)
    return waiting.length > 0
  }
}

/** Peers as an application meets them, over connections that take no time, by a clock that goes as it is told. */
export class VirtualPeers<S extends object, E extends Events> {
  readonly links: RewindingLink<S, E, unknown>[] = []
  readonly hosts: PeerHost[] = []
  readonly snapshots: number[] = []
  private micros = SECOND
  private readonly app: App<S, E, unknown>
  private readonly fold: FoldRule | undefined
  private readonly ends: End[] = []

  constructor(app: App<S, E, unknown>, fold: FoldRule | undefined) {
    this.app = app
    this.fold = fold
  }

  add(...to: readonly number[]): number {
    const index = this.links.length
    const wanted: number[] = []
    const happened = (happening: PeerHappening): void => {
      if (happening.kind === 'wanted') wanted.push(happening.link)
      else if (happening.kind === 'snapshot') {
        this.snapshots.push(happening.bytes.length)
        if (!source.takeOver(happening.tick, happening.bytes)) throw new Error('no state of this application')
      } else if (happening.kind === 'ended') source.ended(happening.code, happening.hint)
    }
    const options = {
      fps: this.app.fps,
      app: this.app.id,
      id: index + 1,
      alone: to.length === 0,
      delay: { fixed: 20_000 },
      ...(this.fold ? { fold: this.fold } : {}),
    }
    const stirred = (): void =>
      queueMicrotask(() => {
        for (const link of wanted.splice(0)) host.give(link, source.snapshot() ?? new Uint8Array(0))
      })
    const host = new PeerHost(options, { happened, stirred }, new Alarms(() => this.micros, NEVER))
    const source = new PeerSource(this.app.fps, host, { left: () => {}, relayed: () => 0 })
    this.hosts.push(host)
    this.links.push(new RewindingLink(this.app, source, { seed: 1 }))
    for (const other of to) this.connect(index, other)
    return index
  }

  /** What it gives ends the link between the two. */
  connect(a: number, b: number): () => void {
    const [near, far] = [new End(), new End()]
    near.other = far
    far.other = near
    this.ends.push(near, far)
    for (const [index, end] of [
      [a, near],
      [b, far],
    ] as const) {
      const host = this.hosts[index] as PeerHost
      host.take(end, host.nextLink())
    }
    return () => near.close()
  }

  /** Time passes, tick by tick; `each` is called after every tick. */
  async pass(seconds: number, each?: (tick: number) => void): Promise<void> {
    const step = SECOND / this.app.fps
    for (let i = 0; i < seconds * this.app.fps; i++) {
      this.micros += step
      for (const host of this.hosts) if (host.peer.nextWake() <= this.micros) host.wake(this.micros)
      this.deliver()
      for (const link of this.links) while (link[DRIVEN].run());
      each?.(i)
      // Whoever was asked for a snapshot gives it now.
      await Promise.resolve()
      this.deliver()
    }
  }

  private deliver(): void {
    while (this.ends.map((end) => end.deliver()).some((was) => was));
  }

  end(): void {
    for (const link of this.links) link.leave()
  }
}
