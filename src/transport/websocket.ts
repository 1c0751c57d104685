import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { addressOf, hostPort } from './address.ts'
import { attempt } from './attempt.ts'
import { milliseconds, perAddress, TRANSPORT_LIMITS, type TransportLimits } from './limits.ts'
import { apart, type Carrier, Link } from './link.ts'
import { isLocalAddress, mayConnect, type OriginOptions } from './origin.ts'
import { patience } from './patience.ts'
import { codeOf, failureOf, systemFailed } from './system.ts'
import {
  type Connection,
  type Dial,
  done,
  type FailureCode,
  failed,
  type Listener,
  type ListenOptions,
  type Result,
} from './transport.ts'
import { CLOSE, endingOf, MEETING_PROTOCOL, SUBPROTOCOL } from './websocket-codes.ts'
import { FrameQueue } from './websocket-frames.ts'

const SCHEMES = ['ws', 'wss', 'http', 'https']
/** Sockets beside those of connections, for who is about to be refused, or looks at a page. */
const SPARE_SOCKETS = 256

class WebSocketEnd implements Carrier {
  readonly kind = 'websocket'
  readonly remote: string
  readonly link: Link
  private readonly ws: WebSocket
  private readonly limits: TransportLimits
  /** A client's: what it sends is masked by ws, and leaves with one call to the system each turn. */
  private socket: Duplex | undefined
  private isCorked = false
  /** A server's: its frames need nothing of ws. */
  private readonly frames: FrameQueue | undefined
  /** There once it is to end. */
  private stopWaiting: (() => void) | undefined

  constructor(ws: WebSocket, socket: Duplex | undefined, remote: string, limits: TransportLimits) {
    this.ws = ws
    this.frames = socket && new FrameQueue(socket, () => ws.readyState === WebSocket.OPEN)
    this.remote = remote
    this.limits = limits
    this.link = new Link(this, limits)
    // A client learns of its socket in the answer to its request.
    ws.on('upgrade', (answer) => {
      this.socket = answer.socket
    })
    ws.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary))
    ws.on('close', (code) => this.closed(code))
    ws.on('error', (error) => {
      // The other end is told, by the number that the error stands for.
      if (codeOf(error).startsWith('WS_ERR_')) this.refuse()
    })
  }

  get protocol(): string {
    return this.ws.protocol
  }

  get buffered(): number {
    return this.ws.bufferedAmount + (this.frames?.waiting ?? 0)
  }

  carry(message: Uint8Array): void {
    if (this.frames) return this.frames.put(message)
    if (!this.isCorked) {
      this.isCorked = true
      this.socket?.cork()
      process.nextTick(() => this.uncork())
    }
    this.ws.send(message)
  }

  finish(): void {
    this.frames?.flush()
    this.ws.close(CLOSE.orderly)
    this.endSoon()
  }

  cut(): void {
    this.frames?.drop()
    this.ws.terminate()
  }

  private uncork(): void {
    this.isCorked = false
    this.socket?.uncork()
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (isBinary) return this.link.arrived(apart(new Uint8Array(data.buffer, data.byteOffset, data.length)))
    this.frames?.flush()
    this.ws.close(CLOSE.malformed)
    this.refuse()
  }

  private refuse(): void {
    this.link.ended('malformed')
    this.endSoon()
  }

  private endSoon(): void {
    this.stopWaiting ??= patience(this.limits.closing_max, () => this.ws.terminate())
  }

  private closed(code: number): void {
    this.stopWaiting?.()
    this.link.ended(endingOf(code))
  }
}

const settings = (limits: TransportLimits) => ({
  maxPayload: limits.message_bytes_max,
  perMessageDeflate: false,
})

/** What a server's refusal to speak WebSocket means. */
const refusalOf = (status: number | undefined): FailureCode => {
  if (status === 401 || status === 403) return 'turned_away'
  return status === 503 ? 'server_full' : 'not_sametick'
}

export const dialWebSocket: Dial = (
  url,
  { signal, protocols = [SUBPROTOCOL], limits = TRANSPORT_LIMITS } = {},
) => {
  const address = addressOf(url, SCHEMES)
  if (!address.ok) return Promise.resolve(address)
  const { host, port } = address.value
  return attempt(url, limits.opening_max, signal, (settle) => {
    const given = { ...settings(limits), ...perAddress(limits) }
    const ws = new WebSocket(url.replace(/^http/i, 'ws'), [...protocols], given)
    const end = new WebSocketEnd(ws, undefined, hostPort(host, port), limits)
    ws.on('open', () => settle(done(end.link)))
    ws.on('unexpected-response', (request, answer) => {
      settle(systemFailed(refusalOf(answer.statusCode), `${url} answers ${answer.statusCode}`))
      request.destroy()
    })
    ws.on('error', (error) => {
      const { failure } = failureOf(error, url)
      // What the system has no name for is something in the answer.
      settle(systemFailed(failure.code === 'failed' ? 'not_sametick' : failure.code, failure.detail))
    })
    ws.on('close', () => settle(failed('lost', url)))
    return () => ws.terminate()
  })
}

