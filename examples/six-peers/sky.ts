import { type Curve, pointOn } from './links-view.ts'
import { colour, colourOf, Surface, wantsStillness } from './look.ts'
import type { Flight, Wire } from './wire.ts'

const TAIL = 0.22
const FADING = 500

/** The messages on their way, over the links and under the peers. */
export class Sky {
  private readonly surface: Surface

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas)
  }

  draw(wires: readonly Wire[], curve: (one: number, other: number) => Curve, now: number): void {
    const pen = this.surface.clear()
    if (wantsStillness()) return
    for (const wire of wires)
      for (const flight of wire.flights) drawFlight(pen, flight, curve(flight.from, flight.to), now)
    pen.globalAlpha = 1
  }
}

const drawFlight = (pen: CanvasRenderingContext2D, flight: Flight, curve: Curve, now: number): void => {
  const { from, to, lostAt = now, events, source } = flight
  const lost = (now - lostAt) / FADING
  const share = progress(lostAt - flight.left, flight.usual)
  // A curve runs from the peer that comes first in the alphabet.
  const along = (part: number): number =>
    curve.start + (curve.end - curve.start) * (from < to ? part : 1 - part)
  const { x, y } = pointOn(curve, along(share))
  if (events === 0) {
    pen.globalAlpha = 0.7 * Math.max(0, 1 - lost)
    pen.fillStyle = colour('ink')
    disc(pen, x, y, 1.8)
    return
  }
  const own = colourOf(source)
  pen.strokeStyle = own
  pen.lineWidth = 3
  pen.lineCap = 'round'
  const tail = Math.max(0, share - TAIL)
  for (let i = 0; i < 8 && lostAt === now; i++) {
    const [near, far] = [tail + ((share - tail) * i) / 8, tail + ((share - tail) * (i + 1)) / 8]
    const [start, end] = [pointOn(curve, along(near)), pointOn(curve, along(far))]
    pen.globalAlpha = (i + 1) / 14
    pen.beginPath()
    pen.moveTo(start.x, start.y)
    pen.lineTo(end.x, end.y)
    pen.stroke()
  }
  pen.globalAlpha = Math.max(0, 1 - lost)
  pen.fillStyle = own
  // What is lost falls.
  const fall = 26 * lost * lost
  const radius = events > 1 ? 10 : 7
  disc(pen, x, y + fall, radius)
  if (events === 1) return
  pen.fillStyle = colourOf(source, 'on-')
  pen.font = `700 11px ${colour('sans')}`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(events > 99 ? '99' : `${events}`, x, y + fall + 0.5)
}

const disc = (pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void => {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.fill()
}

/** How far it has come. Who is late slows down, and never arrives before it does. */
const progress = (passed: number, usual: number): number => {
  const share = Math.max(0, passed) / Math.max(1, usual)
  return share < 1 ? 0.92 * share : 1 - 0.08 * Math.exp(1 - share)
}
