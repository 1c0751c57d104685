import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Micros, SECOND } from '../core/timeline/tick.ts'
import { addressOf, hostPort } from './address.ts'
import { attempt } from './attempt.ts'
import { type FrameEnd, FrameReader, FrameWriter, FULL } from './frames.ts'
import { milliseconds, perAddress, TRANSPORT_LIMITS, type TransportLimits } from './limits.ts'
import { type Carrier, Link } from './link.ts'
import { patience } from './patience.ts'
import { failureOf, systemFailed } from './system.ts'
import {
  type Dial,
  done,
  type FailureCode,
  type Listen,
  type Listener,
  type ListenOptions,
} from './transport.ts'

const SCHEMES = ['tcp']
/** After so long without anything the system asks whether the other end is still there. */
const KEEPALIVE: Micros = 10 * SECOND

/** What the first bytes said, to whoever dialled. */
const NOT_OPENED: Readonly<Record<FrameEnd, FailureCode>> = {
  goodbye: 'server_full',
  full: 'server_full',
  malformed: 'not_sametick',
  stranger: 'not_sametick',
  version: 'version',
}

class TcpEnd implements Carrier {
  readonly kind = 'tcp'
  readonly remote: string
  readonly link: Link
  private readonly socket: Socket
  private readonly limits: TransportLimits
  private readonly writer = new FrameWriter()
  private readonly reader: FrameReader
  private isFlushing = false
  /** There once it is to end. */
  private stopWaiting: (() => void) | undefined
  /** Told once, when the other end has greeted, or why it did not. */
  private onOpen: ((why?: FailureCode) => void) | undefined

  constructor(socket: Socket, limits: TransportLimits, onOpen: (why?: FailureCode) => void) {
    this.socket = socket
    this.limits = limits
    this.onOpen = onOpen
    this.remote = hostPort(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    this.link = new Link(this, limits)
    this.reader = new FrameReader(
      { greeted: () => this.opened(), message: (bytes) => this.link.arrived(bytes) },
      limits.message_bytes_max,
    )
    socket.setNoDelay(true)
    socket.setKeepAlive(true, milliseconds(KEEPALIVE))
    socket.on('data', (chunk) => this.receive(chunk))
    // A close follows every error, and the last byte of an end that has died without a goodbye.
    socket.on('error', () => {})
    socket.on('close', () => this.lost())
    this.writer.greet()
    this.flush()
  }

  get buffered(): number {
    return this.writer.waiting + this.socket.writableLength
  }

  carry(message: Uint8Array): void {
    this.writer.put(message)
    if (this.isFlushing) return
    this.isFlushing = true
    process.nextTick(() => this.flush())
  }

  finish(): void {
    if (this.stopWaiting !== undefined) return
    this.stopWaiting = patience(this.limits.closing_max, () => this.socket.destroy())
    this.writer.goodbye()
    this.flush()
    this.socket.end()
  }

  cut(): void {
    this.onOpen = undefined
    this.socket.destroy()
  }

  private flush(): void {
    this.isFlushing = false
    const { socket } = this
    const chunks = this.writer.take()
    if (!socket.writable) return
    if (chunks.length > 1) socket.cork()
    for (const chunk of chunks) socket.write(chunk)
    if (chunks.length > 1) socket.uncork()
  }

  private opened(why?: FailureCode): void {
    const { onOpen } = this
    this.onOpen = undefined
    onOpen?.(why)
  }

  private receive(chunk: Uint8Array): void {
    const end = this.reader.read(chunk)
    if (end === undefined || this.socket.destroyed) return
    if (end === 'goodbye') {
      this.finish()
      this.link.ended('closed')
      return
    }
    this.opened(NOT_OPENED[end])
    this.link.stop('malformed')
  }

  private lost(): void {
    this.stopWaiting?.()
    this.opened('lost')
    this.link.ended('lost')
  }
}

export const dialTcp: Dial = (url, { signal, limits = TRANSPORT_LIMITS } = {}) => {
  const address = addressOf(url, SCHEMES)
  if (!address.ok) return Promise.resolve(address)
  const { host, port } = address.value
  return attempt(url, limits.opening_max, signal, (settle) => {
    const socket = connect({ host, port, ...perAddress(limits) })
    socket.on('error', (error) => settle(failureOf(error, url)))
    socket.on('connect', () => {
      const end = new TcpEnd(socket, limits, (why) =>
        settle(why === undefined ? done(end.link) : systemFailed(why, url)),
      )
    })
    return () => socket.destroy()
  })
}

class TcpListener implements Listener {
  readonly kind = 'tcp'
  readonly addresses: readonly string[]
  strangers = 0
  private readonly server: Server
  private readonly options: ListenOptions
  private readonly limits: TransportLimits
  /** Sockets that are being opened, and connections. */
  private readonly opening = new Set<Socket>()
  private readonly links = new Set<Link>()

  constructor(server: Server, options: ListenOptions) {
    const { address, port } = server.address() as AddressInfo
    this.addresses = [`tcp://${hostPort(address, port)}`]
    this.server = server
    this.options = options
    this.limits = options.limits ?? TRANSPORT_LIMITS
    server.on('connection', (socket) => this.accept(socket))
  }

  get connections(): number {
    return this.links.size
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const socket of this.opening) socket.destroy()
    for (const link of this.links) link.close()
    await closed
  }

  private accept(socket: Socket): void {
    const { opening, links, limits } = this
    const isFull = opening.size + links.size >= limits.connections_max
    const stopWaiting = patience(limits.opening_max, () => socket.destroy())
    const settled = () => {
      stopWaiting()
      opening.delete(socket)
    }
    opening.add(socket)
    socket.once('close', settled)
    if (isFull) return turnAway(socket)
    const end = new TcpEnd(socket, limits, (why) => {
      settled()
      if (why === undefined) this.open(end.link)
      else this.strangers++
    })
  }

  private open(link: Link): void {
    this.links.add(link)
    void link.whenEnded().then(() => this.links.delete(link))
    this.options.onConnection(link)
  }
}

/** Says that there is no room, and reads on until that has been heard. */
const turnAway = (socket: Socket): void => {
  socket.on('error', () => {})
  socket.resume()
  socket.end(FULL)
}

export const listenTcp: Listen = (url, options) => {
  const address = addressOf(url, SCHEMES)
  if (!address.ok) return Promise.resolve(address)
  const { host, port } = address.value
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', (error) => resolve(failureOf(error, url)))
    server.listen({ host, port }, () => resolve(done(new TcpListener(server, options))))
  })
}
