import { randomBytes } from 'node:crypto'
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { RefusalCode } from '../core/errors.ts'
import { type Micros, SECOND } from '../core/timeline/tick.ts'
import { Acceptor, type Answer } from '../core/wire/acceptor.ts'
import { Channel } from '../core/wire/channel.ts'
import { SECRET_BYTES } from '../core/wire/cookie.ts'
import { KIND, NONCE_BYTES } from '../core/wire/datagram.ts'
import { addressOf, hostPort } from './address.ts'
import { attempt } from './attempt.ts'
import { Channels, channelLimits, UdpEnd } from './channels.ts'
import { bound, connected, type Datagrams, type Peer } from './datagrams.ts'
import { TRANSPORT_LIMITS, type TransportLimits } from './limits.ts'
import type { Link } from './link.ts'
import { failureOf, systemFailed } from './system.ts'
import {
  type Connection,
  type DialOptions,
  done,
  type FailureCode,
  failed,
  type Listener,
  type ListenOptions,
  type Result,
} from './transport.ts'

const SCHEMES = ['udp']
/** For how long the listener makes cookies with one secret. */
const SECRET_AGE: Micros = 600 * SECOND

/** What both ends may choose beside the rest. */
export interface UdpOptions {
  /** Put around the socket, such as faults. */
  readonly around?: (inner: Datagrams) => Datagrams
}

export interface UdpDialOptions extends DialOptions, UdpOptions {
  /** The addresses of a host, in the order in which they are tried. By default the system is asked. */
  readonly addressesOf?: (host: string) => Promise<readonly LookupAddress[]>
}

const asked = (host: string): Promise<readonly LookupAddress[]> => lookup(host, { all: true })

const encoder = new TextEncoder()

const unchanged = (inner: Datagrams): Datagrams => inner

/** Why a channel was not opened, to whoever dialled. */
const notOpened = (failure: RefusalCode): FailureCode => {
  switch (failure) {
    case 'silent':
      return 'timeout'
    case 'closing':
      return 'server_full'
    case 'malformed':
      return 'not_sametick'
    case 'version':
      return 'version'
    default:
      return 'lost'
  }
}

/** Opens a channel over a socket, and says how that went. Gives a function that gives up. */
const openOver = (
  datagrams: Datagrams,
  url: string,
  remote: string,
  limits: TransportLimits,
  settle: (outcome: Result<Connection>) => void,
): (() => void) => {
  const channels = new Channels(datagrams)
  channels.onEmpty = () => void datagrams.close()
  const opening = { id: 1, nonce: randomBytes(NONCE_BYTES) }
  const channel = Channel.connect(channels.now(), opening, { limits: channelLimits(limits) })
  const onOpen = (link: Link, failure?: RefusalCode) =>
    settle(failure === undefined ? done(link) : systemFailed(notOpened(failure), url))
  const end = new UdpEnd({ channels, channel, remote, to: undefined, limits, onOpen })
  channels.onStranger = (at, datagram) => {
    if (datagram[0] === KIND.gone) end.receive(at, datagram)
  }
  datagrams.onRefused = () => {
    if (channel.state !== 'opening') return
    settle(failed('refused', url))
    end.cut()
  }
  return () => end.cut()
}

/** Nobody is at that address; at another one of the same host there may be. */
const NOT_THERE: ReadonlySet<FailureCode> = new Set(['refused', 'unreachable', 'address_not_here'])

export const dialUdp = (url: string, options: UdpDialOptions = {}): Promise<Result<Connection>> => {
  const { signal, limits = TRANSPORT_LIMITS, around = unchanged, addressesOf = asked } = options
  const address = addressOf(url, SCHEMES)
  if (!address.ok) return Promise.resolve(address)
  const { host, port } = address.value
  return attempt(url, limits.opening_max, signal, (settle) => {
    let isWanted = true
    let giveUp = () => {}
    const dialAt = async (at: LookupAddress): Promise<Result<Connection>> => {
      const socket = await connected(at, port)
      if (isWanted)
        return new Promise((resolve) => {
          giveUp = openOver(around(socket), url, hostPort(host, port), limits, resolve)
        })
      await socket.close()
      return failed('aborted', url)
    }
    const dialAll = async (): Promise<Result<Connection>> => {
      const all = await addressesOf(host)
      for (const at of all.slice(0, -1)) {
        const outcome = await dialAt(at).catch((error: unknown) => failureOf(error, url))
        if (outcome.ok || !NOT_THERE.has(outcome.failure.code)) return outcome
      }
      return dialAt(all.at(-1) as LookupAddress)
    }
    dialAll().then(settle, (error: unknown) => settle(failureOf(error, url)))
    return () => {
      isWanted = false
      giveUp()
    }
  })
}

