import { addressOf, hostPort } from './address.ts'
import { attempt } from './attempt.ts'
import { TRANSPORT_LIMITS, type TransportLimits } from './limits.ts'
import { type Carrier, Link } from './link.ts'
import { patience } from './patience.ts'
import { type Connection, type DialOptions, done, failed, type Result } from './transport.ts'
import { CLOSE, endingOf, SUBPROTOCOL } from './websocket-codes.ts'

const SCHEMES = ['ws', 'wss', 'http', 'https']
/** `WebSocket.OPEN`: whatever class takes the browser's place need not name it. */
const OPEN = 1

/** What is used of a browser's WebSocket. */
interface Socket {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: { readonly code: number }) => void) | null
  send(data: Uint8Array): void
  close(code: number): void
}

export type SocketClass = new (url: string, protocols: string[]) => Socket

/** A WebSocket that is there wherever a page runs. This file needs nothing of Node. */
class BrowserEnd implements Carrier {
  readonly kind = 'websocket'
  readonly remote: string
  readonly link: Link
  private readonly socket: Socket
  private readonly limits: TransportLimits
  /** There once it is to end. */
  private stopWaiting: (() => void) | undefined

  constructor(socket: Socket, remote: string, limits: TransportLimits) {
    this.socket = socket
    this.remote = remote
    this.limits = limits
    this.link = new Link(this, limits)
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => this.receive(data)
    // A close follows.
    socket.onerror = () => {}
  }

  get protocol(): string {
    return this.socket.protocol
  }

  get buffered(): number {
    return this.socket.bufferedAmount
  }

  carry(message: Uint8Array): void {
    // It may have been closed already by the other end, and its event is still to come: a browser would write a
    // complaint for each message, that leads nowhere any more.
    if (this.socket.readyState === OPEN) this.socket.send(message)
  }

  finish(): void {
    this.socket.close(CLOSE.orderly)
    this.stopWaiting = patience(this.limits.closing_max, () => this.link.ended('lost'))
  }

  cut(): void {
    this.socket.close(CLOSE.broken)
  }

  closed(code: number): void {
    this.stopWaiting?.()
    this.link.ended(endingOf(code))
  }

  private receive(data: unknown): void {
    if (data instanceof ArrayBuffer && data.byteLength <= this.limits.message_bytes_max)
      return this.link.arrived(new Uint8Array(data))
    this.socket.close(CLOSE.malformed)
    this.link.ended('malformed')
  }
}

/** A page that came over https may not connect without encryption: then nothing is made. */
const made = (url: string, protocols: readonly string[], socketClass: SocketClass): Socket | undefined => {
  try {
    return new socketClass(url.replace(/^http/i, 'ws'), [...protocols])
  } catch {
    return undefined
  }
}

/** Another class of sockets can take the place of the browser's. */
export interface BrowserOptions {
  readonly socketClass?: SocketClass
}

export const dialBrowser = (
  url: string,
  options: DialOptions & BrowserOptions = {},
): Promise<Result<Connection>> => {
  const {
    signal,
    protocols = [SUBPROTOCOL],
    limits = TRANSPORT_LIMITS,
    socketClass = WebSocket as unknown as SocketClass,
  } = options
  const address = addressOf(url, SCHEMES)
  if (!address.ok) return Promise.resolve(address)
  const { host, port } = address.value
  return attempt(url, limits.opening_max, signal, (settle) => {
    const socket = made(url, protocols, socketClass)
    if (socket === undefined) {
      settle(failed('turned_away', url))
      return () => {}
    }
    const end = new BrowserEnd(socket, hostPort(host, port), limits)
    let isOpen = false
    socket.onopen = () => {
      isOpen = true
      settle(done(end.link))
    }
    socket.onclose = ({ code }) => {
      // Why it was not opened, no page is told.
      if (!isOpen) settle(failed('refused', url))
      end.closed(code)
    }
    return () => socket.close(CLOSE.broken)
  })
}
