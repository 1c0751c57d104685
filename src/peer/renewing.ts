import type { SametickError } from '../app/errors.ts'
import type { InstanceId } from '../core/timeline/tick.ts'
import type { Waiting } from './waiting.ts'

interface Renewed {
  readonly address: string
  /** Who was there, and is to be met again; 0 if that was not known yet. */
  readonly id: InstanceId
  readonly stop: AbortController
  /** Who waits for it: with the last of them it is given up. Nobody, where the link was there before. */
  waiting: readonly Waiting[]
}

type Link = (address: string, signal: AbortSignal) => Promise<InstanceId>
type Failed = (waiting: readonly Waiting[], error: SametickError) => void

/** Links that begin again because the other end has asked for it: once, and with those who waited for them. */
export class Renewing {
  private readonly all = new Set<Renewed>()
  private readonly link: Link
  private readonly failed: Failed

  constructor(link: Link, failed: Failed) {
    this.link = link
    this.failed = failed
  }

  get isEmpty(): boolean {
    return this.all.size === 0
  }

  renew(address: string, id: InstanceId, waiting: readonly Waiting[]): void {
    const renewed: Renewed = { address, id, waiting, stop: new AbortController() }
    this.all.add(renewed)
    this.link(address, renewed.stop.signal).then(
      (there) => {
        this.all.delete(renewed)
        for (const { resolve } of renewed.waiting) resolve(there)
      },
      (error: SametickError) => {
        this.all.delete(renewed)
        this.failed(renewed.waiting, error)
      },
    )
  }

  /** One who waits does no longer. */
  giveUp(waiting: Waiting): void {
    for (const renewed of this.all) {
      if (!renewed.waiting.includes(waiting)) continue
      renewed.waiting = renewed.waiting.filter((each) => each !== waiting)
      if (renewed.waiting.length === 0) renewed.stop.abort()
    }
  }

  /** That address, or that neighbour, is not wanted any more. */
  letGo(which: string | InstanceId): void {
    for (const { address, id, stop } of this.all)
      if (which === address || (which === id && id !== 0)) stop.abort()
  }

  letGoOfAll(): void {
    for (const { stop } of this.all) stop.abort()
  }
}
