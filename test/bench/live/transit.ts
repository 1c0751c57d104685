import type { Connection } from '../../../src/transport/transport.ts'

/** How long messages really take through a wrapper, in one direction: the least and the mean. */
export class Transit {
  private readonly left: number[] = []
  private readonly taken: number[] = []

  leaves(): void {
    this.left.push(performance.now())
  }

  arrives(): void {
    const left = this.left.shift()
    if (left !== undefined) this.taken.push((performance.now() - left) * 1_000)
  }

  /** As a way of the lab: the least that one in twenty takes, and how much longer the mean is. */
  get way(): { readonly base: number; readonly jitter: number } {
    const sorted = [...this.taken].sort((a, b) => a - b)
    const base = sorted[Math.floor(sorted.length / 20)] ?? 0
    const mean = sorted.reduce((sum, each) => sum + each, 0) / Math.max(1, sorted.length)
    return { base: Math.round(base), jitter: Math.round(Math.max(0, mean - base)) }
  }
}

/** The same connection, looked at as messages pass on either side of a wrapper. */
const watched = (inner: Connection, onSend: () => void, onMessage: () => void): Connection => ({
  kind: inner.kind,
  remote: inner.remote,
  get buffered() {
    return inner.buffered
  },
  attach: (owner) =>
    inner.attach({
      message: (bytes) => {
        onMessage()
        owner.message(bytes)
      },
      closed: (why) => owner.closed(why),
    }),
  send: (bytes) => {
    onSend()
    return inner.send(bytes)
  },
  close: () => inner.close(),
  destroy: () => inner.destroy(),
})

/** A wrapper, and how long messages take through it each way. Nothing overtakes, so they are told apart by order. */
export const timed = (
  wrap: (inner: Connection) => Connection,
  up: Transit,
  down: Transit,
): ((inner: Connection) => Connection) => {
  return (inner) => {
    const below = watched(
      inner,
      () => up.arrives(),
      () => down.leaves(),
    )
    return watched(
      wrap(below),
      () => up.leaves(),
      () => down.arrives(),
    )
  }
}
