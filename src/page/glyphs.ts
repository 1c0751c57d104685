import { colour } from './palette.ts'
import { type Key, keyOf } from './rect.ts'

/** What stands for a key: the corners of an arrow, or of a square, in a box from -1 to 1. */
const SHAPES: Readonly<Record<Key, readonly (readonly [x: number, y: number])[]>> = {
  left: turned(2),
  right: turned(0),
  up: turned(3),
  down: turned(1),
  hold: [
    [-0.7, -0.7],
    [0.7, -0.7],
    [0.7, 0.7],
    [-0.7, 0.7],
  ],
}

/** An arrow to the right, so many quarters round. */
function turned(quarters: number): (readonly [number, number])[] {
  const arrow = [
    [1, 0],
    [0.05, -0.95],
    [0.05, -0.34],
    [-1, -0.34],
    [-1, 0.34],
    [0.05, 0.34],
    [0.05, 0.95],
  ] as const
  const [cos, sin] = (
    [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ] as const
  )[quarters] ?? [1, 0]
  return arrow.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos])
}

export const pathOf = (key: Key): string =>
  `M${SHAPES[key].map(([x, y]) => `${(x * 7 + 7).toFixed(2)} ${(y * 7 + 7).toFixed(2)}`).join('L')}Z`

/** An event, as it flies and as it stands on the timeline. */
export const drawEvent = (
  context: CanvasRenderingContext2D,
  at: { readonly x: number; readonly y: number; readonly radius: number },
  id: number,
  who: string,
): void => {
  const { x, y, radius } = at
  context.fillStyle = colour(who)
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fill()
  const key = keyOf(id)
  if (key === undefined) return
  const size = radius * 0.56
  context.fillStyle = colour(`on-${who}`)
  context.beginPath()
  for (const [dx, dy] of SHAPES[key]) context.lineTo(x + dx * size, y + dy * size)
  context.fill()
}
