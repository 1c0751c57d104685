import { SametickError } from '../app/errors.ts'
import type { RefusalCode } from '../core/errors.ts'
import type { PeerHappening, PeerOptions } from '../core/peer/peer.ts'
import type { InstanceId, LinkId } from '../core/timeline/tick.ts'
import { errorOf, failureError } from '../driver/error.ts'
import type { Dial, Listen, Listener } from '../transport/transport.ts'
import { PeerHost } from './host.ts'
import { PeerSource } from './source.ts'

interface Waiting {
  readonly resolve: (id: InstanceId) => void
  readonly reject: (error: SametickError) => void
}

/** A link, and where it was dialled. */
interface Known {
  readonly address: string | undefined
  id: InstanceId
}

interface Kept extends Waiting {
  readonly signal: AbortSignal | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

/** Before an address is dialled again. */
const AGAIN_MS = 1_000

/** One peer, where it listens, and whom it is linked with. */
export class Meeting {
  readonly host: PeerHost
  readonly source: PeerSource
  private readonly dial: Dial
  private listener: Listener | undefined
  private readonly known = new Map<LinkId, Known>()
  private readonly waiting = new Map<LinkId, Waiting>()
  private readonly joining: Waiting[] = []
  /** Addresses that are dialled again, with what resolves the first time. */
  private readonly kept = new Map<string, Kept>()

  constructor(dial: Dial, options: PeerOptions) {
    this.dial = dial
    this.host = new PeerHost(options, {
      happened: (happening) => this.happened(happening),
      stirred: () => this.source?.stirred(),
    })
    this.source = new PeerSource(options.fps, this.host, () => this.left())
  }

  get addresses(): readonly string[] {
    return this.listener?.addresses ?? []
  }

  async listen(url: string, listen: Listen | undefined): Promise<void> {
    if (listen === undefined)
      throw new SametickError('not_permitted', 'A page cannot listen: link to a peer that does.')
    const result = await listen(url, {
      onConnection: (connection) => {
        const link = this.host.nextLink()
        this.known.set(link, { address: undefined, id: 0 })
        this.host.take(connection, link)
      },
    })
    if (!result.ok) throw failureError(result.failure)
    this.listener = result.value
  }

  /** Resolves when all that the other one had is here. */
  async link(address: string, signal?: AbortSignal): Promise<InstanceId> {
    if (signal?.aborted) throw errorOf('aborted', address)
    const dialled = await this.dial(address, { signal })
    if (!dialled.ok) throw failureError(dialled.failure)
    return new Promise((resolve, reject) => {
      const link = this.host.nextLink()
      this.known.set(link, { address, id: 0 })
      const giveUp = (): void => {
        if (!this.waiting.delete(link)) return
        this.host.unlink(link)
        reject(errorOf('aborted', address))
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      const settled = (): void => signal?.removeEventListener('abort', giveUp)
      this.waiting.set(link, {
        resolve: (id) => {
          settled()
          resolve(id)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      })
      this.host.take(dialled.value, link)
    })
  }

  /** Link there, again if nobody listens yet or the link is lost, until it is unlinked. Resolves the first time. */
  keep(address: string, signal?: AbortSignal): Promise<InstanceId> {
    return new Promise((resolve, reject) => {
      this.kept.set(address, { resolve, reject, signal, timer: undefined })
      signal?.addEventListener('abort', () => this.letGo(address), { once: true })
      this.attempt(address)
    })
  }

  private attempt(address: string): void {
    const kept = this.kept.get(address)
    if (kept === undefined) return
    this.link(address, kept.signal).then(kept.resolve, (error: unknown) => {
      if (error instanceof SametickError && error.retry) return this.again(address)
      this.kept.delete(address)
      kept.reject(error as SametickError)
    })
  }

  private again(address: string): void {
    const kept = this.kept.get(address)
    if (kept) kept.timer = setTimeout(() => this.attempt(address), AGAIN_MS)
  }

  private letGo(address: string): void {
    const kept = this.kept.get(address)
    clearTimeout(kept?.timer)
    this.kept.delete(address)
    kept?.reject(errorOf('aborted', address))
  }

  private left(): void {
    for (const address of [...this.kept.keys()]) this.letGo(address)
    void this.listener?.close()
  }

  unlink(which: string | InstanceId): void {
    for (const [, { address, id }] of this.known)
      if (address !== undefined && (which === address || which === id)) this.letGo(address)
    if (typeof which === 'string') this.letGo(which)
    for (const [link, { address, id }] of this.known)
      if (which === address || (which === id && id !== 0)) this.host.unlink(link)
  }

  /** Resolves when this peer knows where the others are, and takes part. */
  joined(signal?: AbortSignal): Promise<void> {
    if (this.host.peer.joined) return Promise.resolve()
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(errorOf('aborted', '')), { once: true })
      this.joining.push({ resolve: () => resolve(), reject })
    })
  }

  private happened(happening: PeerHappening): void {
    switch (happening.kind) {
      case 'linked': {
        const known = this.known.get(happening.link)
        if (known) known.id = happening.id
        return
      }
      case 'merged':
        this.waiting.get(happening.link)?.resolve(this.known.get(happening.link)?.id ?? 0)
        this.waiting.delete(happening.link)
        return
      case 'unlinked':
        return this.unlinked(happening.link, happening.code, happening.hint)
      case 'joined':
        for (const { resolve } of this.joining.splice(0)) resolve(this.host.peer.id)
        return
      case 'ended':
        return this.source.ended(happening.code, happening.hint)
      case 'close':
        return
    }
  }

  private unlinked(link: LinkId, code: RefusalCode | undefined, hint: string): void {
    const known = this.known.get(link)
    this.known.delete(link)
    const waiting = this.waiting.get(link)
    this.waiting.delete(link)
    if (!waiting && known?.address !== undefined && code !== 'replaced') this.again(known.address)
    // Two that called each other have one link all the same.
    if (code === 'replaced' && known && this.host.peer.neighbours.includes(known.id))
      return waiting?.resolve(known.id)
    const error = errorOf(code ?? 'lost', hint)
    waiting?.reject(error)
    if (this.host.peer.neighbours.length > 0 || this.host.peer.joined) return
    for (const { reject } of this.joining.splice(0)) reject(error)
  }
}
