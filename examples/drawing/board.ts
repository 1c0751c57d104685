/**
 * What all pages hold: strokes, and who points where. It is one buffer seen through typed arrays, which the time
 * machine copies as bytes, so that a drawing of tens of thousands of points can go back as cheaply as an empty one.
 */

/** The paper, in eighths of a unit. */
export const WIDTH = 12_000
export const HEIGHT = 9_600

/** How much a drawing holds. What was taken away makes room once it is needed; then no more goes in. */
export const ROWS = 4_096
export const PIECES = 16_384
export const POINTS = 65_536
/** Of one event. */
export const PIECE_POINTS = 64
/** People whose hands are shown. */
export const SEATS = 32

/** The first is no colour: it takes away what is under it. */
export const RUBBER = 0
export const COLOURS = 9
export const WIDTHS = 4
/** The weight of a point that was not pressed harder or softer than others: mice know no other. */
export const FULL = 255

/** A row that is a clearing, and no stroke. */
const CLEARING = 255

/** Where the numbers in `head` are. */
const ROW_COUNT = 0
const PIECE_COUNT = 1
const POINT_COUNT = 2
const REFUSED = 3
const VEIL = 4
const HEADS = 6

/** The points of one stroke, or some of them: x, y and weight, one after another. */
export interface Ink {
  /** Which of its author's acts it belongs to: they count strokes and clearings from 1. */
  readonly act: number
  readonly colour: number
  readonly width: number
  readonly points: readonly number[]
}

export interface Board {
  /** Of each row, a stroke or a clearing, in the order in which they began: whose, and which of its acts. */
  readonly owner: Float64Array
  readonly act: Uint32Array
  /** The tick in which it began. */
  readonly born: Uint32Array
  readonly colour: Uint8Array
  readonly width: Uint8Array
  readonly undone: Uint8Array
  /** The row of the clearing that took it away, plus 1. */
  readonly cleared: Uint16Array
  /** Of each piece: which row it belongs to, its first point, and all that was drawn up to it as one number. */
  readonly row: Uint16Array
  readonly first: Uint32Array
  readonly chain: Uint32Array
  readonly x: Int16Array
  readonly y: Int16Array
  readonly weight: Uint8Array
  readonly head: Int32Array
  /** Of each seat: whose it is, where its hand is (-1: nowhere), and what it says that its drawing comes to. */
  readonly seat: Float64Array
  readonly handX: Int16Array
  readonly handY: Int16Array
  readonly told: Uint32Array
  /** The tick at which it last went away, 0 if it never did, and at which it was back, 0 as long as it is not. */
  readonly left: Uint32Array
  readonly back: Uint32Array
}

const BYTES =
  8 * (ROWS + SEATS) +
  4 * (2 * ROWS + 2 * PIECES + HEADS + 3 * SEATS) +
  2 * (ROWS + PIECES + 2 * POINTS + 2 * SEATS) +
  (3 * ROWS + POINTS)

export const emptyBoard = (): Board => {
  const buffer = new ArrayBuffer(BYTES)
  let at = 0
  // The widest first: so each begins where it may.
  const view = <V extends { readonly byteLength: number }>(
    Kind: new (buffer: ArrayBuffer, offset: number, length: number) => V,
    length: number,
  ): V => {
    const made = new Kind(buffer, at, length)
    at += made.byteLength
    return made
  }
  return {
    owner: view(Float64Array, ROWS),
    seat: view(Float64Array, SEATS),
    act: view(Uint32Array, ROWS),
    born: view(Uint32Array, ROWS),
    first: view(Uint32Array, PIECES),
    chain: view(Uint32Array, PIECES),
    head: view(Int32Array, HEADS),
    told: view(Uint32Array, SEATS),
    left: view(Uint32Array, SEATS),
    back: view(Uint32Array, SEATS),
    cleared: view(Uint16Array, ROWS),
    row: view(Uint16Array, PIECES),
    x: view(Int16Array, POINTS),
    y: view(Int16Array, POINTS),
    handX: view(Int16Array, SEATS),
    handY: view(Int16Array, SEATS),
    colour: view(Uint8Array, ROWS),
    width: view(Uint8Array, ROWS),
    undone: view(Uint8Array, ROWS),
    weight: view(Uint8Array, POINTS),
  }
}

