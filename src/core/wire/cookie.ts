import { must } from '../errors.ts'
import type { Micros } from '../timeline/tick.ts'
import { COOKIE_BYTES, NONCE_BYTES, type Opening, putU32, u32At } from './datagram.ts'
import type { ChannelLimits } from './limits.ts'
import { type HalfKey, halfKey, sipHash } from './siphash.ts'

export const SECRET_BYTES = 16

/** What a hash is for is its first byte, so that none can stand for another. */
const FOR = { cookie: 0, salt: 1, opening: 2, fromClient: 3, fromAcceptor: 4, id: 5 } as const

/**
 * Cookies prove that whoever sends from an address also receives there. They are a hash over that address, the
 * time and the client's opening, so that nothing has to be kept for an address before it has proved itself.
 */
export class Cookies {
  private readonly limits: ChannelLimits
  private secret: Uint8Array
  private former: Uint8Array | undefined
  private readonly input: Uint8Array
  private readonly hash: Uint8Array = new Uint8Array(COOKIE_BYTES)
  private salts = 0

  constructor(secret: Uint8Array, limits: ChannelLimits) {
    this.limits = limits
    this.secret = checked(secret)
    this.input = new Uint8Array(1 + 8 + 4 + NONCE_BYTES + limits.address_bytes_max)
  }

  /** A new secret; cookies made with the one before it stay good for as long as they would have. */
  rotate(secret: Uint8Array): void {
    this.former = this.secret
    this.secret = checked(secret)
  }

  make(now: Micros, address: Uint8Array, opening: Opening): Uint8Array {
    return this.hashed(this.secret, this.slotAt(now), address, opening).slice()
  }

  isGood(now: Micros, address: Uint8Array, opening: Opening, cookie: Uint8Array): boolean {
    const slot = this.slotAt(now)
    return [this.secret, this.former].some(
      (secret) =>
        secret !== undefined &&
        [slot, slot - 1].some((from) => areEqual(this.hashed(secret, from, address, opening), cookie)),
    )
  }

  /** Eight bytes that nobody can foretell, other ones at every call. */
  salt(): Uint8Array {
    this.salts++
    return this.hashed(this.secret, this.salts, NOWHERE, NOBODY, FOR.salt).slice()
  }

  private slotAt(now: Micros): number {
    return Math.floor(now / this.limits.cookie_slot)
  }

  private hashed(
    secret: Uint8Array,
    count: number,
    address: Uint8Array,
    opening: Opening,
    purpose: number = FOR.cookie,
  ): Uint8Array {
    const input = this.input
    input[0] = purpose
    putU32(input, 1, count)
    putU32(input, 5, Math.floor(count / 0x1_0000_0000))
    putU32(input, 9, opening.id)
    input.set(opening.nonce, 13)
    input.set(address, 13 + NONCE_BYTES)
    sipHash(secret, input, 13 + NONCE_BYTES + address.length, this.hash)
    return this.hash
  }
}

const checked = (secret: Uint8Array): Uint8Array => {
  must(secret.length === SECRET_BYTES, 'secret', () => `${secret.length} bytes instead of ${SECRET_BYTES}`)
  return secret.slice()
}

const NOWHERE: Uint8Array = new Uint8Array(0)
const NOBODY: Opening = { id: 0, nonce: new Uint8Array(NONCE_BYTES) }

/** Takes the same time whatever differs. */
const areEqual = (a: Uint8Array, b: Uint8Array): boolean => {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i]
  return difference === 0
}

/** A client that has proved its address, and what its channel is made from. */
export interface Accepted {
  /** The number by which the acceptor knows the channel. */
  readonly id: number
  readonly opening: Opening
  readonly cookie: Uint8Array
  /** Other bytes for every channel: nothing that was sealed for an earlier one fits. */
  readonly salt: Uint8Array
}

/** All that follows from a client's nonce, its cookie and the acceptor's salt. */
export interface ChannelKeys {
  readonly fromClient: HalfKey
  readonly fromAcceptor: HalfKey
}

const derived = (
  opening: Opening,
  cookie: Uint8Array,
  purpose: number,
  salt: Uint8Array = NOWHERE,
): Uint8Array => {
  const key = new Uint8Array(SECRET_BYTES)
  key.set(opening.nonce)
  key.set(cookie, NONCE_BYTES)
  const input = Uint8Array.of(purpose, ...salt)
  const out = new Uint8Array(8)
  sipHash(key, input, input.length, out)
  return out
}

/** The key of `accept`. */
export const openingKey = (opening: Opening, cookie: Uint8Array): HalfKey =>
  halfKey(derived(opening, cookie, FOR.opening))

/** One key each way, so that a datagram sent back to its sender is refused. */
export const channelKeys = (opening: Opening, cookie: Uint8Array, salt: Uint8Array): ChannelKeys => ({
  fromClient: halfKey(derived(opening, cookie, FOR.fromClient, salt)),
  fromAcceptor: halfKey(derived(opening, cookie, FOR.fromAcceptor, salt)),
})

/**
 * The number by which the acceptor knows a channel. It follows from the `open`, so that a second copy of it finds
 * the channel that the first one made.
 */
export const acceptorId = (opening: Opening, cookie: Uint8Array): number =>
  u32At(derived(opening, cookie, FOR.id), 0) || 1
