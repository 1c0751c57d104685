import type { SametickError } from '../app/errors.ts'
import type { InstanceId } from '../core/timeline/tick.ts'
import { errorOf } from '../driver/error.ts'

/** Somebody who waits for a link. */
export interface Waiting {
  readonly resolve: (id: InstanceId) => void
  readonly reject: (error: SametickError) => void
}

/**
 * Waits for what `start` begins, until it has come, has failed or is given up by the signal. `start` gives what is to be
 * done when the signal comes before.
 */
export const waitingFor = (
  address: string,
  signal: AbortSignal | undefined,
  start: (waiting: Waiting) => () => void,
): Promise<InstanceId> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(errorOf('aborted', address))
    let giveUp: (() => void) | undefined
    const abort = (): void => {
      giveUp?.()
      reject(errorOf('aborted', address))
    }
    // A signal that comes later means nothing any more.
    const settled = (): void => signal?.removeEventListener('abort', abort)
    signal?.addEventListener('abort', abort, { once: true })
    giveUp = start({
      resolve: (id) => {
        settled()
        resolve(id)
      },
      reject: (error) => {
        settled()
        reject(error)
      },
    })
  })
