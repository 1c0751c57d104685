import type { Micros } from '../core/timeline/tick.ts'
import { memoryPair } from '../transport/memory.ts'
import type { Connection } from '../transport/transport.ts'
import type { SideName } from './agreement.ts'
import type { Place } from './place.ts'
import { distance, FPS, KEYS, type Key, keyOf, move, type Rect, start, turn } from './rect.ts'

/**
 * One copy of the rectangle as it is written at first: it goes by its own clock, obeys its own keys at once and
 * those of others when they come.
 */
export class NaiveCopy {
  readonly rect: Rect = start()
  readonly before: Rect = start()
  private readonly place: Place
  private readonly connection: Connection
  private since: Micros
  private ticks = 0
  private early: Uint8Array[] = []

  constructor(place: Place, connection: Connection) {
    this.place = place
    this.connection = connection
    this.since = place.clock.now()
    connection.attach({
      message: (bytes) => this.hear(bytes),
      closed: () => {},
    })
  }

  press(key: Key): void {
    if (this.place.isStopped) return
    this.run()
    turn(this.rect, key)
    this.connection.send(Uint8Array.of(KEYS[key]))
  }

  /** Runs the ticks that its clock has counted. What it missed while it was stopped is gone. */
  run(): void {
    const due = this.place.ticksSince(this.since, FPS)
    if (this.place.isStopped) {
      this.ticks = due
      return
    }
    for (const bytes of this.early.splice(0)) this.obey(bytes)
    while (this.ticks < due) {
      this.ticks++
      Object.assign(this.before, this.rect)
      move(this.rect)
    }
  }

  /** How much of the next tick has passed. */
  get alpha(): number {
    if (this.place.isStopped) return 1
    const passed = ((this.place.clock.now() - this.since) * FPS) / 1_000_000 - this.ticks
    return Math.min(1, Math.max(0, passed))
  }

  close(): void {
    this.connection.close()
  }

  private hear(bytes: Uint8Array): void {
    this.run()
    if (this.place.isStopped) this.early.push(bytes)
    else this.obey(bytes)
  }

  private obey(bytes: Uint8Array): void {
    const key = keyOf(bytes[0] ?? 0)
    if (key !== undefined) turn(this.rect, key)
  }
}

/** Both copies, and the plain broadcast between them: over the same two networks as everything else. */
export class Naive {
  readonly copies: Readonly<Record<SideName, NaiveCopy>>

  constructor(places: Readonly<Record<SideName, Place>>) {
    const [a, relayA] = memoryPair()
    const [b, relayB] = memoryPair()
    relayA.attach({ message: (bytes) => relayB.send(bytes), closed: () => relayB.close() })
    relayB.attach({ message: (bytes) => relayA.send(bytes), closed: () => relayA.close() })
    this.copies = {
      A: new NaiveCopy(places.A, places.A.network.around(a)),
      B: new NaiveCopy(places.B, places.B.network.around(b)),
    }
  }

  run(): void {
    this.copies.A.run()
    this.copies.B.run()
  }

  /** How far the two are apart, in px. */
  get distance(): number {
    return distance(this.copies.A.rect, this.copies.B.rect)
  }

  close(): void {
    this.copies.A.close()
    this.copies.B.close()
  }
}
