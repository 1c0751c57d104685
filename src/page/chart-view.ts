import { colour } from './palette.ts'
import { Surface } from './surface.ts'

const KEPT_MS = 20_000
const EVERY_MS = 50
const LABELS = 34

interface Sample {
  readonly at: number
  readonly withIt: number
  readonly without: number
}

/** The two distances over the last 20 s. */
export class ChartView {
  private readonly surface: Surface
  private samples: Sample[] = []

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas)
  }

  empty(): void {
    this.samples = []
  }

  add(at: number, withIt: number, without: number): void {
    const last = this.samples[this.samples.length - 1]
    if (last !== undefined && at - last.at < EVERY_MS) return
    this.samples.push({ at, withIt, without })
    while ((this.samples[0]?.at ?? at) < at - KEPT_MS - 500) this.samples.shift()
  }

  draw(now: number): void {
    const context = this.surface.clear()
    const { width, height } = this.surface
    const floor = height - 3
    const highest = Math.max(100, ...this.samples.map((each) => Math.max(each.without, each.withIt)))
    const top = Math.ceil(highest / 50) * 50
    const x = (at: number) => LABELS + (width - LABELS) * (1 - (now - at) / KEPT_MS)
    const y = (distance: number) => floor - (distance / top) * (floor - 8)

    context.font = `11px ${colour('sans')}`
    context.textAlign = 'left'
    context.textBaseline = 'middle'
    for (const distance of [0, top / 2, top]) {
      context.fillStyle = colour('line')
      context.fillRect(LABELS, Math.round(y(distance)), width - LABELS, 1)
      context.fillStyle = colour('soft')
      context.fillText(`${distance}`, 0, Math.min(floor - 3, Math.max(6, y(distance))))
    }
    context.save()
    context.beginPath()
    context.rect(LABELS, 0, width - LABELS, height)
    context.clip()
    this.line(x, (each) => y(each.without))
    context.strokeStyle = colour('bad')
    context.lineWidth = 2
    context.lineJoin = 'round'
    context.stroke()
    const [first, last] = [this.samples[0], this.samples[this.samples.length - 1]]
    if (first !== undefined && last !== undefined) {
      context.lineTo(x(last.at), floor)
      context.lineTo(x(first.at), floor)
      context.fillStyle = colour('bad-wash')
      context.fill()
    }
    this.line(x, (each) => y(each.withIt))
    context.strokeStyle = colour('good')
    context.lineWidth = 3
    context.stroke()
    context.restore()
  }

  private line(x: (at: number) => number, y: (sample: Sample) => number): void {
    const { context } = this.surface
    context.beginPath()
    for (const sample of this.samples) context.lineTo(x(sample.at), y(sample))
  }
}
