import type { SametickError } from '../app/errors.ts'
import { LIMITS } from '../core/limits.ts'
import type { InstanceHappening } from '../core/session/instance.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import { Alarms } from '../driver/alarms.ts'
import { errorOf, failureError, refusalError } from '../driver/error.ts'
import type { Dial, EndingCode } from '../transport/transport.ts'
import { Seat, type SeatOptions, type Sitter } from './seat.ts'

export interface OpenOptions extends SeatOptions {
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
  const { signal, onWaiting, ...rest } = options
  const instance = { session: sessionOf(url), ...rest }
  const wrong = wrongIn(instance)
  if (wrong !== undefined) throw wrong
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
      signal?.removeEventListener('abort', giveUp)
      if (!admitted) reject(errorOf('lost', url))
      sitter.closed(why)
    }
    const seat = new Seat(connection, instance, new Alarms(), {
      happened,
      closed,
      due: () => sitter.due(),
      stirred: () => sitter.stirred?.(),
    })
  })
}

/** What no session would take, said here: there it could not even be read. */
const wrongIn = ({ session = '', instances = 0, data = EMPTY }: OpenOptions): SametickError | undefined => {
  const name = new TextEncoder().encode(session).length
  if (name > LIMITS.text_bytes_max)
    return errorOf('bad_url', `The session's name has ${name} bytes of ${LIMITS.text_bytes_max}.`)
  if (data.length > LIMITS.member_bytes_max)
    return errorOf(
      'payload_too_large',
      `What comes with the player has ${data.length} bytes of ${LIMITS.member_bytes_max}.`,
    )
  if (!Number.isInteger(instances) || instances < 0 || instances > LIMITS.members_max)
    return errorOf(
      'bad_request',
      `A session starts with 1 to ${LIMITS.members_max} instances, not ${instances}.`,
    )
  return undefined
}

const endedBefore = ({ code, hint }: { code: string; hint: string }, url: string): SametickError =>
  code === 'left' || code === 'end'
    ? errorOf('aborted', url)
    : refusalError(code as SametickError['code'], hint)