/** What a listener on WebSockets may be told beside the rest. */
export interface WebSocketOptions extends ListenOptions, OriginOptions {
  /** Called for a connection that wants the meeting point, if there is one. It counts like any other. */
  readonly onMeeting?: (connection: Connection) => void
}

class WebSocketListener implements Listener {
  readonly kind = 'websocket'
  strangers = 0
  private readonly server: Server | SecureServer
  private readonly scheme: string
  private readonly options: WebSocketOptions
  private readonly limits: TransportLimits
  private readonly wss: WebSocketServer
  private readonly links = new Set<Link>()
  /** Those who were told no and have not gone yet: whoever ends does not wait for them. */
  private readonly turnedAway = new Set<Duplex>()
  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    this.upgrade(request, socket, head)
  private readonly detach: () => Promise<void>

  constructor(
    server: Server | SecureServer,
    scheme: string,
    options: WebSocketOptions,
    detach: () => Promise<void>,
  ) {
    this.server = server
    this.scheme = scheme
    this.options = options
    this.limits = options.limits ?? TRANSPORT_LIMITS
    this.detach = detach
    this.wss = new WebSocketServer({ noServer: true, clientTracking: false, ...settings(this.limits) })
    this.wss.on('wsClientError', (_error, socket) => this.turnAway(socket, '400 Bad Request'))
    server.on('upgrade', this.onUpgrade)
  }

  get addresses(): readonly string[] {
    const at = this.server.address() as AddressInfo | null
    return at === null ? [] : [`${this.scheme}://${hostPort(at.address, at.port)}`]
  }

  get connections(): number {
    return this.links.size
  }

  async close(): Promise<void> {
    this.server.off('upgrade', this.onUpgrade)
    const detached = this.detach()
    for (const socket of this.turnedAway) socket.destroy()
    for (const link of this.links) link.close()
    await Promise.all([...this.links].map((link) => link.whenEnded()))
    await detached
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { headers } = request
    const { localAddress, remoteAddress = '', remotePort = 0 } = request.socket
    const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
    const isAsked = offered.includes(SUBPROTOCOL) || offered.includes(MEETING_PROTOCOL)
    // Its owner takes WebSockets of another kind as well: they are none of this one's business.
    if (!isAsked && this.server.listenerCount('upgrade') > 1) return
    if (!mayConnect(headers.origin, headers.host, isLocalAddress(localAddress), this.options))
      return this.turnAway(socket, '403 Forbidden')
    const { onMeeting, onConnection } = this.options
    const isMeeting = onMeeting !== undefined && offered.includes(MEETING_PROTOCOL)
    if (!isMeeting && !offered.includes(SUBPROTOCOL)) return this.turnAway(socket, '400 Bad Request')
    if (this.links.size >= this.limits.connections_max)
      return this.turnAway(socket, '503 Service Unavailable')
    headers['sec-websocket-protocol'] = isMeeting ? MEETING_PROTOCOL : SUBPROTOCOL
    this.wss.handleUpgrade(request, socket, head, (ws) => {
      const { link } = new WebSocketEnd(ws, socket, hostPort(remoteAddress, remotePort), this.limits)
      this.links.add(link)
      void link.whenEnded().then(() => this.links.delete(link))
      if (isMeeting) onMeeting(link)
      else onConnection(link)
    })
  }

  turnAway(socket: Duplex, status: string): void {
    this.strangers++
    socket.on('error', () => {})
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    const timer = setTimeout(() => socket.destroy(), milliseconds(this.limits.closing_max)).unref()
    this.turnedAway.add(socket)
    socket.once('close', () => {
      clearTimeout(timer)
      this.turnedAway.delete(socket)
    })
  }
}

/** Takes connections on a server that also does other things, and that somebody else opens and closes. */
export const attachWebSocket = (server: Server | SecureServer, options: WebSocketOptions): Listener => {
  const scheme = 'setSecureContext' in server ? 'wss' : 'ws'
  return new WebSocketListener(server, scheme, options, () => Promise.resolve())
}

/** A server for pages and WebSockets that nobody holds up by asking slowly, or by asking with too many. */
export const limitedHttp = (limits: TransportLimits = TRANSPORT_LIMITS): Server => {
  const patience = milliseconds(limits.opening_max)
  const server = createServer({
    headersTimeout: patience,
    requestTimeout: patience,
    connectionsCheckingInterval: patience,
  })
  server.maxConnections = limits.connections_max + SPARE_SOCKETS
  return server
}

export const listenWebSocket = (url: string, options: WebSocketOptions): Promise<Result<Listener>> => {
  const address = addressOf(url, ['ws', 'http'])
  if (!address.ok) return Promise.resolve(address)
  const { limits = TRANSPORT_LIMITS } = options
  return new Promise((resolve) => {
    const server = limitedHttp(limits)
    server.on('error', (error) => resolve(failureOf(error, url)))
    const { host, port } = address.value
    server.listen({ host, port }, () => {
      const close = () => closed(server)
      const listener = new WebSocketListener(server, 'ws', options, close)
      server.on('request', (_request, answer) => {
        listener.strangers++
        answer.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end()
      })
      server.on('clientError', (_error, socket) => listener.turnAway(socket, '400 Bad Request'))
      resolve(done(listener))
    })
  })
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
