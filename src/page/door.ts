import type { Connection, Owner, TransportKind } from '../transport/transport.ts'

/** Sees every message that passes, at the moment at which it does. */
export interface Watcher {
  sent(bytes: Uint8Array): void
  arrived(bytes: Uint8Array): void
}

/**
 * A connection with somebody watching at its door, and that can be held shut on the inside: what arrives then
 * waits outside, as it does in front of a process that was stopped.
 */
export class Door implements Connection {
  readonly kind: TransportKind
  readonly remote: string
  private readonly inner: Connection
  private readonly watcher: Watcher
  private held: (() => void)[] | undefined

  constructor(inner: Connection, watcher: Watcher) {
    this.kind = inner.kind
    this.remote = inner.remote
    this.inner = inner
    this.watcher = watcher
  }

  get buffered(): number {
    return this.inner.buffered
  }

  attach(owner: Owner): void {
    this.inner.attach({
      message: (bytes) => {
        this.watcher.arrived(bytes)
        this.pass(() => owner.message(bytes))
      },
      closed: (why) => this.pass(() => owner.closed(why)),
    })
  }

  send(message: Uint8Array): boolean {
    this.watcher.sent(message)
    return this.inner.send(message)
  }

  close(): void {
    this.inner.close()
  }

  destroy(): void {
    this.inner.destroy()
  }

  hold(): void {
    this.held ??= []
  }

  /** What has waited comes in, in its order. */
  release(): void {
    const { held = [] } = this
    this.held = undefined
    for (const enter of held) enter()
  }

  private pass(enter: () => void): void {
    if (this.held === undefined) enter()
    else this.held.push(enter)
  }
}
