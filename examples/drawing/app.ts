import { app, event } from 'sametick'
import {
  addInk,
  type Board,
  COLOURS,
  clear,
  emptyBoard,
  FULL,
  HEIGHT,
  type Ink,
  PIECE_POINTS,
  ROWS,
  SEATS,
  undo,
  WIDTH,
  WIDTHS,
} from './board.ts'

export const FPS = 30

/** Where somebody's hand is, and what its drawing comes to: so that all can see whether all have the same. */
export interface Hand {
  readonly x: number
  readonly y: number
  readonly sum: number
}

export const NO_HAND: Hand = { x: -1, y: -1, sum: 0 }

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isInk = (value: unknown): value is Ink => {
  if (!isObject(value)) return false
  const { act, colour, width, points } = value
  return (
    isWhole(act, 1, 2 ** 32 - 1) &&
    isWhole(colour, 0, COLOURS - 1) &&
    isWhole(width, 0, WIDTHS - 1) &&
    Array.isArray(points) &&
    isWhole(points.length / 3, 1, PIECE_POINTS) &&
    points.every((n, i) => isWhole(n, 0, [WIDTH, HEIGHT, FULL][i % 3] as number))
  )
}

export interface Clearing {
  readonly act: number
  /** Of each author, how many of its acts there were: author, act, author, act, and so on. */
  readonly seen: readonly number[]
}

const isClearing = (value: unknown): value is Clearing =>
  isObject(value) &&
  isWhole(value.act, 1, 2 ** 32 - 1) &&
  Array.isArray(value.seen) &&
  isWhole(value.seen.length / 2, 0, ROWS) &&
  value.seen.every((n) => isWhole(n, 1, 2 ** 53 - 1))

const isHand = (value: unknown): value is Hand =>
  isObject(value) &&
  isWhole(value.x, -1, WIDTH) &&
  isWhole(value.y, -1, HEIGHT) &&
  isWhole(value.sum, 0, 2 ** 32 - 1)

/**
 * A drawing that many make. Every stroke is events of its author, in pieces while it is being drawn. Nothing here
 * knows whether the others are there: events that come late, be it by hours, have their place in the timeline.
 */
export default app({
  id: 'drawing@1',
  fps: FPS,
  events: {
    ink: event(1, isInk),
    undo: event(2),
    clear: event(3, isClearing),
    /** Whoever goes away on purpose says so. */
    away: event(4, (value): value is boolean => typeof value === 'boolean'),
  },
  input: { neutral: NO_HAND, check: isHand },
  start: emptyBoard,
  on: {
    ink: (board, { payload, player }, { tick }) => void addInk(board, player.id, payload, tick),
    undo: (board, { player }) => undo(board, player.id),
    clear: (board, { payload, player }, { tick }) => clear(board, player.id, payload.act, payload.seen, tick),
    away: (board, { payload, player }, { tick }) => goOrCome(board, player.slot, tick, payload),
    /** Whoever is lost without a word is away as well. */
    drop: (board, { player }, { tick }) => goOrCome(board, player.slot, tick, true),
    back: (board, { player }, { tick }) => goOrCome(board, player.slot, tick, false),
    join: (board, { player }) => sit(board, player.slot, player.id),
    leave: (board, { player }) => sit(board, player.slot, 0),
  },
  tick(board, t) {
    for (const { id, slot } of t.players) {
      if (slot >= SEATS) continue
      const { x, y, sum } = t.input(id)
      board.handX[slot] = x
      board.handY[slot] = y
      board.told[slot] = sum
    }
  },
})

const goOrCome = (board: Board, slot: number, tick: number, isGone: boolean): void => {
  if (slot >= SEATS) return
  if (isGone) board.left[slot] = Math.max(1, tick)
  board.back[slot] = isGone ? 0 : Math.max(1, tick)
}

const sit = (board: Board, slot: number, id: number): void => {
  if (slot >= SEATS) return
  board.seat[slot] = id
  board.left[slot] = board.back[slot] = 0
  board.handX[slot] = board.handY[slot] = -1
  board.told[slot] = 0
}
