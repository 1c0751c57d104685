import { LIMITS } from '../core/limits.ts'
import { type Micros, SECOND } from '../core/timeline/tick.ts'

/** The limits of the bridge, each with its reason and with what happens when it is reached. */
export const BRIDGE_LIMITS = {
  /** Programs at one bridge. The next is told `server_full`. */
  programs_max: 256,
  /** How long a program may take to say which protocol it speaks. Then its socket is closed, `silent`. */
  opening_max: (10 * SECOND) as Micros,
  /** How long what was sent last may take to leave, when a program is told that it is over. Then it is cut off. */
  closing_max: (1 * SECOND) as Micros,
  /** Bytes of a program that wait to be understood, while its events wait. Beyond it its socket is read no more. */
  unread_bytes_max: 262_144,
  /** Bytes in a message of a program, the largest event and its frame. Longer ones end it: `malformed`. */
  message_bytes_max: LIMITS.payload_bytes_max + 64,
  /** Bytes in a state that a program saves. A larger one ends it: `malformed`. */
  state_bytes_max: 8 * 1_048_576,
  /**
   * Bytes that wait to leave for a program. Beyond it no input is taken for it, so that its instance stands still
   * where it is until the program has read on.
   */
  unsent_bytes_max: 65_536,
  /** Ticks that a trial may go back: it holds their inputs. More is refused when the bridge is made: `bad_request`. */
  trial_max: 64,
} as const

/** The same names with numbers of one's own. */
export type BridgeLimits = { readonly [K in keyof typeof BRIDGE_LIMITS]: number }
