import { createHash } from 'node:crypto'
import { openSeat } from '../../../src/client/open.ts'
import type { Seat, Sitter } from '../../../src/client/seat.ts'
import type { InstanceHappening } from '../../../src/core/session/instance.ts'
import { decode } from '../../../src/core/session/messages.ts'
import { lineOf } from '../../../src/core/timeline/recording.ts'
import type { Tick } from '../../../src/core/timeline/tick.ts'
import { dial } from '../../../src/transport/dial.ts'
import type { Connection, Dial } from '../../../src/transport/transport.ts'

export interface PlayerOptions {
  readonly fps: number
  readonly instances: number
  /** Take the digest of the timeline up to this tick. */
  readonly digestAt?: Tick | undefined
  readonly isLazy?: boolean
  /** Put around the connection. */
  readonly around?: ((inner: Connection) => Connection) | undefined
}

/** An event that was emitted: when, in which tick, and for which it was stamped. */
export interface Emitted {
  readonly at: number
  readonly open: Tick
  stamp: Tick | undefined
}

const LAZY_MS = 500
/** The second byte of a grant. */
const GRANT = 38

/** One instance, which takes every input as it comes and measures what becomes of its events. */
export class Player implements Sitter {
  readonly emitted: Emitted[] = []
  /** Grants that left the server after their tick was due. */
  lateGrants = 0
  grants = 0
  leadSum = 0
  digest: string | undefined
  ended: string | undefined
  private readonly hash = createHash('sha256')
  private readonly digestAt: Tick
  private readonly byNumber = new Map<number, Emitted>()
  private sits: Seat | undefined

  private constructor(digestAt: Tick) {
    this.digestAt = digestAt
  }

  static async join(url: string, options: PlayerOptions): Promise<Player> {
    const { fps, instances, digestAt = -1, around = (inner) => inner } = options
    const player = new Player(digestAt)
    const dialled: Dial = async (to, how) => {
      const result = await dial(to, how)
      return result.ok ? { ok: true, value: player.listening(around(result.value)) } : result
    }
    player.sits = await openSeat(url, { fps, app: 'bench@1', instances }, dialled, player)
    if (options.isLazy) setInterval(() => player.pull(), LAZY_MS)
    else player.await()
    return player
  }

  get seat(): Seat {
    if (this.sits === undefined) throw new Error('the player has no seat yet')
    return this.sits
  }

  emit(at: number, payload: Uint8Array): void {
    this.pull()
    const { instance } = this.seat
    if (instance.phase !== 'running') return
    const emitted: Emitted = { at, open: instance.local + 1, stamp: undefined }
    const number = this.seat.emit(1, payload)
    if (typeof number !== 'number') return
    this.byNumber.set(number, emitted)
    this.emitted.push(emitted)
  }

  happened(happening: InstanceHappening): void {
    if (happening.kind === 'landed') {
      const emitted = this.byNumber.get(happening.number)
      this.byNumber.delete(happening.number)
      if (emitted !== undefined) emitted.stamp = happening.stamp
    }
    if (happening.kind === 'ended') this.ended = happening.code
  }

  due(): void {
    this.pull()
    this.await()
  }

  closed(): void {}

  private await(): void {
    this.seat.awaitInput()
  }

  private pull(): void {
    for (let input = this.seat.take(); input; input = this.seat.take()) {
      if (input.tick > this.digestAt) continue
      this.hash.update(lineOf(input))
      if (input.id === 0 && input.tick === this.digestAt) this.digest = this.hash.digest('hex')
    }
  }

  /** The same connection; its grants are looked at as they pass. */
  private listening(inner: Connection): Connection {
    const look = (bytes: Uint8Array): void => {
      if (bytes[1] !== GRANT) return
      const grant = decode(bytes)
      if (typeof grant === 'string' || grant.kind !== 'grant') return
      this.grants++
      this.leadSum += grant.lead
      if (grant.lead <= 0) this.lateGrants++
    }
    return {
      kind: inner.kind,
      remote: inner.remote,
      get buffered() {
        return inner.buffered
      },
      attach: (owner) =>
        inner.attach({
          message: (bytes) => {
            look(bytes)
            owner.message(bytes)
          },
          closed: (why) => owner.closed(why),
        }),
      send: (bytes) => inner.send(bytes),
      close: () => inner.close(),
      destroy: () => inner.destroy(),
    }
  }
}
