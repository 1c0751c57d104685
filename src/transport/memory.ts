import { attempt } from './attempt.ts'
import { TRANSPORT_LIMITS, type TransportLimits } from './limits.ts'
import { type Carrier, Link } from './link.ts'
import { soon } from './soon.ts'
import { systemFailed } from './system.ts'
import {
  type Connection,
  type Dial,
  done,
  failed,
  type Listen,
  type Listener,
  type ListenOptions,
  type Result,
} from './transport.ts'

/** What is on its way to an end; the last thing is how it ends. */
type Parcel = Uint8Array | 'closed' | 'lost'

class MemoryEnd implements Carrier {
  readonly kind = 'memory'
  readonly remote: string
  buffered = 0
  readonly link: Link
  private readonly limits: TransportLimits
  private peer: MemoryEnd | undefined
  private inbox: Parcel[] = []
  private isDue = false

  constructor(remote: string, limits: TransportLimits) {
    this.remote = remote
    this.limits = limits
    this.link = new Link(this, limits)
  }

  meet(peer: MemoryEnd): void {
    this.peer = peer
    peer.peer = this
  }

  carry(message: Uint8Array): void {
    this.buffered += message.length
    this.peer?.put(message)
  }

  finish(): void {
    this.peer?.put('closed')
  }

  cut(): void {
    this.inbox = []
    if (this.peer) this.peer.inbox = []
    this.peer?.put('lost')
  }

  private put(parcel: Parcel): void {
    this.inbox.push(parcel)
    if (this.isDue) return
    this.isDue = true
    soon(() => this.deliver())
  }

  private deliver(): void {
    this.isDue = false
    const parcels = this.inbox
    this.inbox = []
    for (const parcel of parcels) {
      if (typeof parcel === 'string') this.end(parcel)
      else this.receive(parcel)
    }
  }

  private receive(message: Uint8Array): void {
    if (this.peer) this.peer.buffered -= message.length
    if (message.length <= this.limits.message_bytes_max) return this.link.arrived(message)
    this.link.stop('malformed')
  }

  private end(why: 'closed' | 'lost'): void {
    if (why === 'closed') this.peer?.link.ended('closed')
    this.link.ended(why)
  }
}

/** Both ends of a connection within this program. Messages are handed over as they are, a little later. */
const pair = (
  names: readonly [string, string],
  limits: readonly [TransportLimits, TransportLimits],
): readonly [Link, Link] => {
  const a = new MemoryEnd(names[1], limits[0])
  const b = new MemoryEnd(names[0], limits[1])
  a.meet(b)
  return [a.link, b.link]
}

export const memoryPair = (limits: TransportLimits = TRANSPORT_LIMITS): readonly [Connection, Connection] =>
  pair(['memory:a', 'memory:b'], [limits, limits])

class MemoryListener implements Listener {
  readonly kind = 'memory'
  readonly addresses: readonly string[]
  readonly strangers = 0
  private readonly options: ListenOptions
  private readonly links = new Set<Link>()
  private readonly onClose: () => void

  constructor(url: string, options: ListenOptions, onClose: () => void) {
    this.addresses = [url]
    this.options = options
    this.onClose = onClose
  }

  get connections(): number {
    return this.links.size
  }

  connect(url: string, client: string, limits: TransportLimits): Result<Connection> {
    const { onConnection, limits: own = TRANSPORT_LIMITS } = this.options
    if (this.links.size >= own.connections_max) return failed('server_full', url)
    const [dialled, accepted] = pair([client, url], [limits, own])
    this.links.add(accepted)
    accepted.whenEnded().then(() => this.links.delete(accepted))
    onConnection(accepted)
    return done(dialled)
  }

  async close(): Promise<void> {
    this.onClose()
    for (const link of this.links) link.close()
    await Promise.all([...this.links].map((link) => link.whenEnded()))
  }
}

/** Addresses of the form memory://name, known to those who share this object. */
export class MemoryNetwork {
  private readonly listeners = new Map<string, MemoryListener>()
  private dialled = 0

  /** Without a name it finds one that is free. */
  readonly listen: Listen = (url, options) => {
    const name = /^memory:\/\/([^/]*)$/.exec(url)?.[1]
    if (name === undefined) return Promise.resolve(failed('bad_url', url))
    const address = name === '' ? this.freeAddress() : url
    if (this.listeners.has(address)) return Promise.resolve(systemFailed('port_in_use', address))
    const listener = new MemoryListener(address, options, () => this.listeners.delete(address))
    this.listeners.set(address, listener)
    return Promise.resolve(done(listener))
  }

  readonly dial: Dial = (url, { signal, limits = TRANSPORT_LIMITS } = {}) =>
    attempt(url, limits.opening_max, signal, (settle) => {
      let isWanted = true
      soon(() => {
        if (!isWanted) return
        const client = `memory client ${++this.dialled}`
        settle(this.listeners.get(url)?.connect(url, client, limits) ?? failed('refused', url))
      })
      return () => {
        isWanted = false
      }
    })

  private freeAddress(): string {
    let n = 1
    while (this.listeners.has(`memory://${n}`)) n++
    return `memory://${n}`
  }
}
