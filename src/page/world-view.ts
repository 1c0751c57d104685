import { colour, wantsStillness } from './palette.ts'
import { SIDE, WORLD, way } from './rect.ts'
import { type Point, Surface } from './surface.ts'

const GRID = 60
/** How long the trace of the rectangle is, in frames. */
const TRACE = 70
const FLASH_MS = 650

interface Flash {
  readonly at: number
  readonly colour: string
}

/** The world of the rectangle on a canvas: as large as it fits, in the middle. */
export class WorldView {
  readonly surface: Surface
  private scale = 1
  private left = 0
  private top = 0

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas)
  }

  /** By how much lines are thicker than they should be, so that they are seen in a small world. */
  get bold(): number {
    return Math.max(1, 0.7 / this.scale)
  }

  /** An empty world. */
  begin(): CanvasRenderingContext2D {
    const { surface } = this
    const context = surface.clear()
    this.scale = Math.min(surface.width / WORLD.width, surface.height / WORLD.height)
    this.left = (surface.width - WORLD.width * this.scale) / 2
    this.top = (surface.height - WORLD.height * this.scale) / 2
    context.save()
    context.translate(this.left, this.top)
    context.scale(this.scale, this.scale)
    context.beginPath()
    context.rect(0, 0, WORLD.width, WORLD.height)
    context.clip()
    context.fillStyle = colour('card')
    context.fill()
    context.beginPath()
    for (let x = GRID; x < WORLD.width; x += GRID) context.rect(x - 0.5, 0, 1, WORLD.height)
    for (let y = GRID; y < WORLD.height; y += GRID) context.rect(0, y - 0.5, WORLD.width, 1)
    context.fillStyle = colour('grid')
    context.fill()
    return context
  }

  end(): void {
    this.surface.context.restore()
    // What is around the world, if there is room, shows where it ends.
    if (this.left < 1 && this.top < 1) return
    const { context } = this.surface
    context.strokeStyle = colour('line')
    context.strokeRect(
      this.left + 0.5,
      this.top + 0.5,
      WORLD.width * this.scale - 1,
      WORLD.height * this.scale - 1,
    )
  }

  /** Where a place in the world is on the canvas. */
  onCanvas({ x, y }: Point): Point {
    return { x: this.left + x * this.scale, y: this.top + y * this.scale }
  }
}

/** One rectangle, its trace, and the flash of an event that has just happened. */
export class Figure {
  private readonly trace: Point[] = []
  private flash: Flash | undefined
  /** Its centre, in the world. */
  centre: Point = { x: 0, y: 0 }

  strike(now: number, colour: string): void {
    this.flash = { at: now, colour }
  }

  move({ x, y }: Point): void {
    this.centre = { x: (x + SIDE / 2) % WORLD.width, y: (y + SIDE / 2) % WORLD.height }
    this.trace.push(this.centre)
    if (this.trace.length > TRACE) this.trace.shift()
  }

  drawTrace(context: CanvasRenderingContext2D, stroke: string, bold: number): void {
    context.strokeStyle = stroke
    context.lineWidth = 3 * bold
    context.lineCap = 'round'
    for (let i = 1; i < this.trace.length; i++) {
      const [from, to] = [this.trace[i - 1] as Point, this.trace[i] as Point]
      if (Math.abs(from.x - to.x) > 60 || Math.abs(from.y - to.y) > 60) continue
      context.globalAlpha = 0.42 * (i / this.trace.length) ** 2
      context.beginPath()
      context.moveTo(from.x, from.y)
      context.lineTo(to.x, to.y)
      context.stroke()
    }
    context.globalAlpha = 1
  }

  /** The rectangle in ink; an event that has just happened fades in its own colour. */
  draw(context: CanvasRenderingContext2D, now: number): void {
    const fill = colour('ink')
    everywhere(this.centre, (x, y) => box(context, x, y, fill))
    const { flash } = this
    if (flash === undefined) return
    const age = (now - flash.at) / FLASH_MS
    if (age >= 1) {
      this.flash = undefined
      return
    }
    everywhere(this.centre, (x, y) => {
      context.globalAlpha = 1 - age ** 2
      box(context, x, y, flash.colour)
      if (wantsStillness()) return
      const reach = SIDE / 2 + 34 * (1 - (1 - age) ** 3)
      context.globalAlpha = (1 - age) ** 1.5
      context.strokeStyle = flash.colour
      context.lineWidth = 5 * (1 - age) + 0.5
      context.beginPath()
      context.arc(x, y, reach, 0, 2 * Math.PI)
      context.stroke()
    })
    context.globalAlpha = 1
  }

  /** A copy that is shown over another: an outline with a letter. */
  drawGhost(context: CanvasRenderingContext2D, letter: string, own: string, bold: number): void {
    everywhere(this.centre, (x, y) => {
      context.globalAlpha = 0.2
      box(context, x, y, own)
      context.globalAlpha = 1
      context.strokeStyle = own
      context.lineWidth = 2.5 * bold
      context.beginPath()
      context.roundRect(x - SIDE / 2 + 1, y - SIDE / 2 + 1, SIDE - 2, SIDE - 2, 5)
      context.stroke()
      if (bold > 1.5) return
      context.fillStyle = colour('ink')
      context.font = `700 14px ${colour('sans')}`
      context.textAlign = 'center'
      context.textBaseline = 'middle'
      context.fillText(letter, x, y + 1)
    })
  }
}

const box = (context: CanvasRenderingContext2D, x: number, y: number, fill: string): void => {
  context.fillStyle = fill
  context.beginPath()
  context.roundRect(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE, 6)
  context.fill()
}

/** At the edge of the world it is to be seen on both sides. */
const everywhere = ({ x, y }: Point, draw: (x: number, y: number) => void): void => {
  for (const dx of [-WORLD.width, 0, WORLD.width])
    for (const dy of [-WORLD.height, 0, WORLD.height])
      if (isNear(x + dx, WORLD.width) && isNear(y + dy, WORLD.height)) draw(x + dx, y + dy)
}

const REACH = 52
const isNear = (at: number, size: number): boolean => at > -REACH && at < size + REACH

/** The shorter way from one centre to another, as a line; where it leaves the world it goes on at the other side. */
export const drawWay = (
  context: CanvasRenderingContext2D,
  from: Point,
  to: Point,
  stroke: string,
  bold: number,
): void => {
  const dx = way(from.x, to.x, WORLD.width)
  const dy = way(from.y, to.y, WORLD.height)
  context.strokeStyle = stroke
  context.lineWidth = 2 * bold
  context.setLineDash([5 * bold, 5 * bold])
  context.beginPath()
  context.moveTo(from.x, from.y)
  context.lineTo(from.x + dx, from.y + dy)
  if (Math.abs(from.x + dx - to.x) + Math.abs(from.y + dy - to.y) > 1) {
    context.moveTo(to.x, to.y)
    context.lineTo(to.x - dx, to.y - dy)
  }
  context.stroke()
  context.setLineDash([])
}
