import { type Board, HEIGHT, keyOf, piecesOf, veilOf, WIDTH } from './board.ts'
import { Brush, dip, INKS, inkAt, nibAt, strokesOf, trace } from './brush.ts'

/** A stroke of one's own that the timeline does not show yet. */
export interface Draft {
  readonly colour: number
  readonly width: number
  readonly points: readonly number[]
}

export interface Pointer {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly name: string
  readonly colour: string
}

/** A stroke that came in late, on its way onto the paper. */
interface Arrival {
  readonly key: string
  readonly points: readonly number[]
  readonly colour: number
  readonly nib: number
  readonly glow: string
  readonly begins: number
}

/** How long one stroke that came in late takes to be drawn, and how long it glows after that, in milliseconds. */
const DRAWING = 700
const GLOWING = 1_400
/** Within this all of them have begun. */
const ALL = 1_800
/** Nobody draws who has not for so long. */
const RESTING = 300
/** Between two that come in at once. */
const APART = 220

/** Two sheets on each other: what is settled is drawn once, what moves is drawn in every frame. */
export class Paper {
  private readonly ink: CanvasRenderingContext2D
  private readonly top: CanvasRenderingContext2D
  private readonly brush: Brush
  private readonly pointers = new Map<number, { x: number; y: number }>()
  private readonly font: string
  private scale = 1
  private drawn = 0
  private drawnAt = 0
  private isRough = false
  private chain = 0
  private veil = 0
  private late = 0
  private arrivals: Arrival[] = []

