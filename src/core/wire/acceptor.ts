import type { Micros } from '../timeline/tick.ts'
import { Channel, type ChannelOptions } from './channel.ts'
import { type Accepted, acceptorId, Cookies } from './cookie.ts'
import * as wire from './datagram.ts'
import { CHANNEL_LIMITS } from './limits.ts'

/** What an acceptor says to a datagram. */
export type Answer =
  | { readonly kind: 'nothing' }
  /** Bytes for the address that the datagram came from; never more than came. */
  | { readonly kind: 'reply'; readonly bytes: Uint8Array }
  /** The address has proved itself. The same `open` always names the same channel. */
  | { readonly kind: 'proven'; readonly id: number; readonly accept: (now: Micros) => Channel }

const NOTHING: Answer = { kind: 'nothing' }

/**
 * The door for those who have no channel yet. It keeps nothing of what it hears: until an address has sent back
 * the cookie that went to it, all that is known of it is what its datagram says.
 *
 * A driver first asks `channelOf` which channel a datagram is for. Those of a channel that it has go there; all
 * others come here. When one is `proven`, the driver looks whether it has a channel of that number already (a
 * copy of the `open` came), calls `accept` if not, and hands the datagram to the channel, which answers it.
 */
export class Acceptor {
  private readonly cookies: Cookies
  private readonly options: ChannelOptions
  private readonly addressMax: number
  /** Set to refuse whoever comes. */
  isClosing = false

  /** The secret is 16 bytes of chance that nobody else has, given anew at each start. */
  constructor(secret: Uint8Array, options: ChannelOptions = {}) {
    const limits = options.limits ?? CHANNEL_LIMITS
    this.cookies = new Cookies(secret, limits)
    this.options = options
    this.addressMax = limits.address_bytes_max
  }

  /** A new secret, every now and then. Cookies made with the last one are still taken. */
  rotate(secret: Uint8Array): void {
    this.cookies.rotate(secret)
  }

  receive(now: Micros, address: Uint8Array, datagram: Uint8Array): Answer {
    if (datagram[0] === wire.KIND.data) return this.receiveOrphan(datagram)
    // So long that no answer is longer: whose address is forged as the source gets less than was sent.
    if (datagram.length !== wire.OPEN_BYTES || address.length > this.addressMax) return NOTHING
    if ((datagram[0] & 0x0f) !== (wire.KIND.open & 0x0f)) return NOTHING
    const opening = wire.openingOf(datagram)
    if (datagram[0] !== wire.KIND.open) return reply(wire.refuseDatagram(opening, wire.REFUSE.version))
    if (opening.id === 0 || !wire.isSealed(wire.OPEN_KEY, datagram)) return NOTHING
    if (this.isClosing) return reply(wire.refuseDatagram(opening, wire.REFUSE.closing))

    const cookie = wire.cookieOf(datagram)
    if (!this.cookies.isGood(now, address, opening, cookie))
      return reply(wire.cookieDatagram(opening, this.cookies.make(now, address, opening)))
    const id = acceptorId(opening, cookie)
    return { kind: 'proven', id, accept: (at) => this.accept(at, { opening, cookie, id }) }
  }

  /** For a channel of a process that was here before, or of one that ended: whoever sent it should know. */
  private receiveOrphan(datagram: Uint8Array): Answer {
    const { length } = datagram
    if (length < wire.DATA_BYTES_MIN || length > wire.DATAGRAM_BYTES_MAX) return NOTHING
    return reply(wire.goneDatagram(datagram))
  }

  private accept(now: Micros, proven: Omit<Accepted, 'salt'>): Channel {
    return Channel.accept(now, { ...proven, salt: this.cookies.salt() }, this.options)
  }
}

const reply = (bytes: Uint8Array): Answer => ({ kind: 'reply', bytes })
