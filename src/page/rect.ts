import type { Input } from '../core/timeline/event.ts'

/**
 * The rectangle of *Symmetric Distributed Applications*, Figure 5: arrows steer it, a space holds it. What it
 * does depends on its inputs alone, and it knows of no network. Where it leaves its world it comes in again on
 * the other side.
 */

export const APP = 'rectangle@1'
export const FPS = 40
export const WORLD = { width: 480, height: 300 } as const
export const SIDE = 26

/** 5 px a tick are 200 px a second. */
const SPEED = 5

/** The ids of its events. */
export const KEYS = { left: 1, right: 2, up: 3, down: 4, hold: 5 } as const
export type Key = keyof typeof KEYS
/** No key: the session goes on elsewhere, under the name in the payload. */
export const MOVED = 6

const DIRECTIONS: Readonly<Record<Key, readonly [vx: number, vy: number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
  hold: [0, 0],
}

const NAMES = Object.keys(KEYS) as Key[]

export const keyOf = (id: number): Key | undefined => NAMES.find((name) => KEYS[name] === id)

export interface Rect {
  x: number
  y: number
  vx: number
  vy: number
}

export const start = (): Rect => ({ x: 120, y: 150, vx: 0, vy: 0 })

/** One key: the rectangle turns. */
export const turn = (rect: Rect, key: Key): void => {
  const [vx, vy] = DIRECTIONS[key]
  rect.vx = vx
  rect.vy = vy
}

/** One tick: the rectangle moves. */
export const move = (rect: Rect): void => {
  rect.x = within(rect.x + SPEED * rect.vx, WORLD.width)
  rect.y = within(rect.y + SPEED * rect.vy, WORLD.height)
}

/** One input, whichever it is. */
export const react = (rect: Rect, input: Pick<Input, 'id'>): void => {
  if (input.id === 0) return move(rect)
  const key = keyOf(input.id)
  if (key !== undefined) turn(rect, key)
}

const within = (at: number, size: number): number => (at + size) % size

/** How far it is from one place to another, the shorter way round. */
export const way = (from: number, to: number, size: number): number => {
  const straight = (to - from) % size
  if (straight > size / 2) return straight - size
  return straight < -size / 2 ? straight + size : straight
}

/** The distance between two rectangles in px. */
export const distance = (a: Rect, b: Rect): number =>
  Math.hypot(way(a.x, b.x, WORLD.width), way(a.y, b.y, WORLD.height))

/** Where it is to be seen between two ticks. */
export const between = (before: Rect, after: Rect, alpha: number): { x: number; y: number } => ({
  x: within(before.x + way(before.x, after.x, WORLD.width) * alpha, WORLD.width),
  y: within(before.y + way(before.y, after.y, WORLD.height) * alpha, WORLD.height),
})
