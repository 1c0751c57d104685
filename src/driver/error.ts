import { type ErrorCode, SametickError } from '../app/errors.ts'
import type { Failure } from '../transport/transport.ts'

/** Asking again later may help. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'again',
  'busy',
  'closing',
  'lost',
  'refused',
  'room_full',
  'server_full',
  'session_full',
  'silent',
  'timeout',
  'unreachable',
])

/** What a connection or a session was refused for, as an error. */
export const errorOf = (code: ErrorCode, detail: string): SametickError =>
  new SametickError(code, detail, { retry: PASSING.has(code) })

/** What a sequencer's hint means: it names what the session has, in as few bytes as it can. */
const MEANINGS: Readonly<Partial<Record<ErrorCode, (hint: string) => string>>> = {
  fps_differs: (hint) => `It runs at ${hint} FPS.`,
  app_differs: (hint) => `It runs ${hint}.`,
  session_full: (hint) => `It takes ${hint}.`,
}

/** What a session or a server refused, with the hint that came with it. */
export const refusalError = (code: ErrorCode, hint: string): SametickError =>
  errorOf(code, hint === '' ? '' : (MEANINGS[code]?.(hint) ?? hint))

export const failureError = ({ code, hint, detail }: Failure): SametickError =>
  new SametickError(code, detail, { retry: PASSING.has(code), sentence: hint })
