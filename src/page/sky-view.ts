import type { SideName } from './agreement.ts'
import { drawEvent } from './glyphs.ts'
import { colour, wantsStillness } from './palette.ts'
import { type Point, Surface } from './surface.ts'
import type { Flight } from './traffic.ts'

/** What the sky is drawn over, in its own px. */
export interface Ground {
  /** The middle of the sequencer, and how large it is. */
  readonly node: Point
  readonly nodeRadius: number
  /** How large an event is. */
  readonly radius: number
  /** Where the network of a side begins. */
  port(side: SideName): Point
  /** The rectangle of a side. */
  rect(side: SideName): Point
  /** Which colour the events of a source have. */
  who(source: number): string
}

/** The messages on their way, over both panes and the sequencer. */
export class SkyView {
  readonly surface: Surface
  /** Where the events began that fly up. */
  private readonly origins = new WeakMap<Flight, Point>()

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas)
  }

  draw(flights: readonly Flight[], ground: Ground, now: number): void {
    const context = this.surface.clear()
    let waiting = 0
    const early: Record<SideName, number> = { A: 0, B: 0 }
    for (const flight of flights)
      if (flight.what !== 'event') this.drawMessage(context, flight, ground, now)
      else if (flight.came === undefined) this.drawEventFlight(context, flight, ground, now)
      else if (flight.way === 'up') this.drawWaiting(context, flight, ground, waiting++)
      else this.drawEarly(context, flight, ground, early[flight.side]++)
  }

  /** Messages of a round are rings, grants are dust. */
  private drawMessage(context: CanvasRenderingContext2D, flight: Flight, ground: Ground, now: number): void {
    if (wantsStillness()) return
    const port = ground.port(flight.side)
    const reach = ground.nodeRadius / Math.max(1, Math.abs(port.x - ground.node.x))
    const way = progress(flight, now)
    const share = reach + (1 - reach) * (flight.way === 'up' ? 1 - way : way)
    const x = ground.node.x + (port.x - ground.node.x) * share
    const { y } = port
    context.beginPath()
    if (flight.what === 'grant') {
      context.fillStyle = colour('soft')
      context.globalAlpha = 0.6
      context.arc(x, y, 1.6, 0, 2 * Math.PI)
      context.fill()
      context.globalAlpha = 1
      return
    }
    context.strokeStyle = colour('ink')
    context.lineWidth = 1.5
    context.arc(x, y + (flight.way === 'up' ? 7 : -7), 3.5, 0, 2 * Math.PI)
    context.stroke()
  }

  /** At the sequencer, until it has its tick. */
  private drawWaiting(
    context: CanvasRenderingContext2D,
    flight: Flight,
    ground: Ground,
    place: number,
  ): void {
    const angle = -Math.PI / 2 + place * 0.9
    const { node, nodeRadius } = ground
    const at = { x: node.x + Math.cos(angle) * nodeRadius, y: node.y + Math.sin(angle) * nodeRadius }
    drawEvent(context, { ...at, radius: ground.radius }, flight.id, ground.who(flight.source))
  }

  /** It has come before its tick: it goes along with the rectangle until then. */
  private drawEarly(context: CanvasRenderingContext2D, flight: Flight, ground: Ground, place: number): void {
    const { x, y } = above(ground, flight.side)
    const at = { x: x + place * 2.2 * ground.radius, y, radius: ground.radius }
    drawEvent(context, at, flight.id, ground.who(flight.source))
  }

  private drawEventFlight(
    context: CanvasRenderingContext2D,
    flight: Flight,
    ground: Ground,
    now: number,
  ): void {
    const rect = ground.rect(flight.side)
    const who = ground.who(flight.source)
    if (flight.way === 'up' && !this.origins.has(flight)) this.origins.set(flight, rect)
    if (wantsStillness()) return
    const gate = { x: ground.node.x, y: ground.node.y - ground.nodeRadius }
    const [from, to] =
      flight.way === 'up' ? [this.origins.get(flight) ?? rect, gate] : [gate, above(ground, flight.side)]
    // Those that fly together fly one behind the other.
    const way = Math.max(0, progress(flight, now) - 0.1 * flight.place)
    const bow = flight.way === 'up' ? -56 : 44
    context.strokeStyle = colour(who)
    context.lineWidth = 2
    const tail = Math.max(0, way - 0.28)
    for (let i = 0; i < 8; i++) {
      const [near, far] = [tail + ((way - tail) * i) / 8, tail + ((way - tail) * (i + 1)) / 8]
      const [start, end] = [curve(from, to, bow, near), curve(from, to, bow, far)]
      context.globalAlpha = (i + 1) / 12
      context.beginPath()
      context.moveTo(start.x, start.y)
      context.lineTo(end.x, end.y)
      context.stroke()
    }
    context.globalAlpha = 1
    drawEvent(context, { ...curve(from, to, bow, way), radius: ground.radius }, flight.id, who)
  }
}

/** How far it has come. Who is late slows down, and never arrives before it does. */
const progress = ({ left, usual_ms, came }: Flight, now: number): number => {
  if (came !== undefined) return 1
  const passed = Math.max(0, now - left) / Math.max(1, usual_ms)
  return passed < 1 ? 0.92 * passed : 1 - 0.08 * Math.exp(1 - passed)
}

const curve = (from: Point, to: Point, bow: number, share: number): Point => {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + bow }
  const rest = 1 - share
  return {
    x: rest * rest * from.x + 2 * rest * share * middle.x + share * share * to.x,
    y: rest * rest * from.y + 2 * rest * share * middle.y + share * share * to.y,
  }
}

const above = (ground: Ground, side: SideName): Point => {
  const { x, y } = ground.rect(side)
  return { x, y: y - 2.4 * ground.radius }
}
