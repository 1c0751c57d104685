import type { Body, Orb, State } from './state.ts'

const BODY_FIELDS: readonly (keyof Body)[] = [
  ...(['kind', 'player', 'x', 'y', 'vx', 'vy', 'face', 'dash', 'wait', 'gone', 'safe'] as const),
  ...(['power', 'powered', 'hits', 'by', 'blame', 'score', 'falls', 'held'] as const),
]
const ORB_FIELDS: readonly (keyof Orb)[] = ['kind', 'x', 'y']

/** Every number of a state, in the order in which they are declared. */
export const numbersOf = (state: State): number[] => [
  ...[state.phase, state.left, state.round, state.seed],
  ...state.bodies.flatMap((body) => BODY_FIELDS.map((field) => body[field])),
  ...state.orbs.flatMap((orb) => ORB_FIELDS.map((field) => orb[field])),
]

const MOST = 2147483647

/** One number for a whole state, easy to compute in any language: what a port of the game is held against. */
export const sumOf = (state: State): number => {
  let sum = 7
  for (const number of numbersOf(state)) sum = (sum * 31 + (number % MOST) + MOST) % MOST
  return sum
}
