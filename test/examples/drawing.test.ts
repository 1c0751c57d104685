import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addInk,
  type Board,
  clear,
  drawingOf,
  emptyBoard,
  isVisible,
  keyOf,
  PIECE_POINTS,
  PIECES,
  piecesOf,
  ROWS,
  refusedOf,
  rowsOf,
  seenOf,
  undo,
} from '../../examples/drawing/board.ts'
import { strokesOf } from '../../examples/drawing/brush.ts'
import { rowsSince, Seen } from '../../examples/drawing/strokes.ts'
import { digest } from '../../src/core/timeline/digest.ts'

const ADA = 7
const BELA = 281_474_976_710_655

const dot = (x: number): number[] => [x, 2 * x, 255]

/** What there is to see: each stroke by whose it is, with its points. */
const shown = (board: Board): Record<string, readonly number[]> => {
  const rows = Array.from({ length: rowsOf(board) }, (_, row) => row).filter((row) => isVisible(board, row))
  return Object.fromEntries(
    strokesOf(board, rows).map((points, i) => [keyOf(board, rows[i] as number), points]),
  )
}

const draw = (board: Board, owner: number, act: number, points = dot(act), tick = act): boolean =>
  addInk(board, owner, { act, colour: 1 + (act % 8), width: act % 4, points }, tick)

