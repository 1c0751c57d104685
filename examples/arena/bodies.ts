import {
  BLAME_TICKS,
  BODY,
  BODY_HEAVY,
  DASH,
  DASH_TICKS,
  DASH_WAIT,
  DASH_WAIT_SWIFT,
  div,
  GLIDE,
  HITS_MAX,
  KICK,
  KICK_MORE,
  MASS,
  MASS_HEAVY,
  PLACES,
  PUSH,
  root,
  SPEED_MAX,
  square,
  WAYS,
} from './numbers.ts'
import { type Body, HEAVY, isHere, type State, SWIFT } from './state.ts'

/** What is seen or heard of a step, and leaves no trace in the state. */
export type Tell = (name: string, data: Readonly<Record<string, number>>) => void

export const sizeOf = (body: Body): number => (body.power === HEAVY ? BODY_HEAVY : BODY)

const massOf = (body: Body): number => (body.power === HEAVY ? MASS_HEAVY : MASS)

/** Moves one body by what it holds: a way in the lower five bits, and 32 to dash. */
export const move = (body: Body, at: number, held: number, tell: Tell): void => {
  const way = held % 32
  if (way !== 0) body.face = way
  const [wx, wy] = WAYS[way] as readonly [number, number]
  body.vx += div(wx * PUSH, 1024)
  body.vy += div(wy * PUSH, 1024)
  if (held >= 32 && body.wait === 0) {
    const [fx, fy] = WAYS[body.face] as readonly [number, number]
    body.vx += div(fx * DASH, 1024)
    body.vy += div(fy * DASH, 1024)
    body.dash = DASH_TICKS
    body.wait = body.power === SWIFT ? DASH_WAIT_SWIFT : DASH_WAIT
    tell('dash', { at, x: body.x, y: body.y, way: body.face })
  }
  body.vx = limited(div(body.vx * GLIDE, 1024))
  body.vy = limited(div(body.vy * GLIDE, 1024))
  body.x += body.vx
  body.y += body.vy
}

const limited = (v: number): number => Math.max(-SPEED_MAX, Math.min(SPEED_MAX, v))

/** Counts down what a body has for a time. */
export const age = (body: Body): void => {
  if (body.dash > 0) body.dash--
  if (body.wait > 0) body.wait--
  if (body.safe > 0) body.safe--
  if (body.powered > 0 && --body.powered === 0) body.power = 0
  if (body.blame > 0 && --body.blame === 0) body.by = -1
}

/** Every pair that touches bounces, in the order of their places. */
export const collide = ({ bodies }: State, tell: Tell): void => {
  for (let i = 0; i < PLACES; i++)
    for (let j = i + 1; j < PLACES; j++) {
      const [a, b] = [bodies[i] as Body, bodies[j] as Body]
      if (isHere(a) && isHere(b) && a.safe === 0 && b.safe === 0) bounce(a, b, i, j, tell)
    }
}

const bounce = (a: Body, b: Body, i: number, j: number, tell: Tell): void => {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const reach = sizeOf(a) + sizeOf(b)
  const far2 = square(dx) + square(dy)
  if (far2 >= square(reach)) return
  const far = root(far2)
  // From a to b, with the length 1024. Two in one place part to the right and to the left.
  const nx = far === 0 ? 1024 : div(dx * 1024, far)
  const ny = far === 0 ? 0 : div(dy * 1024, far)
  const apart = div(reach - far + 1, 2)
  a.x -= div(nx * apart, 1024)
  a.y -= div(ny * apart, 1024)
  b.x += div(nx * apart, 1024)
  b.y += div(ny * apart, 1024)
  const closing = div((a.vx - b.vx) * nx + (a.vy - b.vy) * ny, 1024)
  if (closing <= 0) return
  // Seven quarters of the speed at which they close are shared by weight.
  const [ma, mb] = [massOf(a), massOf(b)]
  const share = div(closing * 7, 4 * (ma + mb))
  push(a, nx, ny, -share * mb)
  push(b, nx, ny, share * ma)
  blame(a, j)
  blame(b, i)
  // Both dashes are looked at before either is used up.
  const [hitsB, hitsA] = [a.dash > 0, b.dash > 0]
  if (hitsB) kick(b, nx, ny)
  if (hitsA) kick(a, -nx, -ny)
  if (hitsB) a.dash = 0
  if (hitsA) b.dash = 0
  tell(hitsA || hitsB ? 'hit' : 'bump', {
    x: div(a.x + b.x, 2),
    y: div(a.y + b.y, 2),
    force: closing,
    a: i,
    b: j,
  })
}

/** Changes a velocity by so much along a direction of the length 1024. */
export const push = (body: Body, nx: number, ny: number, by: number): void => {
  body.vx += div(nx * by, 1024)
  body.vy += div(ny * by, 1024)
}

const kick = (body: Body, nx: number, ny: number): void => {
  push(body, nx, ny, div((KICK + KICK_MORE * body.hits) * MASS, massOf(body)))
  if (body.hits < HITS_MAX) body.hits++
}

export const blame = (body: Body, by: number): void => {
  body.by = by
  body.blame = BLAME_TICKS
}
