import type { RefusalCode } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { InstanceId, LinkId, Tick } from '../timeline/tick.ts'

export interface InstanceOptions {
  readonly fps: number
  /** Name and version of the application: all instances of a session run the same. */
  readonly app: string
  /** The connection to the sequencer, by the driver's number for it. */
  readonly link: LinkId
  readonly session?: string
  /** For how many the session waits before it starts, 0 for none: an open session. */
  readonly instances?: number
  /** What the others should know of this member; it travels in `join`. */
  readonly data?: Uint8Array
  readonly limits?: Limits
}

export type Phase = 'connecting' | 'lobby' | 'running' | 'ended'

export type InstanceHappening =
  | { readonly kind: 'admitted'; readonly id: InstanceId }
  | { readonly kind: 'lobby'; readonly have: number; readonly need: number }
  | { readonly kind: 'started' }
  /** An own event has its place. */
  | { readonly kind: 'landed'; readonly number: number; readonly stamp: Tick }
  /** An own event is not taken. */
  | { readonly kind: 'denied'; readonly number: number; readonly code: RefusalCode }
  /** Nothing comes any more: of its own will, at the session's end, or for a reason. */
  | { readonly kind: 'ended'; readonly code: RefusalCode | 'left' | 'end'; readonly hint: string }
