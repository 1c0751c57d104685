import { app } from 'sametick'
import { age, blame, collide, move, push, sizeOf, type Tell } from './bodies.ts'
import { draw, think } from './bots.ts'
import {
  BLAST_KICK,
  BLAST_REACH,
  div,
  FPS,
  GONE_TICKS,
  ORB,
  ORB_EVERY,
  ORBS,
  PLACES,
  POWER_TICKS,
  RESULT_TICKS,
  root,
  square,
  WAYS,
} from './numbers.ts'
import {
  BLAST,
  BOT,
  type Body,
  beginPlay,
  beginRound,
  discOf,
  fill,
  give,
  isHere,
  NOBODY,
  type Orb,
  PLAY,
  PLAYER,
  place,
  READY,
  RESULT,
  type State,
  start,
} from './state.ts'

/**
 * Brink: push the others over the edge. README.md says every rule in words; the state holds whole numbers only,
 * and everything goes from the lowest place to the highest.
 *
 * What a player holds is one number: a way in the lower five bits (0 none, 1 to 16 clockwise from the right),
 * and 32 to dash. There are no other events.
 */
export default app({
  id: 'brink@1',
  fps: FPS,
  players: { max: PLACES },
  input: { neutral: 0, check: (held) => isHeld(held) },
  start,
  on: {
    join(state, { player }) {
      // More than eight only watch.
      if (player.slot < PLACES) give(state, player.slot, PLAYER, player.id)
      fill(state)
    },
    leave(state, { player }) {
      if (player.slot < PLACES) give(state, player.slot, NOBODY, 0)
      fill(state)
    },
  },
  tick(state, t) {
    state.left--
    if (state.left === 0) turn(state, t.effect)
    else if (state.phase === PLAY) play(state, t.tick, t.input, t.effect)
  },
})

export const isHeld = (held: unknown): boolean =>
  typeof held === 'number' && Number.isInteger(held) && held >= 0 && held < 64 && held % 32 <= 16

/** From one phase to the next. Nothing moves in this tick. */
const turn = (state: State, tell: Tell): void => {
  if (state.phase === READY) {
    beginPlay(state)
    tell('go', {})
  } else if (state.phase === PLAY) {
    state.phase = RESULT
    state.left = RESULT_TICKS
    tell('over', { winner: winnerOf(state) })
  } else {
    beginRound(state)
  }
}

/** The most points, then the fewest falls, then the lowest place; -1 if nobody is there. */
export const winnerOf = ({ bodies }: State): number => {
  let winner = -1
  for (let at = 0; at < PLACES; at++) {
    const body = bodies[at] as Body
    if (body.kind === NOBODY) continue
    const best = bodies[winner]
    if (
      best === undefined ||
      body.score > best.score ||
      (body.score === best.score && body.falls < best.falls)
    )
      winner = at
  }
  return winner
}

const play = (state: State, tick: number, inputOf: (player: number) => number, tell: Tell): void => {
  const { bodies } = state
  for (let at = 0; at < PLACES; at++) if ((bodies[at] as Body).kind === BOT) think(state, at, tick)
  for (let at = 0; at < PLACES; at++) {
    const body = bodies[at] as Body
    if (!isHere(body)) continue
    move(body, at, body.kind === BOT ? body.held : inputOf(body.player), tell)
  }
  collide(state, tell)
  for (let at = 0; at < PLACES; at++) if (isHere(bodies[at] as Body)) collect(state, at, tell)
  if (state.left % ORB_EVERY === 0) dropOrb(state, tell)
  const disc = discOf(state)
  for (let at = 0; at < PLACES; at++) {
    const body = bodies[at] as Body
    if (body.kind === NOBODY) continue
    if (body.gone > 0) {
      if (--body.gone === 0) comeBack(state, at, tell)
      continue
    }
    age(body)
    if (square(body.x) + square(body.y) > square(disc)) fall(state, at, tell)
  }
}

const fall = (state: State, at: number, tell: Tell): void => {
  const body = state.bodies[at] as Body
  const { by } = body
  body.gone = GONE_TICKS
  body.falls++
  const other = state.bodies[by]
  const counts = other !== undefined && other.kind !== NOBODY
  if (counts) other.score++
  tell('fall', { at, by: counts ? by : -1, x: body.x, y: body.y, vx: body.vx, vy: body.vy })
}

const comeBack = (state: State, at: number, tell: Tell): void => {
  place(state, at)
  const { x, y } = state.bodies[at] as Body
  tell('back', { at, x, y })
}

/** A body takes every orb that it touches. */
const collect = (state: State, at: number, tell: Tell): void => {
  const body = state.bodies[at] as Body
  for (let i = 0; i < ORBS; i++) {
    const orb = state.orbs[i] as Orb
    if (orb.kind === 0 || square(orb.x - body.x) + square(orb.y - body.y) >= square(ORB + sizeOf(body)))
      continue
    tell('orb', { at, kind: orb.kind, x: orb.x, y: orb.y })
    if (orb.kind === BLAST) blast(state, at, tell)
    else {
      body.power = orb.kind
      body.powered = POWER_TICKS
    }
    orb.kind = 0
  }
}

/** Throws everybody near away from a body. */
const blast = (state: State, at: number, tell: Tell): void => {
  const body = state.bodies[at] as Body
  tell('blast', { at, x: body.x, y: body.y })
  for (let i = 0; i < PLACES; i++) {
    const other = state.bodies[i] as Body
    if (i === at || !isHere(other) || other.safe > 0) continue
    const far = root(square(other.x - body.x) + square(other.y - body.y))
    if (far === 0 || far > BLAST_REACH) continue
    const nx = div((other.x - body.x) * 1024, far)
    const ny = div((other.y - body.y) * 1024, far)
    push(other, nx, ny, BLAST_KICK)
    blame(other, at)
  }
}

/** A new orb where there is none, somewhere in the inner two thirds of the disc. */
const dropOrb = (state: State, tell: Tell): void => {
  for (let i = 0; i < ORBS; i++) {
    const orb = state.orbs[i] as Orb
    if (orb.kind !== 0) continue
    orb.kind = 1 + draw(state, 3)
    const [wx, wy] = WAYS[1 + draw(state, 16)] as readonly [number, number]
    const out = div(discOf(state) * draw(state, 68), 100)
    orb.x = div(wx * out, 1024)
    orb.y = div(wy * out, 1024)
    tell('drop', { kind: orb.kind, x: orb.x, y: orb.y })
    return
  }
}
