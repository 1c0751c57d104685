import type { Connection, Dial, Owner } from '../../src/transport/transport.ts'
import { done } from '../../src/transport/transport.ts'

/** The type of a beat, which grants nothing where leases are short. */
const BEAT = 39

/**
 * Connections whose messages from the sequencer can be held back, and let through later: nothing is lost. Its beats
 * always come through, so that however long a machine takes nobody is held for gone.
 */
export class Gate {
  private held: (() => void)[] | undefined
  readonly dial: Dial

  constructor(dial: Dial) {
    this.dial = async (url, options) => {
      const dialled = await dial(url, options)
      return dialled.ok ? done(this.around(dialled.value)) : dialled
    }
  }

  close(): void {
    this.held ??= []
  }

  open(): void {
    const held = this.held ?? []
    this.held = undefined
    for (const pass of held) pass()
  }

  private through(pass: () => void): void {
    if (this.held === undefined) pass()
    else this.held.push(pass)
  }

  private around(inner: Connection): Connection {
    return {
      kind: inner.kind,
      remote: inner.remote,
      get buffered() {
        return inner.buffered
      },
      attach: (owner: Owner) =>
        inner.attach({
          message: (bytes) => {
            if (bytes[1] === BEAT) owner.message(bytes)
            else this.through(() => owner.message(bytes))
          },
          closed: (why) => this.through(() => owner.closed(why)),
        }),
      send: (message) => inner.send(message),
      close: () => inner.close(),
      destroy: () => inner.destroy(),
    }
  }
}
