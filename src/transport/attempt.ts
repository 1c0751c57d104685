import type { Micros } from '../core/timeline/tick.ts'
import { patience } from './patience.ts'
import { type Connection, failed, type Result } from './transport.ts'

/** How an attempt tells its outcome; only the first one counts. */
type Settle = (outcome: Result<Connection>) => void

/**
 * Opens a connection: `start` begins and gives a function that gives up. That is called if the outcome comes
 * neither within the time nor before the caller's signal.
 */
export const attempt = (
  url: string,
  time: Micros,
  signal: AbortSignal | undefined,
  start: (settle: Settle) => () => void,
): Promise<Result<Connection>> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve(failed('aborted', url))
    let giveUp: (() => void) | undefined
    let isSettled = false
    const settle: Settle = (outcome) => {
      if (isSettled) return
      isSettled = true
      stopWaiting()
      signal?.removeEventListener('abort', abort)
      resolve(outcome)
    }
    const end = (code: 'aborted' | 'timeout') => {
      settle(failed(code, url))
      giveUp?.()
    }
    const abort = () => end('aborted')
    const stopWaiting = patience(time, () => end('timeout'))
    signal?.addEventListener('abort', abort)
    giveUp = start(settle)
  })
