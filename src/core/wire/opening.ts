import type { RefusalCode } from '../errors.ts'
import { type Micros, NEVER } from '../timeline/tick.ts'
import { type ChannelKeys, channelKeys, openingKey } from './cookie.ts'
import * as wire from './datagram.ts'
import type { ChannelLimits } from './limits.ts'

/** What an opening led to. */
export interface Opened {
  /** The number by which the acceptor knows the channel. */
  readonly peerId: number
  readonly keys: ChannelKeys
}

/** The client's way to a channel: `open`, a cookie for it, `open` with the cookie, and it is accepted. */
export class ClientOpening {
  private readonly limits: ChannelLimits
  private readonly opening: wire.Opening
  readonly endsAt: Micros
  private cookie: Uint8Array | undefined
  private repeatAt: Micros
  /** When the last `open` left, unless it was one of several alike: its answer could not be told from theirs. */
  private askedAt: Micros | undefined
  private isFirst = true

  opened: Opened | undefined
  failure: RefusalCode | undefined
  /** How long an answer took. */
  roundTrip: Micros | undefined

  constructor(now: Micros, opening: wire.Opening, limits: ChannelLimits) {
    this.limits = limits
    this.opening = opening
    this.endsAt = now + limits.opening_max
    this.repeatAt = now
  }

  get nextWake(): Micros {
    return Math.min(this.repeatAt, this.endsAt)
  }

  /** The datagram that is due, if one is. */
  due(now: Micros): Uint8Array | undefined {
    if (now >= this.endsAt) {
      this.failure = 'silent'
      return undefined
    }
    if (now < this.repeatAt) return undefined
    this.askedAt = this.isFirst ? now : undefined
    this.isFirst = false
    this.repeatAt = now + this.limits.opening_pause
    return wire.openDatagram(this.opening, this.cookie)
  }

  receive(now: Micros, datagram: Uint8Array): void {
    const kind = datagram[0]
    if (wire.u32At(datagram, 1) !== this.opening.id) return
    // Another version's refusal is laid out like this one's.
    if ((kind & 0x0f) === (wire.KIND.refuse & 0x0f)) this.receiveRefuse(datagram)
    if (kind === wire.KIND.cookie) this.receiveCookie(now, datagram)
    if (kind === wire.KIND.accept) this.receiveAccept(now, datagram)
  }

  private receiveRefuse(datagram: Uint8Array): void {
    if (datagram.length !== wire.REFUSE_DATAGRAM_BYTES || !this.isAnswer(datagram)) return
    const why = datagram[5 + wire.NONCE_BYTES]
    if (why === wire.REFUSE.version) this.failure = 'version'
    if (why === wire.REFUSE.closing) this.failure = 'closing'
  }

  private receiveCookie(now: Micros, datagram: Uint8Array): void {
    if (datagram.length !== wire.COOKIE_DATAGRAM_BYTES || !this.isAnswer(datagram)) return
    const cookie = datagram.slice(5 + wire.NONCE_BYTES, -wire.TAG_BYTES)
    const { cookie: known } = this
    if (known?.every((byte, i) => byte === cookie[i])) return
    this.timed(now)
    this.cookie = cookie
    this.isFirst = true
    this.repeatAt = now
  }

  /** Only the acceptor knows the nonce that it answers: nobody else can say no, or hand out a cookie. */
  private isAnswer(datagram: Uint8Array): boolean {
    if (!wire.isSealed(wire.OPEN_KEY, datagram)) return false
    return this.opening.nonce.every((byte, i) => byte === datagram[5 + i])
  }

  private receiveAccept(now: Micros, datagram: Uint8Array): void {
    const { cookie, opening } = this
    if (cookie === undefined || datagram.length !== wire.ACCEPT_DATAGRAM_BYTES) return
    if (!wire.isSealed(openingKey(opening, cookie), datagram)) return
    this.timed(now)
    this.repeatAt = NEVER
    const salt = datagram.subarray(9, 9 + wire.NONCE_BYTES)
    this.opened = { peerId: wire.u32At(datagram, 5), keys: channelKeys(opening, cookie, salt) }
  }

  private timed(now: Micros): void {
    if (this.askedAt !== undefined) this.roundTrip = now - this.askedAt
  }
}
