import { REFUSALS, type RefusalCode } from '../core/errors.ts'
import type { MeetingCode } from '../core/meeting/refusals.ts'
import { FAILURES, type FailureCode } from '../transport/transport.ts'

/** What can be wrong with an application or with how it is used; each says what to do. */
export const APP_REFUSALS = {
  definition: 'The application is not defined as it must be.',
  start_threw: 'start() threw: there is no state to go on with.',
  state_refused: 'The state cannot be saved and restored.',
  start_differs: 'start() gives another state each time.',
  restore_differs: 'What is restored is not what was saved.',
  step_differs: 'A step depends on more than the state and its inputs.',
  unknown_event: 'The application has no event of this name.',
  payload_refused: 'An event cannot carry this payload.',
  check_failed: "The event's check refused the payload.",
  no_input: 'The application declares no held input.',
  outside_step: 't is for steps: it may not be kept and used after its step.',
  link_driven: 'Somebody reads this link already: a link has one reader.',
} as const

export type AppRefusalCode = keyof typeof APP_REFUSALS
/** Its sentence is where it is thrown: who keeps no past does not load it. */
export type PastRefusalCode = 'not_kept'
/** The same of who has no peers. */
export type DirectRefusalCode = 'no_direct_way'
export type ErrorCode =
  | RefusalCode
  | FailureCode
  | MeetingCode
  | AppRefusalCode
  | PastRefusalCode
  | DirectRefusalCode

const SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = { ...FAILURES, ...REFUSALS, ...APP_REFUSALS }

/** Whether a code that came from elsewhere is one of these. */
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(SENTENCES, code)

export interface SametickErrorOptions {
  /** Whether the same attempt may succeed later. */
  readonly retry?: boolean
  readonly cause?: unknown
  /** What the code stands for, if whoever found out says it better. */
  readonly sentence?: string
}

/** An error with a code that stays the same and a hint that says what to do. */
export class SametickError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly retry: boolean

  constructor(
    code: ErrorCode,
    hint = '',
    { retry = false, cause, sentence = SENTENCES[code] ?? code }: SametickErrorOptions = {},
  ) {
    super(`${sentence}${hint === '' ? '' : ` ${hint}`}`, cause === undefined ? undefined : { cause })
    this.name = 'SametickError'
    this.code = code
    this.hint = hint
    this.retry = retry
  }
}
