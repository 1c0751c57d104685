import { type ErrorCode, SametickError } from '../app/errors.ts'
import type { Failure } from '../transport/transport.ts'

/** Asking again later may help. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'busy',
  'closing',
  'lost',
  'refused',
  'server_full',
  'session_full',
  'silent',
  'timeout',
  'unreachable',
])

/** What a connection or a session was refused for, as an error. */
export const errorOf = (code: ErrorCode, detail: string): SametickError =>
  new SametickError(code, detail, { retry: PASSING.has(code) })

export const failureError = ({ code, detail }: Failure): SametickError => errorOf(code, detail)
