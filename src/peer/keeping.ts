import { SametickError } from '../app/errors.ts'
import type { InstanceId } from '../core/timeline/tick.ts'
import { errorOf } from '../driver/error.ts'
import { type Waiting, waitingFor } from './waiting.ts'

interface Kept {
  /** All who want it kept: with the last of them it is let go of. */
  readonly by: Set<Waiting>
  /** Ends the attempt that is going on. */
  readonly stop: AbortController
  isTrying: boolean
  /** A link there was lost while that was going on: perhaps the very one, before it was told that it is there. */
  isLost: boolean
  timer: ReturnType<typeof setTimeout> | undefined
}

type Link = (address: string, signal: AbortSignal) => Promise<InstanceId>

/** Before an address is dialled again. */
const AGAIN_MS = 1_000

/** Addresses that are linked with again: when nobody listens there yet, and whenever the link is lost. */
export class Keeping {
  private readonly kept = new Map<string, Kept>()
  private readonly link: Link
  private readonly refused: (error: SametickError) => void

  /** `refused` is told of an address that is refused for good, whether anybody still waits for it or not. */
  constructor(link: Link, refused: (error: SametickError) => void) {
    this.link = link
    this.refused = refused
  }

  get isEmpty(): boolean {
    return this.kept.size === 0
  }

  has(address: string): boolean {
    return this.kept.has(address)
  }

  /** Resolves when the link is there; whoever asks for the same address meanwhile waits for the same link. */
  keep(address: string, signal?: AbortSignal): Promise<InstanceId> {
    return waitingFor(address, signal, (waiting) => {
      const stop = new AbortController()
      const kept = this.kept.get(address) ?? {
        by: new Set(),
        stop,
        isTrying: false,
        isLost: false,
        timer: undefined,
      }
      this.kept.set(address, kept)
      kept.by.add(waiting)
      this.attempt(address, kept)
      return () => {
        kept.by.delete(waiting)
        if (kept.by.size === 0 && this.kept.get(address) === kept) this.letGo(address)
      }
    })
  }

  /** The link there is lost. */
  again(address: string): void {
    const kept = this.kept.get(address)
    if (kept === undefined) return
    kept.isLost = kept.isTrying
    if (kept.isTrying) return
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
    kept.isLost = false
    this.link(address, kept.stop.signal).then(
      (id) => {
        kept.isTrying = false
        for (const { resolve } of kept.by) resolve(id)
        if (kept.isLost) this.again(address)
      },
      (error: SametickError) => {
        kept.isTrying = false
        if (this.kept.get(address) !== kept) return
        if (error instanceof SametickError && error.retry) return this.again(address)
        this.kept.delete(address)
        for (const { reject } of kept.by) reject(error)
        this.refused(error)
      },
    )
  }
}
