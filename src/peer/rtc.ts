import { SametickError } from '../app/errors.ts'
import { type Attempt, type DirectOptions, noWay } from './channel.ts'
import { type Connection, messageOf, RtcAttempt, type Said } from './rtc-attempt.ts'

export { closeAll } from './rtc-attempt.ts'

export type ConnectionClass = new (options: object) => Connection

/** An attempt may fail by chance: there are so many, each a while after the one before. */
const ATTEMPTS = 4
const AGAIN_MS = 500

/** Looks for a direct way, and again if that fails; who offers begins. */
class Looking implements Attempt {
  private readonly connectionClass: ConnectionClass
  private readonly options: DirectOptions
  private current: RtcAttempt | undefined
  private attempt = 0
  private isOver = false
  private isOpen = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(connectionClass: ConnectionClass, options: DirectOptions) {
    this.connectionClass = connectionClass
    this.options = options
    if (options.offers) this.begin(1)
  }

  hear(bytes: Uint8Array): void {
    const said = read(bytes)
    if (said === undefined || this.isOver) return
    const isNew = said.attempt > this.attempt && said.attempt <= ATTEMPTS
    if (isNew && !this.options.offers && !this.isOpen) this.begin(said.attempt)
    if (said.attempt === this.attempt) this.current?.hear(said)
  }

  close(): void {
    this.isOver = true
    clearTimeout(this.timer)
    this.current?.close()
  }

  private begin(attempt: number): void {
    this.current?.close()
    this.current = undefined
    this.attempt = attempt
    const { offers, ice, signal, opened } = this.options
    const connection = made(this.connectionClass, ice)
    if (connection instanceof SametickError) return this.failed(attempt, connection)
    this.current = new RtcAttempt(connection, {
      offers,
      say: (said) => signal(new TextEncoder().encode(JSON.stringify({ attempt, ...said }))),
      opened: (channel) => {
        this.isOpen = true
        opened(channel)
      },
      failed: (why) => this.failed(attempt, why),
    })
  }

  /** Who offers tries again; who answers waits for that, and both know which is the last. */
  private failed(attempt: number, why: SametickError): void {
    if (this.isOver || attempt !== this.attempt) return
    if (attempt === ATTEMPTS) return this.options.failed(why)
    if (!this.options.offers) return
    this.timer = setTimeout(() => this.begin(attempt + 1), attempt * AGAIN_MS)
  }
}

/** An engine takes no servers that it cannot read, and makes no more connections than it has room for. */
const made = (connectionClass: ConnectionClass, ice: DirectOptions['ice']): Connection | SametickError => {
  try {
    return new connectionClass({ iceServers: ice })
  } catch (error) {
    return noWay(`WebRTC made no connection: ${messageOf(error)}`, error)
  }
}

/** What the other end has said may be anything. */
const read = (bytes: Uint8Array): Said | undefined => {
  try {
    const said = JSON.parse(new TextDecoder().decode(bytes)) as Said | null
    return said !== null && Number.isInteger(said.attempt) ? said : undefined
  } catch {
    return undefined
  }
}

/** Attempts by this WebRTC. */
export const rtcBy =
  (connectionClass: ConnectionClass) =>
  (options: DirectOptions): Attempt =>
    new Looking(connectionClass, options)
