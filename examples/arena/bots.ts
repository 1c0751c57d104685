import { after, div, ORBS, PX, root, square, WAYS, wayOf } from './numbers.ts'
import { type Body, discOf, isHere, type Orb, type State } from './state.ts'

/** A bot thinks every so many ticks, each at a tick of its own. */
const THINK_EVERY = 8
const SEES_ORB = 300 * PX
const STRIKES_WITHIN = 210 * PX
/** For how many ticks ahead it guesses where its prey will be. */
const LEAD = 14

/** What a bot holds from this tick on, in the form of a player's held input. */
export const think = (state: State, at: number, tick: number): void => {
  if (tick % THINK_EVERY !== at) return
  const { bodies } = state
  const me = bodies[at] as Body
  const disc = discOf(state)
  const out = root(square(me.x) + square(me.y))
  const luck = draw(state, 8)
  // Too near to the edge, or about to be: inwards, and with a dash if it is high time.
  const soon = root(square(me.x + 20 * me.vx) + square(me.y + 20 * me.vy))
  if (out > div(disc * 7, 8) || soon > disc) {
    me.held = wayOf(-me.x, -me.y) + (soon > disc && luck < 4 ? 32 : 0)
    return
  }
  const orb = nearestOrb(state, me)
  if (orb !== undefined) {
    me.held = wayOf(orb.x - me.x, orb.y - me.y)
    return
  }
  const prey = nearestBody(state, at)
  if (luck === 7 || prey === undefined) {
    me.held = luck === 7 ? 1 + draw(state, 16) : wayOf(-me.x, -me.y)
    return
  }
  const dx = prey.x + LEAD * prey.vx - me.x
  const dy = prey.y + LEAD * prey.vy - me.y
  const way = wayOf(dx, dy)
  const [wx, wy] = WAYS[way] as readonly [number, number]
  // It does not dash to where there is no disc.
  const tx = me.x + div(wx * STRIKES_WITHIN, 1024)
  const ty = me.y + div(wy * STRIKES_WITHIN, 1024)
  const strikes = luck < 3 && dx * dx + dy * dy < STRIKES_WITHIN * STRIKES_WITHIN
  me.held = way + (strikes && tx * tx + ty * ty < disc * disc ? 32 : 0)
}

/** A whole number from 0 to below `n`. */
export const draw = (state: State, n: number): number => {
  state.seed = after(state.seed)
  return state.seed % n
}

const nearestOrb = ({ orbs }: State, me: Body): Orb | undefined => {
  let found: Orb | undefined
  let least = SEES_ORB * SEES_ORB
  for (let i = 0; i < ORBS; i++) {
    const orb = orbs[i] as Orb
    if (orb.kind === 0) continue
    const far = square(orb.x - me.x) + square(orb.y - me.y)
    if (far >= least) continue
    least = far
    found = orb
  }
  return found
}

const nearestBody = ({ bodies }: State, at: number): Body | undefined => {
  const me = bodies[at] as Body
  let found: Body | undefined
  let least = 0
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i] as Body
    if (i === at || !isHere(body) || body.safe > 0) continue
    const far = square(body.x - me.x) + square(body.y - me.y)
    if (found !== undefined && far >= least) continue
    least = far
    found = body
  }
  return found
}
