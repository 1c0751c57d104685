import { SametickError } from '../app/errors.ts'
import type { InstanceId } from '../core/timeline/tick.ts'
import { errorOf } from '../driver/error.ts'

/** Somebody who waits for a link. */
export interface Waiting {
  readonly resolve: (id: InstanceId) => void
  readonly reject: (error: SametickError) => void
}

interface Kept {
  /** All who want it kept: with the last of them it is let go of. */
  readonly by: Set<Waiting>
  /** Ends the attempt that is going on. */
  readonly stop: AbortController
  isTrying: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

/** Before an address is dialled again. */
const AGAIN_MS = 1_000

/** Addresses that are linked with again: when nobody listens there yet, and whenever the link is lost. */
export class Keeping {
  private readonly kept = new Map<string, Kept>()
  private readonly link: (address: string, signal: AbortSignal) => Promise<InstanceId>

  constructor(link: (address: string, signal: AbortSignal) => Promise<InstanceId>) {
    this.link = link
  }

  has(address: string): boolean {
    return this.kept.has(address)
  }

  /** Resolves when the link is there; whoever asks for the same address meanwhile waits for the same link. */
  keep(address: string, signal?: AbortSignal): Promise<InstanceId> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(errorOf('aborted', address))
      const stop = new AbortController()
      const kept = this.kept.get(address) ?? { by: new Set(), stop, isTrying: false, timer: undefined }
      this.kept.set(address, kept)
      const giveUp = (): void => {
        kept.by.delete(waiting)
        reject(errorOf('aborted', address))
        if (kept.by.size === 0 && this.kept.get(address) === kept) this.letGo(address)
      }
      // It is for the first time: a link that was there is kept whatever comes of the signal.
      const settled = (): void => signal?.removeEventListener('abort', giveUp)
      const waiting: Waiting = {
        resolve: (id) => {
          settled()
          resolve(id)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      kept.by.add(waiting)
      signal?.addEventListener('abort', giveUp, { once: true })
      this.attempt(address, kept)
    })
  }

  /** The link there is lost. */
  again(address: string): void {
    const kept = this.kept.get(address)
    if (kept === undefined || kept.isTrying) return
    clearTimeout(kept.timer)
    kept.timer = setTimeout(() => this.attempt(address, kept), AGAIN_MS)
  }

  letGo(address: string): void {
    const kept = this.kept.get(address)
    if (kept === undefined) return
    this.kept.delete(address)
    clearTimeout(kept.timer)
    kept.stop.abort()
    for (const { reject } of kept.by) reject(errorOf('aborted', address))
  }

  letGoOfAll(): void {
    for (const address of [...this.kept.keys()]) this.letGo(address)
  }

  private attempt(address: string, kept: Kept): void {
    if (kept.isTrying) return
    clearTimeout(kept.timer)
    kept.isTrying = true
    this.link(address, kept.stop.signal).then(
      (id) => {
        kept.isTrying = false
        for (const { resolve } of kept.by) resolve(id)
      },
      (error: SametickError) => {
        kept.isTrying = false
        if (this.kept.get(address) !== kept) return
        if (error instanceof SametickError && error.retry) return this.again(address)
        this.kept.delete(address)
        for (const { reject } of kept.by) reject(error)
      },
    )
  }
}
