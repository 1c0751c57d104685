/**
 * Units. A flavoured number takes a plain one, but not one of another flavour: a tick where microseconds are
 * wanted is a type error, and arithmetic needs no cast.
 */
export type Tick = number & { readonly unit?: 'tick' }
/** Whole microseconds: a moment on some clock, or a length of time. */
export type Micros = number & { readonly unit?: 'micros' }
/** The number by which a session knows a source: 0 is the sequencer, 1 and above are instances. */
export type InstanceId = number & { readonly unit?: 'instance' }
/** The number by which a driver knows a connection. */
export type LinkId = number & { readonly unit?: 'link' }

export const SECOND: Micros = 1_000_000
export const MILLISECOND: Micros = 1_000

/** A moment that never comes. */
export const NEVER: number = Number.POSITIVE_INFINITY

/** The tick before the first. */
export const BEFORE_FIRST: Tick = -1

/** Products up to here are exact. Beyond, whole seconds are reckoned apart: a year at 1000 FPS stays exact. */
const EXACT = Number.MAX_SAFE_INTEGER

/** Where on the timeline a tick is due, in microseconds from the due moment of tick 0. */
export const dueAt = (tick: Tick, fps: number): Micros => {
  const product = tick * SECOND
  if (product <= EXACT) return Math.ceil(product / fps)
  return Math.floor(tick / fps) * SECOND + Math.ceil(((tick % fps) * SECOND) / fps)
}

/** The last tick that is due at a position, -1 before tick 0. */
export const tickAt = (position: Micros, fps: number): Tick =>
  position < 0 ? BEFORE_FIRST : ticksIn(position, fps)

/** The first tick that is due at a position or after it. */
export const tickFrom = (position: Micros, fps: number): Tick =>
  position <= 0 ? 0 : ticksIn(Math.ceil(position) - 1, fps) + 1

const ticksIn = (micros: Micros, fps: number): Tick => {
  const product = micros * fps
  if (product <= EXACT) return Math.floor(product / SECOND)
  return Math.floor(micros / SECOND) * fps + Math.floor(((micros % SECOND) * fps) / SECOND)
}

/** What an application reads as the time of a tick, in whole milliseconds. */
export const nowAt = (tick: Tick, fps: number): number => Math.floor((tick * 1000) / fps)
