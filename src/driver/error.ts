import { REFUSALS, type RefusalCode } from '../core/errors.ts'
import { FAILURES, type Failure, type FailureCode } from '../transport/transport.ts'

export type ErrorCode = RefusalCode | FailureCode

/** Asking again later may help. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'busy',
  'closing',
  'lost',
  'server_full',
  'session_full',
  'silent',
  'timeout',
  'unreachable',
  'refused',
])

/** Something that could not be done: a stable code, and a sentence that says what to do. */
export class SametickError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  /** Whether the same may succeed later. */
  readonly retry: boolean

  constructor(code: ErrorCode, detail: string, hint: string = sentenceOf(code)) {
    super(`${code}${detail === '' ? '' : ` (${detail})`}: ${hint}`)
    this.name = 'SametickError'
    this.code = code
    this.hint = hint
    this.retry = PASSING.has(code)
  }
}

const sentenceOf = (code: ErrorCode): string =>
  code in REFUSALS ? REFUSALS[code as RefusalCode] : FAILURES[code as FailureCode]

export const errorOf = ({ code, detail, hint }: Failure): SametickError =>
  new SametickError(code, detail, hint)
