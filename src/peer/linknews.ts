import { Listeners } from '../app/listeners.ts'
import type { InstanceId } from '../core/timeline/tick.ts'
import type { Relayed } from './room.ts'

/** The links as they stand. */
interface Standing {
  readonly neighbours: readonly InstanceId[]
  readonly relayed: readonly Relayed[]
}

/** Tells those who want to know that links have come or gone, or go another way. */
export class LinkNews {
  private readonly standing: Standing
  private readonly listeners = new Listeners<readonly InstanceId[]>()
  private told = ''
  private isDue = false

  constructor(standing: Standing) {
    this.standing = standing
  }

  /** Returns what takes the listener away again. */
  on(listener: (neighbours: readonly InstanceId[]) => void): () => void {
    if (this.listeners.isEmpty) this.told = this.shown()
    return this.listeners.add(listener)
  }

  /**
   * Something may have changed. It is not told at once: whoever has seen it is on its way through more of the kind, and
   * who is told may do anything, such as ending the next link.
   */
  stirred(): void {
    if (this.isDue || this.listeners.isEmpty) return
    this.isDue = true
    queueMicrotask(() => {
      this.isDue = false
      const now = this.shown()
      if (now === this.told) return
      this.told = now
      this.listeners.tell(this.standing.neighbours)
    })
  }

  private shown(): string {
    const { neighbours, relayed } = this.standing
    return JSON.stringify([neighbours, relayed.map(({ id, why }) => [id, why !== undefined])])
  }
}
