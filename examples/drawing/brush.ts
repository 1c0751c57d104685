import { type Board, endOf, FULL, isVisible, piecesOf, RUBBER, rowsOf } from './board.ts'

/** The first is the rubber's: it takes away, and shows as paper while it is being moved. */
export const INKS = [
  '#fffefb',
  '#20242f',
  '#e5414b',
  '#f0811a',
  '#f2bd1d',
  '#2f9e58',
  '#12a0b3',
  '#2b6be0',
  '#8a4fd8',
] as const

/** How wide strokes are, in eighths of a unit. */
export const NIBS = [28, 60, 124, 280] as const

export const inkAt = (colour: number): string => INKS[colour] ?? INKS[1]
export const nibAt = (width: number): number => NIBS[width] ?? NIBS[0]

/** A pen that presses half as hard draws not half as wide. */
const press = (weight: number): number => 0.3 + (0.7 * weight) / FULL

/**
 * Draws through points (x, y, weight, …) smoothly. `isBegun`: the first two were drawn before, and it goes on from
 * them.
 */
export const trace = (
  pen: CanvasRenderingContext2D,
  points: ArrayLike<number>,
  nib: number,
  isBegun = false,
): void => {
  const at = (i: number): number => points[i] as number
  const count = Math.floor(points.length / 3)
  if (count === 0) return
  pen.lineCap = pen.lineJoin = 'round'
  if (count === 1) {
    pen.beginPath()
    pen.arc(at(0), at(1), (nib * press(at(2))) / 2, 0, 2 * Math.PI)
    return pen.fill()
  }
  const middle = (i: number): [number, number] => [
    (at(3 * i) + at(3 * i + 3)) / 2,
    (at(3 * i + 1) + at(3 * i + 4)) / 2,
  ]
  const widthAt = (i: number): number => nib * press(at(3 * i + 2))
  let [x, y] = isBegun ? middle(0) : [at(0), at(1)]
  let width = widthAt(0)
  pen.lineWidth = width
  pen.beginPath()
  pen.moveTo(x, y)
  for (let i = isBegun ? 1 : 0; i < count; i++) {
    // A new path only where it is pressed otherwise: all of a mouse's stroke is one.
    if (widthAt(i) !== width) {
      pen.stroke()
      width = widthAt(i)
      pen.lineWidth = width
      pen.beginPath()
      pen.moveTo(x, y)
    }
    ;[x, y] = i + 1 < count ? middle(i) : [at(3 * i), at(3 * i + 1)]
    pen.quadraticCurveTo(at(3 * i), at(3 * i + 1), x, y)
  }
  pen.stroke()
}

/** In which colour, and whether it takes away. */
export const dip = (pen: CanvasRenderingContext2D, colour: number): void => {
  pen.globalCompositeOperation = colour === RUBBER ? 'destination-out' : 'source-over'
  pen.strokeStyle = pen.fillStyle = inkAt(colour)
}

/** The points of one piece. */
export const pointsIn = (board: Board, piece: number): number[] => {
  const points: number[] = []
  const end = endOf(board, piece)
  for (let at = board.first[piece] as number; at < end; at++)
    points.push(board.x[at] as number, board.y[at] as number, board.weight[at] as number)
  return points
}

/** All points of some strokes, by their rows. */
export const strokesOf = (board: Board, rows: readonly number[]): number[][] => {
  const points = new Map(rows.map((row) => [row, [] as number[]]))
  for (let piece = 0; piece < piecesOf(board); piece++)
    points.get(board.row[piece] as number)?.push(...pointsIn(board, piece))
  return rows.map((row) => points.get(row) as number[])
}

/** Draws strokes: all of them at once, or pieces as they follow one another, each from where its stroke had come to. */
export class Brush {
  private readonly pen: CanvasRenderingContext2D
  /** The last two points of each row. */
  private readonly ends = new Map<number, readonly number[]>()

  constructor(pen: CanvasRenderingContext2D) {
    this.pen = pen
  }

  drawAll(board: Board, isShown: (row: number) => boolean): void {
    this.ends.clear()
    const rows = Array.from({ length: rowsOf(board) }, (_, row) => row)
    for (const [row, points] of strokesOf(board, rows).entries()) {
      this.ends.set(row, points.slice(-6))
      if (isShown(row)) this.draw(board, row, points, false)
    }
  }

  drawPiece(board: Board, piece: number, isShown: (row: number) => boolean): void {
    const row = board.row[piece] as number
    const before = this.ends.get(row) ?? []
    const points = [...before, ...pointsIn(board, piece)]
    this.ends.set(row, points.slice(-6))
    if (isShown(row)) this.draw(board, row, points, before.length === 6)
  }

  private draw(board: Board, row: number, points: readonly number[], isBegun: boolean): void {
    if (!isVisible(board, row)) return
    dip(this.pen, board.colour[row] as number)
    trace(this.pen, points, nibAt(board.width[row] as number), isBegun)
  }
}
