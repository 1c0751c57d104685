import { MILLISECOND, type Micros, NEVER } from '../core/timeline/tick.ts'
import { CLOSING_MAX } from '../core/wire/limits.ts'
import type { Connection } from '../transport/transport.ts'
import type { Alarms, Sleeper } from './alarms.ts'

/** How soon it is looked whether the connection has taken what it was given. */
const LOOK_AGAIN: Micros = 5 * MILLISECOND

/** So many messages that have left are carried along at least, so that the rest seldom moves. */
const KEPT_MAX = 32

export interface OutletLimits {
  /** Bytes that the connection is given before it has passed some of them on: enough to keep it busy. */
  readonly paced_bytes: number
  /** Bytes that wait here. Beyond it the connection is cut off. */
  readonly backlog_bytes_max: number
}

/**
 * What is on its way to one other end. Mostly nothing waits here. What a newcomer has missed does: the connection
 * gets it bit by bit, as fast as the other end reads. A connection holds less than that may be, and what goes to
 * others in the same turn is not held up.
 */
export class Outlet implements Sleeper {
  readonly connection: Connection
  private readonly alarms: Alarms
  private readonly limits: OutletLimits
  private waiting: Uint8Array[] = []
  private next = 0
  private bytes = 0
  /** When what waits must have left, once it is to be the last. */
  private closeBy: Micros = NEVER

  constructor(connection: Connection, alarms: Alarms, limits: OutletLimits) {
    this.connection = connection
    this.alarms = alarms
    this.limits = limits
  }

  /** Whether nothing waits for the connection to take more. */
  get isClear(): boolean {
    return this.next === this.waiting.length
  }

  send(message: Uint8Array): void {
    const { connection } = this
    if (this.isClear && connection.buffered <= this.limits.paced_bytes) {
      connection.send(message)
      return
    }
    // P8: whoever does not read is cut off before it costs memory. Its end is told like any other.
    if (this.bytes + message.length > this.limits.backlog_bytes_max) return connection.destroy()
    if (this.isClear) this.alarms.set(this, this.alarms.now() + LOOK_AGAIN)
    this.waiting.push(message)
    this.bytes += message.length
  }

  /** Ends in order: what waits is sent before, within the time that an orderly end may take. */
  close(): void {
    if (this.isClear) this.connection.close()
    else this.closeBy = this.alarms.now() + CLOSING_MAX
  }

  /**
   * Ends in order, and soon. The last word says why: most of what waits before it would come too late, or be more than
   * the connection may hold, and whoever is let go has no use for it.
   */
  closeSoon(): void {
    this.pass()
    const last = this.waiting.at(-1)
    if (!this.isClear && last) this.connection.send(last)
    this.drop()
    this.connection.close()
  }

  /** The connection has ended, or is no longer of interest. */
  drop(): void {
    this.alarms.drop(this)
    this.waiting = []
    this.next = 0
    this.bytes = 0
  }

  wake(moment: Micros): void {
    this.pass()
    if (!this.isClear && moment >= this.closeBy) this.connection.destroy()
    else if (!this.isClear) this.alarms.set(this, moment + LOOK_AGAIN)
    else if (this.closeBy !== NEVER) this.connection.close()
  }

  private pass(): void {
    const { connection, waiting, limits } = this
    while (this.next < waiting.length && connection.buffered <= limits.paced_bytes) {
      const message = waiting[this.next++] as Uint8Array
      this.bytes -= message.length
      if (!connection.send(message)) return this.drop()
    }
    if (this.isClear) return this.drop()
    // Who always lags a little never is clear: what has left is let go of all the same.
    if (this.next < KEPT_MAX || 2 * this.next < waiting.length) return
    this.waiting = waiting.slice(this.next)
    this.next = 0
  }
}
