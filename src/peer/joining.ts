import type { SametickError } from '../app/errors.ts'
import type { InstanceId } from '../core/timeline/tick.ts'
import { errorOf } from '../driver/error.ts'
import { type Waiting, waitingFor } from './waiting.ts'

/** Those who wait until this peer takes part. Nobody waits where nobody is left to be met. */
export class Joining {
  private readonly waiting = new Set<Waiting>()
  private readonly isHopeless: () => boolean
  /** Why the last one who could have been met is none: it may be known before anybody waits. */
  private failure: SametickError | undefined

  constructor(isHopeless: () => boolean) {
    this.isHopeless = isHopeless
  }

  wait(signal: AbortSignal | undefined): Promise<InstanceId> {
    return waitingFor('', signal, (waiting) => {
      this.waiting.add(waiting)
      if (this.isHopeless()) this.fail(this.failure ?? errorOf('lost', ''))
      return () => this.waiting.delete(waiting)
    })
  }

  joined(id: InstanceId): void {
    for (const { resolve } of this.waiting) resolve(id)
    this.waiting.clear()
  }

  /** Somebody cannot be met, or not any more. */
  failed(error: SametickError): void {
    this.failure = error
    if (this.isHopeless()) this.fail(error)
  }

  /** Nothing comes of it, whoever may be there. */
  fail(error: SametickError): void {
    this.failure = error
    for (const { reject } of this.waiting) reject(error)
    this.waiting.clear()
  }
}