  constructor(ink: HTMLCanvasElement, top: HTMLCanvasElement) {
    this.ink = ink.getContext('2d') as CanvasRenderingContext2D
    this.brush = new Brush(this.ink)
    this.top = top.getContext('2d') as CanvasRenderingContext2D
    this.font = getComputedStyle(document.body).fontFamily
    new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0
      const dots = Math.min(devicePixelRatio, 2)
      for (const canvas of [ink, top]) {
        canvas.width = Math.max(1, Math.round(width * dots))
        canvas.height = Math.max(1, Math.round((width * dots * HEIGHT) / WIDTH))
      }
      this.scale = canvasScale(ink)
      this.wipe()
    }).observe(ink)
  }

  /** Strokes that came in late are drawn before one's eyes, one after another. */
  bring(board: Board, rows: readonly number[], glowOf: (row: number) => string, isCalm: boolean): void {
    const now = performance.now()
    const points = strokesOf(board, rows)
    const apart = isCalm ? 0 : Math.min(APART, ALL / rows.length)
    this.arrivals = [
      ...this.arrivals,
      ...rows.map((row, i) => ({
        key: keyOf(board, row),
        points: points[i] as number[],
        colour: board.colour[row] as number,
        nib: nibAt(board.width[row] as number),
        glow: glowOf(row),
        begins: now + i * apart - (isCalm ? DRAWING : 0),
      })),
    ]
    this.wipe()
  }

  draw(board: Board, drafts: readonly Draft[], pointers: readonly Pointer[], seconds: number): void {
    const now = performance.now()
    this.settle(board, now)
    const { top } = this
    top.setTransform(1, 0, 0, 1, 0, 0)
    top.clearRect(0, 0, top.canvas.width, top.canvas.height)
    top.scale(this.scale, this.scale)
    for (const arrival of this.arrivals) this.drawArrival(arrival, now)
    for (const { colour, width, points } of drafts) {
      top.strokeStyle = top.fillStyle = inkAt(colour)
      trace(top, points, nibAt(width))
    }
    this.drawPointers(pointers, seconds)
    this.arrivals = this.arrivals.filter(({ begins }) => now < begins + DRAWING + GLOWING)
  }

  /** The paper with all that is drawn on it. */
  picture(board: Board): Promise<Blob> {
    const canvas = new OffscreenCanvas(WIDTH / 4, HEIGHT / 4)
    const pen = canvas.getContext('2d') as unknown as CanvasRenderingContext2D
    pen.scale(1 / 4, 1 / 4)
    new Brush(pen).drawAll(board, () => true)
    pen.globalCompositeOperation = 'destination-over'
    pen.fillStyle = INKS[0]
    pen.fillRect(0, 0, WIDTH, HEIGHT)
    return canvas.convertToBlob()
  }

  private wipe(): void {
    this.drawn = 0
    this.isRough = false
  }

  /** Only what is new, unless the past is another than it was. */
  private settle(board: Board, now: number): void {
    const { ink, drawn } = this
    const late = new Set(this.arrivals.filter(({ begins }) => now < begins + DRAWING).map(({ key }) => key))
    // What has been drawn before one's eyes belongs here from then on, in its place among the others.
    const isSettled = (row: number): boolean => late.size === 0 || !late.has(keyOf(board, row))
    const count = piecesOf(board)
    const isAsBefore =
      drawn > 0 &&
      drawn <= count &&
      board.chain[drawn - 1] === this.chain &&
      veilOf(board) === this.veil &&
      late.size === this.late &&
      // Where pieces meet their edges show: once nobody draws they are drawn again, each stroke in one go.
      !(this.isRough && drawn === count && now - this.drawnAt > RESTING)
    if (isAsBefore) {
      for (let piece = drawn; piece < count; piece++) this.brush.drawPiece(board, piece, isSettled)
      this.isRough ||= count > drawn
    } else {
      ink.setTransform(1, 0, 0, 1, 0, 0)
      ink.globalCompositeOperation = 'source-over'
      ink.clearRect(0, 0, ink.canvas.width, ink.canvas.height)
      ink.scale(this.scale, this.scale)
      this.brush.drawAll(board, isSettled)
      this.isRough = false
    }
    if (count !== drawn) this.drawnAt = now
    this.drawn = count
    this.chain = count > 0 ? (board.chain[count - 1] as number) : 0
    this.veil = veilOf(board)
    this.late = late.size
  }

  private drawArrival({ points, colour, nib, glow, begins }: Arrival, now: number): void {
    const { top } = this
    const share = Math.min(1, (now - begins) / DRAWING)
    if (share <= 0) return
    const eased = 1 - (1 - share) ** 2
    const shown = points.slice(0, 3 * Math.max(1, Math.ceil((points.length / 3) * eased)))
    const faded = Math.max(0, (now - begins - DRAWING) / GLOWING)
    top.globalAlpha = 0.34 * (1 - faded)
    top.strokeStyle = top.fillStyle = glow
    trace(top, shown, nib + 130)
    top.globalAlpha = 1
    dip(top, colour)
    top.globalCompositeOperation = 'source-over'
    if (share < 1 || faded < 1) trace(top, shown, nib)
  }

  private drawPointers(pointers: readonly Pointer[], seconds: number): void {
    const { top } = this
    const dots = Math.min(devicePixelRatio, 2)
    const share = 1 - Math.exp(-14 * seconds)
    for (const id of this.pointers.keys())
      if (!pointers.some((pointer) => pointer.id === id)) this.pointers.delete(id)
    top.setTransform(1, 0, 0, 1, 0, 0)
    for (const { id, x, y, name, colour } of pointers) {
      // Hands are told of a few times a second: in between they glide.
      const shown = this.pointers.get(id) ?? { x, y }
      shown.x += (x - shown.x) * share
      shown.y += (y - shown.y) * share
      this.pointers.set(id, shown)
      top.setTransform(dots, 0, 0, dots, shown.x * this.scale, shown.y * this.scale)
      drawPointer(top, name, colour, this.font)
    }
  }
}

const canvasScale = (canvas: HTMLCanvasElement): number => canvas.width / WIDTH

const drawPointer = (pen: CanvasRenderingContext2D, name: string, colour: string, font: string): void => {
  pen.fillStyle = colour
  pen.strokeStyle = '#ffffff'
  pen.lineWidth = 1.5
  pen.lineJoin = 'round'
  pen.beginPath()
  pen.moveTo(0, 0)
  pen.lineTo(3.6, 14.5)
  pen.lineTo(7, 8.6)
  pen.lineTo(13.6, 7.2)
  pen.closePath()
  pen.fill()
  pen.stroke()
  pen.font = `600 12px ${font}`
  const width = pen.measureText(name).width
  pen.beginPath()
  pen.roundRect(11, 14, width + 14, 21, 10.5)
  pen.fill()
  pen.fillStyle = '#ffffff'
  pen.fillText(name, 18, 29)
}
