import { decode, encode } from '../../src/core/session/messages.ts'
import { NEVER, type Tick } from '../../src/core/timeline/tick.ts'
import type { Connection, Dial, EndingCode, Owner } from '../../src/transport/transport.ts'
import { done } from '../../src/transport/transport.ts'

/**
 * Connections whose messages from the sequencer can be held back, and let through later: nothing is lost. Its beats
 * always come through, so that however long a machine takes nobody is held for gone; they grant nothing where leases
 * are short, and so gates are for sessions in horizon.
 */
export class Gate {
  private isClosed = false
  private most: Tick = NEVER
  private readonly lanes = new Set<Lane>()
  readonly dial: Dial

  constructor(dial: Dial) {
    this.dial = async (url, options) => {
      const dialled = await dial(url, options)
      return dialled.ok ? done(this.around(dialled.value)) : dialled
    }
  }

  close(): void {
    this.isClosed = true
  }

  open(): void {
    this.upTo(NEVER)
  }

  /** No tick beyond this is granted by what comes through, however many a sequencer that stood still grants at once. */
  upTo(tick: Tick): void {
    this.isClosed = false
    this.most = tick
    for (const lane of this.lanes) lane.flush()
  }

  private around(inner: Connection): Connection {
    return {
      kind: inner.kind,
      remote: inner.remote,
      get buffered() {
        return inner.buffered
      },
      attach: (owner: Owner) => {
        const lane = new Lane(owner, (bytes) => this.through(bytes))
        this.lanes.add(lane)
        inner.attach({ message: (bytes) => lane.message(bytes), closed: (why) => lane.closed(why) })
      },
      send: (message) => inner.send(message),
      close: () => inner.close(),
      destroy: () => inner.destroy(),
    }
  }

  /** What of a message may come through now: all of it, a part that is whole by itself, or nothing. */
  private through(bytes: Uint8Array): Uint8Array | undefined {
    if (this.isClosed) return undefined
    const message = decode(bytes)
    if (typeof message === 'string' || message.kind !== 'grant' || message.tick <= this.most) return bytes
    return encode.grant(this.most, message.lead)
  }
}

/** What came over one connection, in its order. */
class Lane {
  private readonly held: Uint8Array[] = []
  private why: EndingCode | undefined
  private readonly owner: Owner
  private readonly through: (bytes: Uint8Array) => Uint8Array | undefined

  constructor(owner: Owner, through: (bytes: Uint8Array) => Uint8Array | undefined) {
    this.owner = owner
    this.through = through
  }

  message(bytes: Uint8Array): void {
    const message = decode(bytes)
    if (typeof message !== 'string' && message.kind === 'beat') return this.owner.message(bytes)
    this.held.push(bytes)
    if (this.held.length === 1) this.flush()
  }

  closed(why: EndingCode): void {
    this.why = why
    this.flush()
  }

  flush(): void {
    for (let next = this.held[0]; next !== undefined; next = this.held[0]) {
      const part = this.through(next)
      if (part !== undefined) this.owner.message(part)
      // The rest of it is for later, and so is what came after it.
      if (part !== next) return
      this.held.shift()
    }
    const { why } = this
    this.why = undefined
    if (why !== undefined) this.owner.closed(why)
  }
}
