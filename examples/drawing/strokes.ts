import type { Landing, Receipt } from 'sametick'
import { type Board, FULL, HEIGHT, type Ink, isVisible, keyOf, PIECE_POINTS, rowsOf, WIDTH } from './board.ts'
import { strokesOf } from './brush.ts'
import type { Draft } from './paper.ts'

/** A stroke while it is drawn goes out in pieces, this often. */
const PIECE_MS = 80
/** In eighths of a unit: a point nearer to the last than this says nothing new. */
const NEAR = 10

/** One's own stroke, from the first point until the timeline shows all of it. */
interface Own extends Draft {
  readonly act: number
  readonly points: number[]
  /** How many of the numbers in `points` were emitted. */
  sent: number
  sentAt: number
  waiting: number
  isDone: boolean
  /** The tick of its last piece. */
  tick: number
}

/** What one's own hand draws: at once on the own paper, in pieces for everybody. */
export class Strokes {
  private readonly emit: (ink: Ink) => Receipt
  private readonly told: (landing: Landing) => void
  private own: Own[] = []
  private acts = 0

  constructor(emit: (ink: Ink) => Receipt, refused: (landing: Landing) => void) {
    this.emit = emit
    this.told = refused
  }

  /** The number of the next act. */
  nextAct(): number {
    return ++this.acts
  }

  begin(colour: number, width: number): void {
    const act = this.nextAct()
    const sentAt = performance.now()
    this.own.push({ act, colour, width, points: [], sent: 0, sentAt, waiting: 0, isDone: false, tick: -1 })
  }

  point(x: number, y: number, pressure: number): void {
    const stroke = this.current
    if (stroke === undefined) return
    const at = [x, y, FULL * pressure].map((n, i) =>
      Math.round(Math.min([WIDTH, HEIGHT, FULL][i] as number, Math.max(0, n))),
    ) as [number, number, number]
    const [lastX = Infinity, lastY = 0] = stroke.points.slice(-3)
    if (Math.hypot(at[0] - lastX, at[1] - lastY) < NEAR) return
    stroke.points.push(...at)
  }

  end(): void {
    const stroke = this.current
    if (stroke === undefined) return
    stroke.isDone = true
    this.send(stroke)
  }

  get isDrawing(): boolean {
    return this.current !== undefined
  }

  /** Once a frame: what was drawn goes out; what everybody sees by now is no draft any more. */
  drafts(tick: number): readonly Draft[] {
    const { current } = this
    if (current && performance.now() - current.sentAt >= PIECE_MS) this.send(current)
    this.own = this.own.filter((stroke) => !stroke.isDone || stroke.waiting > 0 || stroke.tick > tick)
    return this.own
  }

  /** A whole stroke at once. */
  put({ colour, width, points }: Draft): void {
    this.begin(colour, width)
    this.current?.points.push(...points)
    this.end()
  }

  private get current(): Own | undefined {
    const last = this.own.at(-1)
    return last?.isDone ? undefined : last
  }

  private send(stroke: Own): void {
    stroke.sentAt = performance.now()
    const { act, colour, width, points } = stroke
    while (stroke.sent < points.length) {
      const piece = points.slice(stroke.sent, stroke.sent + 3 * PIECE_POINTS)
      stroke.sent += piece.length
      stroke.waiting++
      void this.emit({ act, colour, width, points: piece }).landed.then((landing) => {
        stroke.waiting--
        if (landing.ok) stroke.tick = landing.tick
        else this.told(landing)
      })
    }
  }
}

/** Which strokes a page has seen, and which of those that it has not came late. */
export class Seen {
  private readonly keys = new Set<string>()

  /** Rows of strokes of others that are new here, and of which `isLate` says so. */
  late(board: Board, me: number, isLate: (row: number) => boolean): number[] {
    const rows: number[] = []
    for (let row = 0; row < rowsOf(board); row++) {
      const key = keyOf(board, row)
      if (this.keys.has(key)) continue
      this.keys.add(key)
      if (board.owner[row] !== me && isVisible(board, row) && isLate(row)) rows.push(row)
    }
    return rows
  }
}

/** The rows of visible strokes that began from a tick on; `whose` says of which authors. */
export const rowsSince = (board: Board, tick: number, whose: (owner: number) => boolean): number[] => {
  const rows: number[] = []
  for (let row = 0; row < rowsOf(board); row++)
    if ((board.born[row] as number) >= tick && whose(board.owner[row] as number) && isVisible(board, row))
      rows.push(row)
  return rows
}

/** Strokes of one's own that nobody else has, kept where a page finds them when it is loaded again. */
export class Kept {
  private readonly key: string
  private told = ''

  constructor(room: string) {
    this.key = `drawing ${room}`
  }

  read(): readonly Draft[] {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key) ?? '[]')
      return Array.isArray(kept) ? kept : []
    } catch {
      return []
    }
  }

  /** All of one's own since a tick, or nothing, once others have them. */
  write(board: Board, me: number, since: number): void {
    const rows = rowsSince(board, since, (owner) => owner === me)
    const drafts: Draft[] = strokesOf(board, rows).map((points, i) => ({
      colour: board.colour[rows[i] as number] as number,
      width: board.width[rows[i] as number] as number,
      points,
    }))
    const text = JSON.stringify(drafts)
    if (text === this.told) return
    this.told = text
    try {
      sessionStorage.setItem(this.key, text)
    } catch {
      // Full, or not allowed: then a page that is loaded again begins without them.
    }
  }
}