const of = (numbers: { readonly [at: number]: number }, at: number): number => numbers[at] as number

export const rowsOf = ({ head }: Board): number => of(head, ROW_COUNT)
export const piecesOf = ({ head }: Board): number => of(head, PIECE_COUNT)
export const pointsOf = ({ head }: Board): number => of(head, POINT_COUNT)
/** How often something did not go in any more. */
export const refusedOf = ({ head }: Board): number => of(head, REFUSED)
/** All that was taken away and brought back, as one number. */
export const veilOf = ({ head }: Board): number => of(head, VEIL)

/** Behind the last point of a piece. */
export const endOf = (board: Board, piece: number): number =>
  piece + 1 < piecesOf(board) ? of(board.first, piece + 1) : pointsOf(board)

export const isStroke = ({ width }: Board, row: number): boolean => of(width, row) !== CLEARING

export const isVisible = (board: Board, row: number): boolean =>
  isStroke(board, row) && of(board.undone, row) === 0 && of(board.cleared, row) === 0

/** The part of it that is the drawing, hands left aside. */
export const drawingOf = (board: Board): readonly unknown[] => {
  const { owner, act, born, colour, width, undone, cleared, row, first, x, y, weight } = board
  return [
    ...[owner, act, born, colour, width, undone, cleared].map((each) => each.slice(0, rowsOf(board))),
    ...[row, first].map((each) => each.slice(0, piecesOf(board))),
    ...[x, y, weight].map((each) => each.slice(0, pointsOf(board))),
  ]
}

/** Which stroke it is, wherever in the table it may be: what comes late moves others. */
export const keyOf = ({ owner, act }: Board, row: number): string => `${of(owner, row)}:${of(act, row)}`

