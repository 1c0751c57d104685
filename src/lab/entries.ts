/**
 * What an entry of a drive's schedule is about, in its lowest digits; the rest says whom, or which one:
 * `number * KINDS + kind`.
 */

/** The machine of a node wants to be woken. */
export const WAKE = 0
/** A message arrives at the sequencer, or at an instance. */
export const UP = 1
export const DOWN = 2
/** An input is due. */
export const INPUT = 3
/** A paused process goes on. */
export const RESUME = 4
/** Whoever uses the world wanted something done. */
export const ACTION = 5
/** A datagram arrives; the number is that of its slot. */
export const DATAGRAM_UP = 6
export const DATAGRAM_DOWN = 7
/** A channel's end at the sequencer, or at an instance, wants to be woken. */
export const CHANNEL_UP = 8
export const CHANNEL_DOWN = 9

export const KINDS = 16
