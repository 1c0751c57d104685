import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../core/wire/limits.ts'
import type { InstanceNode } from '../node.ts'
import { type Path, tailOf, type Way } from '../path.ts'

// What can be said beforehand of how far off and how late anything may be.

/** A clock that is farther off than this is no quartz: nothing is said of where it leads, and all are late by it. */
export const PPM_MAX = 1_000
/** The longest time between two beats, after which all know where the reference was put. */
export const BEAT_MAX: Micros = SECOND
/** No timer is later than this. */
export const LATE_MAX: Micros = 400 * MILLISECOND
/** A long lease, unless the ways are longer: as docs/protocol.md has it, by which the core is checked. */
export const LEASE: Micros = 2 * SECOND
/** What lasts is looked at once every so often. */
export const LOOK_EVERY: Micros = 250 * MILLISECOND

/** What hardly anything on its way takes longer than. */
export const longest = (way: Way): Micros => {
  const { base, jitter, loss = 0, burst } = way
  const losses = loss === 0 ? 0 : 4 * (burst?.mean ?? 1)
  return base + tailOf(way)[0] + losses * (2 * base + 4 * jitter)
}

/** The same of one way, of which something may have taken longer by now, and all behind it that keeps its order. */
export const longestOn = ({ way, slowest }: Path): Micros => Math.max(longest(way), slowest)

/** No more losses in a row are reckoned with. */
const LOSSES = 16

/** Whether a way loses again and again. */
export const isHarmed = ({ loss = 0, corrupt = 0, truncate = 0 }: Way): boolean =>
  loss + corrupt + truncate > 0

/** What nothing on its way takes longer than, as far as anybody reckons with it. */
export const mostOf = (way: Way): Micros =>
  way.base + tailOf(way)[1] + (isHarmed(way) ? LOSSES * 2 * way.base : 0)

/** How late a burst of losses makes a word, as long as nearly all: in the end it goes again once in each probe. */
export const resends = ({ channel, up }: InstanceNode): Micros => {
  const { burst } = up.path.way
  return channel === undefined || burst === undefined ? 0 : 4 * burst.mean * CHANNEL_LIMITS.probe_max
}
