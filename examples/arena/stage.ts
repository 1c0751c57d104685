import { DISC, DISC_END, PX } from './numbers.ts'
import { discOf, type State } from './state.ts'

/** How thick the disc is seen to be, in px of the world. */
const THICK = 22
/** The column of the points, in px of the page. */
const LEFT = 212
/** How much the view follows a disc that shrinks. */
const NEARNESS = 0.6
const CRACKS = 9

interface Mote {
  x: number
  y: number
  readonly depth: number
}

/** The disc of ice over the deep, and where the world is on the screen. */
export class Stage {
  readonly pen: CanvasRenderingContext2D
  /** Of the screen, in px of the page. */
  width = 0
  height = 0
  /** A px of the world in px of the page: while the disc shrinks, it comes nearer. */
  scale = 1
  private reach = 0
  private readonly canvas: HTMLCanvasElement
  private readonly motes: Mote[]
  private readonly cracks = cracks()
  private ratio = 1
  private middle = { x: 0, y: 0 }

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas
    this.pen = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
    this.motes = Array.from({ length: 90 }, () => ({
      x: Math.random(),
      y: Math.random(),
      depth: 0.25 + 0.75 * Math.random(),
    }))
    new ResizeObserver(() => this.measure()).observe(canvas)
    this.measure()
  }

  /** The deep and the disc; the pen then draws in the px of the world. */
  begin(state: State, seconds: number, shake: { readonly x: number; readonly y: number }): void {
    const { pen, ratio, middle } = this
    const near = this.reach / ((NEARNESS * discOf(state) + (1 - NEARNESS) * DISC) / PX + THICK)
    this.scale += (near - this.scale) * Math.min(1, 3 * seconds + (this.scale === 1 ? 1 : 0))
    const { scale } = this
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.deep(seconds)
    pen.setTransform(
      ratio * scale,
      0,
      0,
      ratio * scale,
      ratio * (middle.x + shake.x),
      ratio * (middle.y + shake.y),
    )
    this.disc(state)
  }

  /** From here on the pen draws in px of the page. */
  toPage(): void {
    this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0)
  }

  private deep(seconds: number): void {
    const { pen, width, height, middle } = this
    const glow = pen.createRadialGradient(
      middle.x,
      middle.y,
      0,
      middle.x,
      middle.y,
      Math.max(width, height) * 0.75,
    )
    glow.addColorStop(0, '#10203a')
    glow.addColorStop(0.55, '#0a1122')
    glow.addColorStop(1, '#05070e')
    pen.fillStyle = glow
    pen.fillRect(0, 0, width, height)
    pen.fillStyle = '#9cc8ff'
    for (const mote of this.motes) {
      mote.y = (mote.y + 1 - seconds * 0.012 * mote.depth) % 1
      pen.globalAlpha = 0.05 + 0.16 * mote.depth
      const size = 0.8 + 1.4 * mote.depth
      pen.fillRect(mote.x * width, mote.y * height, size, size)
    }
    pen.globalAlpha = 1
  }

  private disc(state: State): void {
    const { pen } = this
    const reach = discOf(state) / PX
    circle(pen, 0, THICK, reach)
    pen.fillStyle = '#0b2440'
    pen.fill()
    pen.strokeStyle = '#1d4a78'
    pen.lineWidth = 2
    pen.stroke()

    circle(pen, 0, 0, reach)
    const ice = pen.createRadialGradient(-reach * 0.25, -reach * 0.35, reach * 0.05, 0, 0, reach)
    ice.addColorStop(0, '#3d6394')
    ice.addColorStop(0.62, '#294a73')
    ice.addColorStop(0.94, '#2e577f')
    ice.addColorStop(1, '#4d86b3')
    pen.fillStyle = ice
    pen.fill()

    pen.save()
    pen.clip()
    pen.strokeStyle = '#bfe0ff'
    pen.lineWidth = 1.5
    pen.globalAlpha = 0.07
    for (let r = 78; r < DISC / PX; r += 78) {
      circle(pen, 0, 0, r)
      pen.stroke()
    }
    pen.globalAlpha = 0.13
    pen.stroke(this.cracks)
    pen.restore()

    // Where it will have shrunk to.
    if (reach > DISC_END / PX + 1) {
      circle(pen, 0, 0, DISC_END / PX)
      pen.setLineDash([3, 11])
      pen.lineCap = 'round'
      pen.globalAlpha = 0.35
      pen.lineWidth = 2.5
      pen.strokeStyle = '#ffffff'
      pen.stroke()
      pen.setLineDash([])
    }
    for (const [width, alpha] of [
      [16, 0.08],
      [8, 0.16],
      [3, 0.95],
    ] as const) {
      circle(pen, 0, 0, reach - 1)
      pen.globalAlpha = alpha
      pen.lineWidth = width
      pen.strokeStyle = '#a9dcff'
      pen.stroke()
    }
    pen.globalAlpha = 1
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.canvas
    this.ratio = Math.min(2, window.devicePixelRatio || 1)
    this.width = clientWidth
    this.height = clientHeight
    this.canvas.width = Math.round(clientWidth * this.ratio)
    this.canvas.height = Math.round(clientHeight * this.ratio)
    // Beside the disc is room for the points, or above it where that is more.
    const [left, above, below] = clientWidth > clientHeight ? [LEFT, 6, 6] : [0, 132, 40]
    this.reach = Math.min(clientWidth - left - 12, clientHeight - above - below) / 2
    this.middle = {
      x: Math.max(clientWidth / 2, left + this.reach),
      y: above + (clientHeight - above - below) / 2 - 9,
    }
  }
}

export const circle = (pen: CanvasRenderingContext2D, x: number, y: number, reach: number): void => {
  pen.beginPath()
  pen.arc(x, y, Math.max(0, reach), 0, 2 * Math.PI)
}

/** Lines that wander over the ice. */
const cracks = (): Path2D => {
  const path = new Path2D()
  for (let i = 0; i < CRACKS; i++) {
    let angle = Math.random() * 2 * Math.PI
    let [x, y] = [Math.cos(angle) * 480, Math.sin(angle) * 480]
    angle += Math.PI + (Math.random() - 0.5)
    path.moveTo(x, y)
    for (let step = 0; step < 9; step++) {
      angle += (Math.random() - 0.5) * 0.9
      const length = 25 + Math.random() * 60
      x += Math.cos(angle) * length
      y += Math.sin(angle) * length
      path.lineTo(x, y)
    }
  }
  return path
}
