import type { RefusalCode } from '../errors.ts'
import type { InstanceId, LinkId, Micros, Tick } from '../timeline/tick.ts'
import type { PeerLimits } from './limits.ts'

/** How far ahead of where a peer stands its events are stamped. */
export type DelayRule =
  /** Always so much. */
  | { readonly fixed: Micros }
  /** As it takes, so that about this share of what goes to the farthest peer comes late; within bounds. */
  | { readonly share: number; readonly least?: Micros; readonly most?: Micros }

/** When a past is settled. */
export interface FoldRule {
  /** What is no older than this is not settled: whoever comes may still bring it. */
  readonly keep: Micros
  /** Who is gone for so long, from the tick at which it was dropped, is not waited for any more. */
  readonly forget: Micros
  /** Who is not heard for so long is dropped. */
  readonly away: Micros
  /** How often a peer says where it stands; with many peers less often. */
  readonly every: Micros
}

export interface PeerOptions {
  readonly fps: number
  /** Name and version of the application: all peers run the same. */
  readonly app: string
  /** Above 0, and nobody else's, of a process that ran before neither. The driver draws it. */
  readonly id: InstanceId
  /** What the others should know of this member; it travels in `join`. */
  readonly data?: Uint8Array
  /** One in a hundred late, unless told otherwise. */
  readonly delay?: DelayRule
  /** Takes part at once, without waiting for a link; who waits joins where the others are. */
  readonly alone?: boolean
  /** False: emits, but is no member, so that nobody joins or leaves. */
  readonly member?: boolean
  /** Without it nothing is ever settled where this peer takes part. */
  readonly fold?: FoldRule
  readonly limits?: PeerLimits
}

export type PeerHappening =
  /** A neighbour is there: what it had and this one lacked will come. */
  | { readonly kind: 'linked'; readonly link: LinkId; readonly id: InstanceId }
  /** Who is at the other end is a neighbour already: this link ends. */
  | { readonly kind: 'doubled'; readonly link: LinkId; readonly id: InstanceId }
  /** All that a neighbour had when it came is here. */
  | { readonly kind: 'merged'; readonly link: LinkId }
  /** A link has ended, or never was one, and why; undefined: of the own will, or the driver knows. */
  | {
      readonly kind: 'unlinked'
      readonly link: LinkId
      readonly code: RefusalCode | undefined
      readonly hint: string
    }
  /** The driver should close this connection once what was sent has left. */
  | { readonly kind: 'close'; readonly link: LinkId }
  /** This peer takes part from this tick on. */
  | { readonly kind: 'joined'; readonly tick: Tick }
  /** A neighbour needs a snapshot at the tick up to which the past is folded: call `give`. */
  | { readonly kind: 'wanted'; readonly link: LinkId }
  /** Be this snapshot, at this tick: what was before it is not there to be run. */
  | { readonly kind: 'snapshot'; readonly tick: Tick; readonly bytes: Uint8Array }
  /** Nothing comes any more. */
  | { readonly kind: 'ended'; readonly code: RefusalCode | 'left'; readonly hint: string }

export interface PeerStats {
  /** Events of others that came in time, and those that came for a tick already run. */
  inTime: number
  late: number
}
