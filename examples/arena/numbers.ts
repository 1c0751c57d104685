/**
 * The numbers of the game and the only arithmetic that it uses, so that any language comes to the same state:
 * whole numbers, `+`, `-`, `*`, and a division that cuts towards zero. Nothing exceeds 2^51 on the way, and
 * nothing is shifted. Lengths are in 1/256 px, times in ticks.
 */

export const FPS = 50
/** A pixel. */
export const PX = 256
/** Bodies are kept in places 0 to 7, and a player's place is its slot. */
export const PLACES = 8
/** Bots make up the number as long as there are fewer players. */
export const BODIES_MIN = 4

export const READY_TICKS = 150
export const PLAY_TICKS = 5500
export const RESULT_TICKS = 400

/** The disc, when a round begins and when it ends. It shrinks in the last SHRINK_TICKS. */
export const DISC = 470 * PX
export const DISC_END = 230 * PX
export const SHRINK_TICKS = 4000

export const BODY = 34 * PX
export const BODY_HEAVY = 45 * PX
export const MASS = 2
export const MASS_HEAVY = 6

/** Added to a velocity each tick in the direction held, and what is left of it after each tick, of 1024. */
export const PUSH = 72
export const GLIDE = 979
export const DASH = 9 * PX
export const DASH_TICKS = 14
export const DASH_WAIT = 48
export const DASH_WAIT_SWIFT = 20
/** Added to the velocity of one who is hit by a dash, and so much more for each hit it took before. */
export const KICK = 5 * PX
export const KICK_MORE = 300
export const HITS_MAX = 12
export const SPEED_MAX = 24 * PX

export const GONE_TICKS = 80
export const SAFE_TICKS = 75
/** A fall counts for whoever touched the faller within so many ticks. */
export const BLAME_TICKS = 175

export const ORBS = 2
export const ORB = 20 * PX
export const ORB_EVERY = 250
export const POWER_TICKS = 400
export const BLAST_REACH = 230 * PX
export const BLAST_KICK = 11 * PX

/** Directions 1 to 16, clockwise on the screen from the right (y grows downwards); 0 is none. Their length is 1024. */
export const WAYS: readonly (readonly [x: number, y: number])[] = [
  [0, 0],
  [1024, 0],
  [946, 392],
  [724, 724],
  [392, 946],
  [0, 1024],
  [-392, 946],
  [-724, 724],
  [-946, 392],
  [-1024, 0],
  [-946, -392],
  [-724, -724],
  [-392, -946],
  [0, -1024],
  [392, -946],
  [724, -724],
  [946, -392],
]

/** Divides and cuts towards zero: `/` of whole numbers in GDScript and C. Never gives -0. */
export const div = (a: number, b: number): number => Math.trunc(a / b) + 0

/** The root of a whole number, cut. */
export const root = (n: number): number => Math.floor(Math.sqrt(n))

export const square = (n: number): number => n * n

/** The way, 1 to 16, that points best along a vector; the lowest of equals. */
export const wayOf = (x: number, y: number): number => {
  let best = 1
  let most = x * 1024
  for (let way = 2; way <= 16; way++) {
    const [wx, wy] = WAYS[way] as readonly [number, number]
    const along = x * wx + y * wy
    if (along <= most) continue
    most = along
    best = way
  }
  return best
}

/** The next of a row of numbers from 1 to 2147483646 (Park and Miller): the game's chance is in its state. */
export const after = (seed: number): number => (seed * 16807) % 2147483647
