import type { SametickError } from '../app/errors.ts'
import type { InstanceHappening, InstanceOptions } from '../core/session/instance.ts'
import { Alarms } from '../driver/alarms.ts'
import { errorOf, failureError } from '../driver/error.ts'
import type { Dial, EndingCode } from '../transport/transport.ts'
import { Seat, type Sitter } from './seat.ts'

export interface OpenOptions extends Omit<InstanceOptions, 'link'> {
  readonly signal?: AbortSignal | undefined
  /** For how many the session still waits. */
  readonly onWaiting?: (have: number, need: number) => void
}

/** Where an address leads, and the session that it names: `ws://host:port/session`. */
export const sessionOf = (url: string): string => {
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/([^?#]*)/i.exec(url)?.[1] ?? ''
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/**
 * Connect to a session and take a seat in it: resolves when it is admitted, which may be before it starts.
 * What happens later goes to the sitter.
 */
export const openSeat = async (
  url: string,
  options: OpenOptions,
  dial: Dial,
  sitter: Sitter,
): Promise<Seat> => {
  const { signal, onWaiting, ...instance } = options
  if (signal?.aborted) throw errorOf('aborted', url)
  const dialled = await dial(url, { signal })
  if (!dialled.ok) throw failureError(dialled.failure)
  const connection = dialled.value
  return new Promise<Seat>((resolve, reject) => {
    let admitted = false
    const giveUp = (): void => {
      if (admitted) return
      connection.destroy()
      reject(errorOf('aborted', url))
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    const happened = (happening: InstanceHappening): void => {
      if (happening.kind === 'lobby') onWaiting?.(happening.have, happening.need)
      if (happening.kind === 'admitted') {
        admitted = true
        signal?.removeEventListener('abort', giveUp)
        // The seat itself may not be made yet: it is, by the time that anybody who waits for it goes on.
        queueMicrotask(() => resolve(seat))
      }
      if (happening.kind === 'ended' && !admitted) {
        signal?.removeEventListener('abort', giveUp)
        reject(endedBefore(happening, url))
      }
      sitter.happened(happening)
    }
    const closed = (why: EndingCode): void => {
      if (!admitted) reject(errorOf('lost', url))
      sitter.closed(why)
    }
    const seat = new Seat(connection, { session: sessionOf(url), ...instance }, new Alarms(), {
      happened,
      closed,
      due: () => sitter.due(),
      stirred: () => sitter.stirred?.(),
    })
  })
}

const endedBefore = ({ code, hint }: { code: string; hint: string }, url: string): SametickError =>
  code === 'left' || code === 'end' ? errorOf('aborted', url) : errorOf(code as SametickError['code'], hint)