describe('a drawing', () => {
  test('holds strokes that come in pieces, those of two hands between each other', () => {
    const board = emptyBoard()
    draw(board, ADA, 1, dot(1))
    draw(board, BELA, 1, dot(10))
    draw(board, ADA, 1, dot(2))
    draw(board, BELA, 1, dot(20))
    expect(shown(board)).toEqual({
      [`${ADA}:1`]: [...dot(1), ...dot(2)],
      [`${BELA}:1`]: [...dot(10), ...dot(20)],
    })
  })

  test('takes back the last that somebody did, and leaves what others did', () => {
    const board = emptyBoard()
    for (const owner of [ADA, BELA]) for (const act of [1, 2]) draw(board, owner, act)
    undo(board, ADA)
    expect(Object.keys(shown(board))).toEqual([`${ADA}:1`, `${BELA}:1`, `${BELA}:2`])
    undo(board, ADA)
    undo(board, ADA)
    expect(Object.keys(shown(board))).toEqual([`${BELA}:1`, `${BELA}:2`])
  })

  test('is cleared of what the one who clears has seen, and not of what was drawn out of its sight', () => {
    const board = emptyBoard()
    draw(board, ADA, 1)
    draw(board, BELA, 1)
    const seen = seenOf(board)
    // Bela was offline: in the timeline this lies before the clearing.
    draw(board, BELA, 2)
    clear(board, ADA, 2, seen, 9)
    expect(Object.keys(shown(board))).toEqual([`${BELA}:2`])
    undo(board, ADA)
    expect(Object.keys(shown(board))).toEqual([`${ADA}:1`, `${BELA}:1`, `${BELA}:2`])
  })

  test('makes room by forgetting what was taken away, and refuses what does not go in, without harm', () => {
    const board = emptyBoard()
    const points = Array.from({ length: PIECE_POINTS }, (_, i) => dot(i)).flat()
    let act = 0
    while (draw(board, ADA, ++act, points));
    expect([piecesOf(board), refusedOf(board)]).toEqual([1_024, 1])
    const full = digest(drawingOf(board))
    expect(draw(board, BELA, 1, points)).toBe(false)
    expect(digest(drawingOf(board))).toBe(full)
    for (let i = 0; i < 10; i++) undo(board, ADA)
    for (let i = 1; i <= 10; i++) expect(draw(board, BELA, i, points)).toBe(true)
    expect(draw(board, BELA, 11, points)).toBe(false)
    expect(Object.keys(shown(board))).toHaveLength(1_024)
    expect(shown(board)[`${ADA}:1014`]).toEqual(points)
    expect(shown(board)[`${ADA}:1015`]).toBeUndefined()
  })

  test('is full with as many strokes, or as many pieces, as it holds; more of a stroke still goes in', () => {
    const strokes = emptyBoard()
    for (let act = 1; act <= ROWS; act++) expect(draw(strokes, ADA, act)).toBe(true)
    expect(draw(strokes, BELA, 1)).toBe(false)
    expect(draw(strokes, ADA, ROWS, dot(5))).toBe(true)
    clear(strokes, BELA, 1, seenOf(strokes), 9)
    expect(shown(strokes)).toEqual({})
    expect(draw(strokes, BELA, 2)).toBe(true)

    const pieces = emptyBoard()
    for (let i = 0; i < PIECES; i++) expect(draw(pieces, ADA, 1, dot(i % 5_000))).toBe(true)
    expect(draw(pieces, ADA, 1)).toBe(false)
  })

  test('has one number for all of it that tells every two drawings apart', () => {
    const chain = (board: Board) => board.chain[piecesOf(board) - 1]
    const one = emptyBoard()
    const other = emptyBoard()
    for (const board of [one, other]) for (let act = 1; act < 9; act++) draw(board, ADA, act)
    expect(chain(one)).toBe(chain(other))
    draw(one, ADA, 9, [1, 2, 3])
    draw(other, ADA, 9, [1, 2, 4])
    expect(chain(one)).not.toBe(chain(other))
    for (const board of [one, other]) draw(board, BELA, 1)
    expect(chain(one)).not.toBe(chain(other))
  })

  test('shows after any acts what a list of strokes would show', () => {
    const acts = fc.array(
      fc.record({
        what: fc.constantFrom('draw', 'draw', 'draw', 'more', 'undo', 'clear'),
        owner: fc.constantFrom(ADA, BELA),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(acts, (all) => {
        const board = emptyBoard()
        const plain = new PlainDrawing()
        const counts = new Map<number, number>()
        for (const [tick, { what, owner }] of all.entries()) {
          const act = (counts.get(owner) ?? 0) + (what === 'draw' || what === 'clear' ? 1 : 0)
          if (act === 0) continue
          counts.set(owner, act)
          if (what === 'undo') undo(board, owner)
          else if (what === 'clear') clear(board, owner, act, seenOf(board), tick)
          else draw(board, owner, act, dot(tick), tick)
          plain[what](owner, act, dot(tick))
        }
        expect(shown(board)).toEqual(plain.shown())
      }),
    )
  })
})

describe('what a page tells of a drawing', () => {
  test('strokes of others that are new here and began before came late, each once', () => {
    const board = emptyBoard()
    const seen = new Seen()
    draw(board, BELA, 1, dot(1), 5)
    draw(board, ADA, 1, dot(1), 6)
    draw(board, BELA, 2, dot(1), 90)
    const isLate = (row: number): boolean => (board.born[row] as number) < 50
    expect(seen.late(board, ADA, isLate).map((row) => keyOf(board, row))).toEqual([`${BELA}:1`])
    expect(seen.late(board, ADA, () => true)).toEqual([])
  })

  test('strokes wait that were drawn since a tick and are still to be seen', () => {
    const board = emptyBoard()
    for (const act of [1, 2, 3]) draw(board, ADA, act, dot(1), 10 * act)
    undo(board, ADA)
    expect(rowsSince(board, 15, (owner) => owner === ADA)).toEqual([1])
    expect(rowsSince(board, 15, (owner) => owner !== ADA)).toEqual([])
  })
})

/** The same in a few plain lines. */
class PlainDrawing {
  private acts: { owner: number; act: number; points: number[]; hides: string[]; isUndone: boolean }[] = []

  draw(owner: number, act: number, points: number[]): void {
    this.acts.push({ owner, act, points, hides: [], isUndone: false })
  }

  more(owner: number, act: number, points: number[]): void {
    const last = this.acts.find((each) => each.owner === owner && each.act === act)
    // What goes on with an act that is a clearing is void.
    if (last && last.points.length > 0) last.points.push(...points)
  }

  undo(owner: number): void {
    const last = this.acts.findLast(
      (each) => each.owner === owner && !each.isUndone && !this.hidden().has(`${owner}:${each.act}`),
    )
    if (last) last.isUndone = true
  }

  clear(owner: number, act: number): void {
    this.acts.push({ owner, act, points: [], hides: Object.keys(this.shown()), isUndone: false })
  }

  shown(): Record<string, readonly number[]> {
    const hidden = this.hidden()
    return Object.fromEntries(
      this.acts
        .filter(
          ({ owner, act, points, isUndone }) =>
            points.length > 0 && !isUndone && !hidden.has(`${owner}:${act}`),
        )
        .map(({ owner, act, points }) => [`${owner}:${act}`, points]),
    )
  }

  private hidden(): Set<string> {
    return new Set(this.acts.filter(({ isUndone }) => !isUndone).flatMap(({ hides }) => hides))
  }
}
