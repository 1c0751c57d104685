import { must } from '../core/errors.ts'
import type { TransportLimits } from './limits.ts'
import type { Connection, EndingCode, Owner, TransportKind } from './transport.ts'

/** What is different in each transport; all else about a connection is in `Link`. */
export interface Carrier {
  readonly kind: TransportKind
  readonly remote: string
  readonly protocol?: string | undefined
  /** Bytes that wait to leave. */
  readonly buffered: number
  carry(message: Uint8Array): void
  /** See to it that what was carried arrives, and then that `ended` is called. */
  finish(): void
  /** Let go of everything at once. Whatever is still said to the link is not heard. */
  cut(): void
}

/**
 * A connection as its owner sees it. Its carrier calls `arrived` and `ended`, never from within a call that the
 * link makes to it.
 */
export class Link implements Connection {
  readonly kind: TransportKind
  readonly remote: string
  private readonly carrier: Carrier
  private readonly limits: TransportLimits
  private owner: Owner | undefined
  /** What came before there was an owner; undefined once he has got it. */
  private early: Uint8Array[] | undefined = []
  private earlyBytes = 0
  /** The owner has not closed it. */
  private isWanted = true
  private ending: EndingCode | undefined
  private readonly endings: (() => void)[] = []

  constructor(carrier: Carrier, limits: TransportLimits) {
    this.carrier = carrier
    this.kind = carrier.kind
    this.remote = carrier.remote
    this.limits = limits
  }

  get protocol(): string | undefined {
    return this.carrier.protocol
  }

  get buffered(): number {
    return this.ending === undefined ? this.carrier.buffered : 0
  }

  attach(owner: Owner): void {
    must(
      this.owner === undefined,
      'one owner',
      () => `the connection with ${this.remote} has an owner already`,
    )
    this.owner = owner
    queueMicrotask(() => this.catchUp())
  }

  send(message: Uint8Array): boolean {
    const { length } = message
    if (length > this.limits.message_bytes_max) tooLong(length)
    if (!this.isWanted || this.ending !== undefined) return false
    this.carrier.carry(message)
    if (this.carrier.buffered <= this.limits.buffered_bytes_max) return true
    this.stop('overflow')
    return false
  }

  close(): void {
    if (!this.isWanted || this.ending !== undefined) return
    this.isWanted = false
    this.carrier.finish()
  }

  destroy(): void {
    this.isWanted = false
    this.stop('destroyed')
  }

  /** A message came. */
  arrived(message: Uint8Array): void {
    if (!this.isWanted || this.ending !== undefined) return
    if (this.early === undefined) return this.owner?.message(message)
    this.early.push(message)
    this.earlyBytes += message.length
    if (this.earlyBytes > this.limits.buffered_bytes_max) this.stop('overflow')
  }

  /** It is over. Only the first reason counts. */
  ended(why: EndingCode): void {
    if (this.ending !== undefined) return
    this.ending = why
    for (const tell of this.endings) tell()
    this.tell()
  }

  /** Cuts it off from this end, perhaps within a call of the owner's: he hears of it a little later. */
  stop(why: EndingCode): void {
    if (this.ending !== undefined) return
    this.early ??= []
    this.ended(why)
    this.carrier.cut()
    queueMicrotask(() => this.catchUp())
  }

  /** Resolves when it is over. */
  whenEnded(): Promise<void> {
    if (this.ending !== undefined) return Promise.resolve()
    return new Promise((resolve) => this.endings.push(resolve))
  }

  private catchUp(): void {
    const { owner, early } = this
    if (owner === undefined || early === undefined) return
    // What comes meanwhile is added at the end.
    for (let i = 0; i < early.length && this.isWanted; i++) owner.message(early[i] as Uint8Array)
    this.early = undefined
    this.tell()
  }

  private tell(): void {
    if (this.ending === undefined || this.early !== undefined) return
    this.owner?.closed(this.ending)
  }
}

/** Apart, since a closure in `send` would be made for every message. */
const tooLong = (length: number): void => must(false, 'P8', () => `a message of ${length} bytes`)

/**
 * A message in memory of its own, unless it fills much of the memory that it lies in: whoever keeps it should
 * not keep its neighbours with it.
 */
export const apart = (message: Uint8Array): Uint8Array =>
  message.length * 4 < message.buffer.byteLength ? new Uint8Array(message) : message
