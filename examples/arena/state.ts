import {
  BODIES_MIN,
  DISC,
  DISC_END,
  div,
  PLACES,
  PLAY_TICKS,
  READY_TICKS,
  SAFE_TICKS,
  SHRINK_TICKS,
  WAYS,
} from './numbers.ts'

export const NOBODY = 0
export const PLAYER = 1
export const BOT = 2

export const READY = 0
export const PLAY = 1
export const RESULT = 2

/** What an orb gives: weight or short waits for a while, or a blast at once. */
export const HEAVY = 1
export const SWIFT = 2
export const BLAST = 3

/** One of the eight places, and the body in it. All numbers are whole. */
export interface Body {
  /** NOBODY, PLAYER or BOT. */
  kind: number
  /** The id of the player; 0 for others. */
  player: number
  x: number
  y: number
  vx: number
  vy: number
  /** The way it last held, 1 to 16. */
  face: number
  /** Ticks that its dash still lasts, and until it can dash again. */
  dash: number
  wait: number
  /** Ticks until it is back on the disc; 0: it is on it. */
  gone: number
  /** Ticks in which it passes through others. */
  safe: number
  /** 0, HEAVY or SWIFT, and for how many ticks. */
  power: number
  powered: number
  /** Dashes that hit it since it came. */
  hits: number
  /** The place that touched it last, and for how long that counts; -1: none. */
  by: number
  blame: number
  score: number
  falls: number
  /** What a bot holds until it thinks again. */
  held: number
}

/** An orb on the disc; of kind 0, none. */
export interface Orb {
  kind: number
  x: number
  y: number
}

export interface State {
  /** READY, PLAY or RESULT, and its ticks left. */
  phase: number
  left: number
  /** Rounds that were begun. */
  round: number
  seed: number
  bodies: Body[]
  orbs: Orb[]
}

const nobody = (): Body => ({
  kind: NOBODY,
  player: 0,
  x: 0,
  y: 0,
  vx: 0,
  vy: 0,
  face: 1,
  dash: 0,
  wait: 0,
  gone: 0,
  safe: 0,
  power: 0,
  powered: 0,
  hits: 0,
  by: -1,
  blame: 0,
  score: 0,
  falls: 0,
  held: 0,
})

export const start = (): State => ({
  phase: READY,
  left: READY_TICKS,
  round: 1,
  seed: 20211019,
  bodies: Array.from({ length: PLACES }, nobody),
  orbs: [
    { kind: 0, x: 0, y: 0 },
    { kind: 0, x: 0, y: 0 },
  ],
})

export const isHere = (body: Body): boolean => body.kind !== NOBODY && body.gone === 0

/** How far the disc reaches now. */
export const discOf = ({ phase, left }: State): number => {
  if (phase === READY) return DISC
  if (phase === RESULT) return DISC_END
  return DISC_END + div((DISC - DISC_END) * Math.min(left, SHRINK_TICKS), SHRINK_TICKS)
}

/** Puts a body where its place begins: half way out, each in a direction of its own, facing the middle. */
export const place = (state: State, at: number): void => {
  const body = state.bodies[at] as Body
  const [wx, wy] = WAYS[1 + 2 * at] as readonly [number, number]
  const out = div(discOf(state) * 5, 8)
  body.x = div(wx * out, 1024)
  body.y = div(wy * out, 1024)
  body.vx = 0
  body.vy = 0
  body.face = 1 + ((8 + 2 * at) % 16)
  body.dash = 0
  body.wait = 0
  body.gone = 0
  body.safe = state.phase === PLAY ? SAFE_TICKS : 0
  body.power = 0
  body.powered = 0
  body.hits = 0
  body.by = -1
  body.blame = 0
  body.held = 0
}

/** Gives a place to somebody else, who begins with nothing and has touched nobody. */
export const give = (state: State, at: number, kind: number, player: number): void => {
  for (const other of state.bodies) {
    if (other.by !== at) continue
    other.by = -1
    other.blame = 0
  }
  const body = nobody()
  body.kind = kind
  body.player = player
  state.bodies[at] = body
  if (kind !== NOBODY) place(state, at)
}

/** So many bots as are missing: those in the lowest places stay, new ones take the lowest that are free. */
export const fill = (state: State): void => {
  const { bodies } = state
  let missing = BODIES_MIN
  for (const { kind } of bodies) if (kind === PLAYER) missing--
  for (let at = 0; at < PLACES; at++) {
    if ((bodies[at] as Body).kind !== BOT) continue
    if (missing > 0) missing--
    else give(state, at, NOBODY, 0)
  }
  for (let at = 0; at < PLACES && missing > 0; at++) {
    if ((bodies[at] as Body).kind !== NOBODY) continue
    give(state, at, BOT, 0)
    missing--
  }
}

/** Everybody back to where they begin, with no score. */
export const beginRound = (state: State): void => {
  state.phase = READY
  state.left = READY_TICKS
  state.round++
  for (const orb of state.orbs) orb.kind = 0
  for (let at = 0; at < PLACES; at++) {
    const body = state.bodies[at] as Body
    if (body.kind === NOBODY) continue
    body.score = 0
    body.falls = 0
    place(state, at)
  }
}

export const beginPlay = (state: State): void => {
  state.phase = PLAY
  state.left = PLAY_TICKS
}