const mix = (into: number, value: number): number => {
  const mixed = Math.imul(into ^ value, 0x0100_0193)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

const veil = ({ head }: Board, what: number): void => {
  head[VEIL] = mix(of(head, VEIL), what) | 0
}

/** What was drawn up to a piece as one number: equal if and only if all of it is. */
const chainAt = (board: Board, piece: number): number => {
  const row = of(board.row, piece)
  const owner = of(board.owner, row)
  let chain = piece === 0 ? 1 : of(board.chain, piece - 1)
  for (const part of [owner % 2 ** 32, Math.floor(owner / 2 ** 32), of(board.act, row)])
    chain = mix(chain, part)
  chain = mix(chain, of(board.colour, row) * 256 + of(board.width, row))
  const end = endOf(board, piece)
  for (let at = of(board.first, piece); at < end; at++) {
    chain = mix(chain, of(board.x, at) * 65_536 + of(board.y, at))
    chain = mix(chain, of(board.weight, at))
  }
  return chain
}

/** The row of somebody's act; -1 if it is not there. It is looked for among the last first. */
const rowOf = (board: Board, owner: number, act: number): number => {
  for (let row = rowsOf(board) - 1; row >= 0; row--)
    if (of(board.owner, row) === owner && of(board.act, row) === act) return row
  return -1
}

const addRow = (board: Board, owner: number, act: number, tick: number): number => {
  const row = rowsOf(board)
  board.owner[row] = owner
  board.act[row] = act
  board.born[row] = tick
  board.undone[row] = 0
  board.cleared[row] = 0
  board.head[ROW_COUNT] = row + 1
  return row
}

/** More of a stroke, or its beginning. False if there is no room for it. */
export const addInk = (board: Board, owner: number, ink: Ink, tick: number): boolean => {
  const { head } = board
  const count = ink.points.length / 3
  const fits = (): boolean =>
    pointsOf(board) + count <= POINTS &&
    piecesOf(board) < PIECES &&
    (rowsOf(board) < ROWS || rowOf(board, owner, ink.act) >= 0)
  if (!fits()) makeRoom(board)
  if (!fits()) {
    head[REFUSED] = refusedOf(board) + 1
    return false
  }
  let row = rowOf(board, owner, ink.act)
  if (row >= 0 && !isStroke(board, row)) return true
  if (row < 0) {
    row = addRow(board, owner, ink.act, tick)
    board.colour[row] = ink.colour
    board.width[row] = ink.width
  }
  const piece = piecesOf(board)
  let at = pointsOf(board)
  board.row[piece] = row
  board.first[piece] = at
  for (let i = 0; i < count; i++, at++) {
    board.x[at] = ink.points[3 * i] as number
    board.y[at] = ink.points[3 * i + 1] as number
    board.weight[at] = ink.points[3 * i + 2] as number
  }
  head[PIECE_COUNT] = piece + 1
  head[POINT_COUNT] = at
  board.chain[piece] = chainAt(board, piece)
  return true
}

/** Takes back the last that somebody did and that still stands, a clearing included. */
export const undo = (board: Board, owner: number): void => {
  for (let row = rowsOf(board) - 1; row >= 0; row--) {
    if (of(board.owner, row) !== owner || of(board.undone, row) !== 0 || of(board.cleared, row) !== 0)
      continue
    board.undone[row] = 1
    veil(board, 2 * row)
    if (isStroke(board, row)) return
    for (let other = 0; other < rowsOf(board); other++)
      if (of(board.cleared, other) === row + 1) board.cleared[other] = 0
    return
  }
}

/**
 * Takes away what the one who cleared had before its eyes: of each author all up to one of its acts. What others
 * drew at the same time, or while they were away, stays.
 */
export const clear = (
  board: Board,
  owner: number,
  act: number,
  seen: readonly number[],
  tick: number,
): void => {
  if (rowsOf(board) === ROWS) makeRoom(board)
  const upTo = new Map<number, number>()
  for (let i = 0; i < seen.length; i += 2) upTo.set(seen[i] as number, seen[i + 1] as number)
  const count = rowsOf(board)
  const own = count < ROWS ? addRow(board, owner, act, tick) : -1
  if (own >= 0) board.width[own] = CLEARING
  for (let row = 0; row < count; row++) {
    if (!isVisible(board, row) || of(board.act, row) > (upTo.get(of(board.owner, row)) ?? 0)) continue
    // Where there is no row left for the clearing it cannot be taken back.
    if (own >= 0) board.cleared[row] = own + 1
    else board.undone[row] = 1
  }
  veil(board, 2 * own + 1)
}

/** What `clear` is told: for each author of what is visible, the last of its acts. */
export const seenOf = (board: Board): number[] => {
  const upTo = new Map<number, number>()
  for (let row = 0; row < rowsOf(board); row++)
    if (isVisible(board, row))
      upTo.set(of(board.owner, row), Math.max(of(board.act, row), upTo.get(of(board.owner, row)) ?? 0))
  return [...upTo].flat()
}

/** Forgets for good what was taken away. */
const makeRoom = (board: Board): void => {
  const { head } = board
  const moved = new Int32Array(ROWS).fill(-1)
  let rows = 0
  for (let row = 0; row < rowsOf(board); row++) {
    if (!isVisible(board, row)) continue
    moved[row] = rows
    for (const each of [board.owner, board.act, board.born, board.colour, board.width])
      each[rows] = each[row] as number
    board.undone[rows] = 0
    board.cleared[rows] = 0
    rows++
  }
  let [pieces, points] = [0, 0]
  for (let piece = 0; piece < piecesOf(board); piece++) {
    const row = of(moved, of(board.row, piece))
    if (row < 0) continue
    const [from, end] = [of(board.first, piece), endOf(board, piece)]
    for (const each of [board.x, board.y, board.weight]) each.copyWithin(points, from, end)
    board.row[pieces] = row
    board.first[pieces] = points
    pieces++
    points += end - from
  }
  head[ROW_COUNT] = rows
  head[PIECE_COUNT] = pieces
  head[POINT_COUNT] = points
  for (let piece = 0; piece < pieces; piece++) board.chain[piece] = chainAt(board, piece)
  veil(board, -1)
}
