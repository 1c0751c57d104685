import { MILLISECOND, type Micros } from '../core/timeline/tick.ts'
import type { Alarms, Sleeper } from '../driver/alarms.ts'
import type { Connection } from '../transport/transport.ts'
import { BACKLOG_MAX, PACED_BYTES } from './options.ts'

/** How soon it is looked whether the connection has taken what it was given. */
const LOOK_AGAIN: Micros = 5 * MILLISECOND

/**
 * What is on its way to one instance. Mostly nothing waits here. A newcomer's log does: the connection gets it bit
 * by bit, as fast as the other end reads, so that it neither holds up what goes to others in the same turn nor lies
 * in memory once for each newcomer. All of them wait for the same bytes.
 */
export class Outlet implements Sleeper {
  readonly connection: Connection
  private readonly alarms: Alarms
  private waiting: Uint8Array[] = []
  private next = 0
  private bytes = 0

  constructor(connection: Connection, alarms: Alarms) {
    this.connection = connection
    this.alarms = alarms
  }

  /** Whether nothing waits for the connection to take more. */
  get isClear(): boolean {
    return this.next === this.waiting.length
  }

  send(message: Uint8Array): void {
    const { connection } = this
    if (this.isClear && connection.buffered <= PACED_BYTES) {
      connection.send(message)
      return
    }
    // P8: whoever does not read is cut off before it costs memory. Its end is told like any other.
    if (this.bytes + message.length > BACKLOG_MAX) return connection.destroy()
    if (this.isClear) this.alarms.set(this, this.alarms.now() + LOOK_AGAIN)
    this.waiting.push(message)
    this.bytes += message.length
  }

  /**
   * Ends in order. The last word says why, and is heard soon: most of what waits would come too late, or be more
   * than the connection may hold, and whoever is let go has no use for it.
   */
  close(): void {
    this.pass(PACED_BYTES)
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
  }

  wake(moment: Micros): void {
    this.pass(PACED_BYTES)
    if (!this.isClear) this.alarms.set(this, moment + LOOK_AGAIN)
  }

  private pass(most: number): void {
    const { connection, waiting } = this
    while (this.next < waiting.length && connection.buffered <= most) {
      const message = waiting[this.next++] as Uint8Array
      this.bytes -= message.length
      if (!connection.send(message)) return this.drop()
    }
    if (this.isClear) this.drop()
  }
}
