import { HEIGHT, type Marble, RADIUS, type Tray, WIDTH } from './app.ts'

const COLOURS = ['#f0a012', '#2b6be0', '#0f9d63', '#cf1139', '#8a4fd8', '#12a5b8']
const UNTOUCHED = '#8b8f99'
const RING_MS = 500

export const colourOf = (slot: number): string =>
  slot < 0 ? UNTOUCHED : (COLOURS[slot % COLOURS.length] as string)

interface Ring {
  readonly x: number
  readonly y: number
  readonly slot: number
  readonly since: number
}

/** What is drawn of a tray: now, or as it was, with the way that everything has come and where it is by now. */
export class Picture {
  private readonly pen: CanvasRenderingContext2D
  private rings: Ring[] = []

  constructor(canvas: HTMLCanvasElement) {
    const scale = Math.min(2, Math.ceil(devicePixelRatio))
    canvas.width = scale * WIDTH
    canvas.height = scale * HEIGHT
    this.pen = canvas.getContext('2d') as CanvasRenderingContext2D
    this.pen.scale(scale, scale)
  }

  pushed(ring: Omit<Ring, 'since'>): void {
    this.rings.push({ ...ring, since: performance.now() })
  }

  begin(): void {
    this.pen.clearRect(0, 0, WIDTH, HEIGHT)
  }

  /** States of some ticks before, the latest first. */
  trail(states: readonly Tray[]): void {
    const { pen } = this
    states.forEach(({ marbles }, i) => {
      pen.globalAlpha = 0.3 * (1 - i / states.length)
      for (const { x, y, by } of marbles) this.disc(x, y, RADIUS * (1 - (0.6 * i) / states.length), by)
    })
    pen.globalAlpha = 1
  }

  /** Where all of it is by now. */
  outlines({ marbles }: Tray): void {
    const { pen } = this
    pen.setLineDash([3, 4])
    pen.lineWidth = 1.5
    for (const { x, y, by } of marbles) {
      pen.strokeStyle = colourOf(by)
      pen.beginPath()
      pen.arc(x, y, RADIUS - 1, 0, 7)
      pen.stroke()
    }
    pen.setLineDash([])
  }

  marbles({ marbles }: Tray, before: Tray, alpha: number): void {
    marbles.forEach((marble, i) => {
      const was = before.marbles[i] as Marble
      const x = was.x + (marble.x - was.x) * alpha
      const y = was.y + (marble.y - was.y) * alpha
      this.disc(x, y, RADIUS, marble.by)
      this.pen.fillStyle = '#fff6'
      this.pen.beginPath()
      this.pen.arc(x - 5, y - 5, 4, 0, 7)
      this.pen.fill()
    })
  }

  ringsOf(now: number): void {
    const { pen } = this
    this.rings = this.rings.filter(({ since }) => now - since < RING_MS)
    for (const { x, y, slot, since } of this.rings) {
      const age = (now - since) / RING_MS
      pen.globalAlpha = 1 - age
      pen.strokeStyle = colourOf(slot)
      pen.lineWidth = 3
      pen.beginPath()
      pen.arc(x, y, 10 + 120 * age, 0, 7)
      pen.stroke()
    }
    pen.globalAlpha = 1
  }

  private disc(x: number, y: number, radius: number, by: number): void {
    this.pen.fillStyle = colourOf(by)
    this.pen.beginPath()
    this.pen.arc(x, y, radius, 0, 7)
    this.pen.fill()
  }
}
