import { colour, colourOf, Surface, wantsStillness } from './look.ts'
import type { Record, Taken } from './record.ts'
import { type Point, WORLD } from './rect.ts'

const SIDE = 28
const GRID = 40
/** How long the trace is, in ticks. */
const TRACE = 70
const STRIKE_MS = 600
/** How long a rollback is shown: on the way back, and forward again, at most. */
const BACK_MS = [160, 480] as const
const FORTH_MS = [220, 720] as const
const FADE_MS = 900

interface Shown extends Taken {
  readonly began: number
}

/** The world of one peer on its canvas. */
export class Picture {
  readonly surface: Surface
  private readonly record: Record
  private presses = 0
  private struck = { at: Number.NEGATIVE_INFINITY, by: 0 }
  private shown: Shown | undefined

  constructor(canvas: HTMLCanvasElement, record: Record) {
    this.surface = new Surface(canvas)
    this.record = record
  }

  /** A past was taken back: it is to be seen. */
  takeBack(taken: Taken, now: number): void {
    // A long one is not cut off by the short ones that follow.
    if (this.shown !== undefined && this.shown.ticks > taken.ticks && now < this.shown.began + 900) return
    this.shown = { ...taken, began: now }
  }

  draw(at: Point, { by, presses }: { by: number; presses: number }, now: number): void {
    if (presses !== this.presses) this.struck = { at: now, by }
    this.presses = presses
    const { surface } = this
    const pen = surface.clear()
    const scale = surface.width / WORLD.width
    pen.save()
    pen.scale(scale, scale)
    this.drawGrid(pen)
    this.drawTrace(pen, colourOf(by))
    const isShown = this.drawTaken(pen, now, colourOf(by))
    pen.globalAlpha = isShown ? 0.45 : 1
    box(pen, at, colourOf(by))
    pen.globalAlpha = 1
    this.drawStrike(pen, at, now)
    pen.restore()
  }

  private drawGrid(pen: CanvasRenderingContext2D): void {
    pen.fillStyle = colour('grid')
    for (let x = GRID; x < WORLD.width; x += GRID) pen.fillRect(x - 0.5, 0, 1, WORLD.height)
    for (let y = GRID; y < WORLD.height; y += GRID) pen.fillRect(0, y - 0.5, WORLD.width, 1)
  }

  private drawTrace(pen: CanvasRenderingContext2D, stroke: string): void {
    const { record } = this
    pen.strokeStyle = stroke
    pen.lineWidth = 4
    pen.lineCap = 'round'
    for (let i = 1; i <= TRACE; i++) {
      const tick = record.last - TRACE + i
      if (!record.has(tick - 1)) continue
      pen.globalAlpha = 0.5 * (i / TRACE) ** 2
      line(pen, [record.at(tick - 1), record.at(tick)])
    }
    pen.globalAlpha = 1
  }

  /** The way that was taken back, and the one that took its place: whether it still is on its way. */
  private drawTaken(pen: CanvasRenderingContext2D, now: number, own: string): boolean {
    const { shown } = this
    if (shown === undefined) return false
    const back = Math.min(BACK_MS[1], BACK_MS[0] + 3 * shown.old.length)
    const forth = Math.min(FORTH_MS[1], FORTH_MS[0] + 5 * shown.now.length)
    const age = now - shown.began
    if (age > back + forth + FADE_MS) {
      this.shown = undefined
      return false
    }
    const fading = Math.max(0, (age - back - forth) / FADE_MS)
    pen.lineWidth = 3
    pen.strokeStyle = colour('bad')
    pen.globalAlpha = 0.75 * (1 - fading)
    pen.setLineDash([1, 7])
    line(pen, shown.old)
    pen.setLineDash([])
    pen.strokeStyle = own
    pen.globalAlpha = 0.9 * (1 - fading)
    const isBack = age < back && !wantsStillness()
    const share = wantsStillness() ? 1 : smooth((age - back) / forth)
    const reach = Math.round(share * (shown.now.length - 1))
    if (!isBack) line(pen, shown.now.slice(0, reach + 1))
    if (fading > 0 || wantsStillness()) return false
    // It is seen to go back the old way, and the new way to the present.
    const along = isBack ? shown.old : shown.now
    const step = isBack ? Math.round((1 - smooth(age / back)) * (along.length - 1)) : reach
    const ghost = along[Math.max(0, step)]
    if (ghost !== undefined) outline(pen, ghost, isBack ? colour('bad') : own)
    return true
  }

  /** A key has had its effect. */
  private drawStrike(pen: CanvasRenderingContext2D, { x, y }: Point, now: number): void {
    const age = (now - this.struck.at) / STRIKE_MS
    if (age >= 1 || wantsStillness()) return
    pen.globalAlpha = (1 - age) ** 1.5
    pen.strokeStyle = colourOf(this.struck.by)
    pen.lineWidth = 6 * (1 - age) + 0.5
    pen.beginPath()
    pen.arc(x, y, SIDE / 2 + 30 * (1 - (1 - age) ** 3), 0, 2 * Math.PI)
    pen.stroke()
    pen.globalAlpha = 1
  }
}

const smooth = (share: number): number => {
  const t = Math.min(1, Math.max(0, share))
  return t * t * (3 - 2 * t)
}

/** A way; where it leaves the world it goes on at the other side. */
const line = (pen: CanvasRenderingContext2D, points: readonly Point[]): void => {
  pen.beginPath()
  let last: Point | undefined
  for (const point of points) {
    const isFar = last === undefined || Math.abs(point.x - last.x) + Math.abs(point.y - last.y) > 60
    if (isFar) pen.moveTo(point.x, point.y)
    else pen.lineTo(point.x, point.y)
    last = point
  }
  pen.stroke()
}

const box = (pen: CanvasRenderingContext2D, at: Point, fill: string): void => {
  pen.fillStyle = fill
  everywhere(at, (x, y) => {
    pen.beginPath()
    pen.roundRect(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE, 7)
    pen.fill()
  })
}

const outline = (pen: CanvasRenderingContext2D, at: Point, stroke: string): void => {
  pen.globalAlpha = 1
  pen.strokeStyle = stroke
  pen.lineWidth = 3
  everywhere(at, (x, y) => {
    pen.beginPath()
    pen.roundRect(x - SIDE / 2 + 1.5, y - SIDE / 2 + 1.5, SIDE - 3, SIDE - 3, 6)
    pen.stroke()
  })
}

/** At the edge of the world it is to be seen on both sides. */
const everywhere = ({ x, y }: Point, draw: (x: number, y: number) => void): void => {
  for (const dx of [0, -WORLD.width, WORLD.width])
    for (const dy of [0, -WORLD.height, WORLD.height])
      if (isNear(x + dx, WORLD.width) && isNear(y + dy, WORLD.height)) draw(x + dx, y + dy)
}

const isNear = (at: number, size: number): boolean => at > -SIDE && at < size + SIDE