type Proven = Extract<Answer, { kind: 'proven' }>

class UdpListener implements Listener {
  readonly kind = 'udp'
  readonly addresses: readonly string[]
  strangers = 0
  private readonly datagrams: Datagrams
  private readonly channels: Channels
  private readonly options: ListenOptions
  private readonly limits: TransportLimits
  private readonly links = new Set<Link>()
  private readonly acceptor: Acceptor
  private rotateAt: Micros
  private isClosing = false

  constructor(datagrams: Datagrams, options: ListenOptions) {
    this.addresses = [`udp://${hostPort(datagrams.at.address, datagrams.at.port)}`]
    this.datagrams = datagrams
    this.options = options
    this.limits = options.limits ?? TRANSPORT_LIMITS
    this.acceptor = new Acceptor(randomBytes(SECRET_BYTES), { limits: channelLimits(this.limits) })
    this.channels = new Channels(datagrams)
    this.rotateAt = this.channels.now() + SECRET_AGE
    this.channels.onStranger = (at, datagram, from) => this.receive(at, datagram, from)
  }

  get connections(): number {
    return this.links.size
  }

  async close(): Promise<void> {
    this.isClosing = true
    for (const end of this.channels.all())
      if (this.links.has(end.link)) end.link.close()
      else end.cut()
    await Promise.all([...this.links].map((link) => link.whenEnded()))
    await this.datagrams.close()
  }

  private receive(at: Micros, datagram: Uint8Array, from: Peer): void {
    const answer = this.answer(at, datagram, from, this.isClosing)
    switch (answer.kind) {
      case 'nothing':
        this.strangers++
        return
      case 'reply':
        if (datagram[0] === KIND.data) this.strangers++
        return this.datagrams.send(answer.bytes, from)
      case 'proven':
        return this.receiveProven(at, datagram, from, answer)
    }
  }

  /** An opening from an address that has proved itself; perhaps a copy of one. */
  private receiveProven(at: Micros, datagram: Uint8Array, from: Peer, { id, accept }: Proven): void {
    const { channels, limits } = this
    let end = channels.get(id)
    if (end === undefined && channels.size >= limits.connections_max) {
      const refusal = this.answer(at, datagram, from, true)
      if (refusal.kind === 'reply') this.datagrams.send(refusal.bytes, from)
      return
    }
    end ??= new UdpEnd({
      channels,
      channel: accept(at),
      remote: hostPort(from.address, from.port),
      to: from,
      limits,
      onOpen: (link, failure) => this.open(link, failure),
    })
    end.receive(at, datagram)
  }

  private answer(at: Micros, datagram: Uint8Array, from: Peer, isRefusing: boolean): Answer {
    const { acceptor } = this
    if (at >= this.rotateAt) {
      this.rotateAt = at + SECRET_AGE
      acceptor.rotate(randomBytes(SECRET_BYTES))
    }
    acceptor.isClosing = isRefusing
    return acceptor.receive(at, encoder.encode(hostPort(from.address, from.port)), datagram)
  }

  private open(link: Link, failure?: RefusalCode): void {
    if (failure !== undefined) {
      this.strangers++
      return
    }
    this.links.add(link)
    void link.whenEnded().then(() => this.links.delete(link))
    this.options.onConnection(link)
  }
}

export const listenUdp = async (
  url: string,
  options: ListenOptions & UdpOptions,
): Promise<Result<Listener>> => {
  const { around = unchanged } = options
  const address = addressOf(url, SCHEMES)
  if (!address.ok) return address
  try {
    const datagrams = around(await bound(address.value.host, address.value.port))
    return done(new UdpListener(datagrams, options))
  } catch (error) {
    return failureOf(error, url)
  }
}
