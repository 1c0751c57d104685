import type { Server as HttpServer, RequestListener } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { MILLISECOND } from '../core/timeline/tick.ts'
import { errorOf, failureError } from '../driver/error.ts'
import { quiet } from '../driver/quiet.ts'
import { hostPort } from '../transport/address.ts'
import { patience } from '../transport/patience.ts'
import { failureOf } from '../transport/system.ts'
import { listenTcp } from '../transport/tcp.ts'
import type { Listener, Result } from '../transport/transport.ts'
import { listenUdp } from '../transport/udp.ts'
import { attachWebSocket, limitedHttp } from '../transport/websocket.ts'
import { DRAIN_MS, type ServerOptions } from './options.ts'
import { type RoomEvent, Rooms } from './rooms.ts'
import { type SessionEvent, Sessions } from './sessions.ts'
import { checkSettings } from './settings.ts'

/** What a server tells whoever runs it: for logs and figures. */
export type ServerEvent = SessionEvent | RoomEvent

export interface Server {
  /** Where instances can connect, as URLs: the ports that were really bound. */
  readonly addresses: readonly string[]
  readonly sessions: Sessions
  /** Where peers meet: by any of the addresses that is a WebSocket's. */
  readonly rooms: Rooms
  /** Everybody is told, what was sent arrives, and the ports are free again: within a second, whoever hangs. */
  close(): Promise<void>
}

export interface ServerSettings extends ServerOptions {
  /**
   * A server of one's own that listens already, over https for `wss`: WebSockets come in by it as well. What else it
   * does, and its end, is its owner's.
   */
  readonly http?: HttpServer | HttpsServer
  /** Answers what else is asked of the WebSocket's port: a page, figures. */
  readonly pages?: RequestListener
  readonly onEvent?: (event: ServerEvent) => void
}

const LOOPBACK = '127.0.0.1'

/** Open a sequencer's ports and serve named sessions on them, until `close`. */
export const createServer = (settings: ServerSettings = {}): Promise<Server> => quiet(opened(settings))

const opened = async (settings: ServerSettings): Promise<Server> => {
  checkSettings(settings)
  const { host = LOOPBACK, ws, tcp, udp, http: given, origins = [] } = settings
  if (given?.listening === false)
    throw errorOf('bad_request', 'http does not listen yet: wait until it does.')
  const sessions = new Sessions(settings, settings.onEvent)
  const rooms = new Rooms(settings, settings.onEvent)
  const onConnection = sessions.accept.bind(sessions)
  const onMeeting = rooms.accept.bind(rooms)
  const web = { onConnection, origins, ...(settings.roomsMax === 0 ? {} : { onMeeting }) }
  const listeners: Listener[] = []
  let http: HttpServer | undefined

  const close = async (): Promise<void> => {
    sessions.close()
    rooms.close()
    const closing = listeners.map((listener) => listener.close())
    const stopWaiting = patience(DRAIN_MS * MILLISECOND, () => {
      sessions.cut()
      rooms.cut()
      http?.closeAllConnections()
    })
    await Promise.all([...closing, http === undefined ? undefined : closed(http)])
    stopWaiting()
  }

  const listen = async (listening: Promise<Result<Listener>>): Promise<void> => {
    const result = await listening
    if (result.ok) listeners.push(result.value)
    else throw failureError(result.failure)
  }

  try {
    if (given !== undefined) listeners.push(attachWebSocket(given, web))
    if (ws !== undefined || (tcp === undefined && udp === undefined && given === undefined)) {
      http = await listenHttp(host, ws ?? 0, settings.pages ?? nothingHere)
      listeners.push(attachWebSocket(http, web))
    }
    if (tcp !== undefined) await listen(listenTcp(`tcp://${hostPort(host, tcp)}`, { onConnection }))
    if (udp !== undefined) await listen(listenUdp(`udp://${hostPort(host, udp)}`, { onConnection }))
  } catch (error) {
    await close()
    throw error
  }
  return { addresses: listeners.flatMap((listener) => listener.addresses), sessions, rooms, close }
}

const listenHttp = (host: string, port: number, pages: RequestListener): Promise<HttpServer> =>
  new Promise((resolve, reject) => {
    const http = limitedHttp()
    http.on('request', pages)
    // Also later: a server that has no more files left, say, is no reason to end.
    http.on('error', (error) => {
      reject(failureError(failureOf(error, `http://${hostPort(host, port)}`).failure))
    })
    http.listen({ host, port }, () => resolve(http))
  })

const nothingHere: RequestListener = (_request, answer) => {
  answer.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
  answer.end('This is a Sametick server: instances connect here by WebSocket.\n')
}

const closed = (http: HttpServer): Promise<void> =>
  new Promise((resolve) => {
    http.close(() => resolve())
    http.closeIdleConnections()
  })
