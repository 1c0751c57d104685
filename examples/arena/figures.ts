import { sizeOf } from './bodies.ts'
import { colourAt } from './names.ts'
import { DASH_WAIT, HITS_MAX, PLACES, PX, WAYS } from './numbers.ts'
import { circle } from './stage.ts'
import { BLAST, type Body, HEAVY, isHere, READY, type State, SWIFT } from './state.ts'

interface Seen {
  x: number
  y: number
}

/** One who has fallen, as it is seen to sink. */
interface Sinking extends Seen {
  readonly vx: number
  readonly vy: number
  readonly at: number
  readonly size: number
  age: number
}

export interface FigureView {
  readonly alpha: number
  readonly seconds: number
  /** The own place. */
  readonly own: number
  readonly isCalm: boolean
  readonly font: string
}

const TRAIL = 14
const SINK_SECONDS = 0.75
/** Farther apart than this, two places of one body are not joined by a way. */
const JUMP = 90 * PX

/** The bodies and the orbs, in the px of the world. */
export class Figures {
  private readonly trails: Seen[][] = Array.from({ length: PLACES }, () => [])
  private sinking: Sinking[] = []
  private time = 0

  sink(at: number, x: number, y: number, vx: number, vy: number): void {
    this.sinking.push({ at, x, y, vx, vy, size: 34, age: 0 })
  }

  draw(pen: CanvasRenderingContext2D, state: State, before: State, view: FigureView): void {
    const { alpha, seconds, own, isCalm } = view
    this.time += seconds
    this.drawSinking(pen, seconds)
    for (const { kind, x, y } of state.orbs) if (kind !== 0) this.drawOrb(pen, kind, x / PX, y / PX)
    for (let at = 0; at < PLACES; at++) {
      const [body, was] = [state.bodies[at] as Body, before.bodies[at] as Body]
      const trail = this.trails[at] as Seen[]
      if (!isHere(body)) {
        trail.length = 0
        continue
      }
      const seen = between(was, body, alpha)
      if (trail.push(seen) > TRAIL) trail.shift()
      if (!isCalm) drawTrail(pen, trail, body, at)
      this.drawBody(pen, body, seen, at, at === own)
      if (at === own && state.phase === READY) drawYou(pen, seen, sizeOf(body) / PX, view.font)
    }
  }

  private drawBody(
    pen: CanvasRenderingContext2D,
    body: Body,
    { x, y }: Seen,
    at: number,
    isOwn: boolean,
  ): void {
    const colour = colourAt(at)
    const size = sizeOf(body) / PX
    pen.globalAlpha = body.safe > 0 ? 0.45 + 0.25 * Math.sin(this.time * 16) : 1
    circle(pen, x + 2, y + 9, size)
    pen.fillStyle = '#04101f66'
    pen.fill()
    circle(pen, x, y + 4, size)
    pen.fillStyle = shade(colour)
    pen.fill()
    circle(pen, x, y, size - 1)
    pen.fillStyle = colour
    pen.fill()
    circle(pen, x - size * 0.28, y - size * 0.34, size * 0.42)
    pen.fillStyle = '#ffffff2e'
    pen.fill()
    // What it has taken so far: the next dash throws it so much farther.
    if (body.hits > 0) {
      pen.strokeStyle = '#ff2d4f'
      pen.lineWidth = 4
      pen.beginPath()
      pen.arc(x, y, size - 4, -Math.PI / 2, -Math.PI / 2 + (body.hits / HITS_MAX) * 2 * Math.PI)
      pen.stroke()
    }
    eyes(pen, body, x, y, size)
    if (body.power === HEAVY) {
      pen.strokeStyle = '#eef4ff'
      pen.lineWidth = 5
      circle(pen, x, y, size + 1)
      pen.stroke()
    } else if (body.power === SWIFT) {
      pen.strokeStyle = '#fff36b'
      pen.lineWidth = 3
      pen.setLineDash([10, 9])
      pen.lineDashOffset = -this.time * 120
      circle(pen, x, y, size + 5)
      pen.stroke()
      pen.setLineDash([])
    }
    if (isOwn) {
      pen.strokeStyle = '#ffffff'
      pen.lineWidth = 3
      pen.globalAlpha = 0.25
      circle(pen, x, y, size + 11)
      pen.stroke()
      // How much of the wait for the next dash is over.
      pen.globalAlpha = body.wait === 0 ? 1 : 0.75
      pen.beginPath()
      pen.arc(x, y, size + 11, -Math.PI / 2, -Math.PI / 2 + (1 - body.wait / DASH_WAIT) * 2 * Math.PI)
      pen.stroke()
    }
    pen.globalAlpha = 1
  }

  private drawOrb(pen: CanvasRenderingContext2D, kind: number, x: number, y: number): void {
    const colour = kind === HEAVY ? '#eef4ff' : kind === SWIFT ? '#fff36b' : '#ff7ae0'
    const swing = Math.sin(this.time * 4) * 2
    circle(pen, x, y + 8, 13)
    pen.fillStyle = '#04101f66'
    pen.fill()
    pen.globalAlpha = 0.18
    circle(pen, x, y + swing, 34 + 2 * swing)
    pen.fillStyle = colour
    pen.fill()
    pen.globalAlpha = 1
    circle(pen, x, y + swing, 20)
    pen.fill()
    pen.fillStyle = '#14233d'
    pen.save()
    pen.translate(x, y + swing)
    symbol(pen, kind)
    pen.restore()
  }

  private drawSinking(pen: CanvasRenderingContext2D, seconds: number): void {
    this.sinking = this.sinking.filter(({ age }) => age < SINK_SECONDS)
    for (const one of this.sinking) {
      one.age += seconds
      const left = Math.max(0, 1 - one.age / SINK_SECONDS)
      one.x += one.vx * seconds
      one.y += one.vy * seconds
      pen.globalAlpha = left
      circle(pen, one.x, one.y + 30 * (1 - left), one.size * left)
      pen.fillStyle = shade(colourAt(one.at))
      pen.fill()
    }
    pen.globalAlpha = 1
  }
}

const between = (was: Body, body: Body, alpha: number): Seen => {
  const isOneWay =
    isHere(was) &&
    Math.abs(body.x - was.x) < JUMP &&
    Math.abs(body.y - was.y) < JUMP &&
    was.kind === body.kind
  const share = isOneWay ? alpha : 1
  return {
    x: (was.x + (body.x - was.x) * share) / PX,
    y: (was.y + (body.y - was.y) * share) / PX,
  }
}

const drawTrail = (pen: CanvasRenderingContext2D, trail: readonly Seen[], body: Body, at: number): void => {
  const speed = Math.hypot(body.vx, body.vy) / PX
  const strength = Math.min(1, Math.max(0, (speed - 5) / 9))
  if (strength === 0) return
  pen.fillStyle = colourAt(at)
  for (const [i, { x, y }] of trail.entries()) {
    pen.globalAlpha = 0.3 * strength * ((i + 1) / trail.length) ** 2
    circle(pen, x, y, (sizeOf(body) / PX) * (0.4 + (0.6 * (i + 1)) / trail.length))
    pen.fill()
  }
  pen.globalAlpha = 1
}

const eyes = (pen: CanvasRenderingContext2D, body: Body, x: number, y: number, size: number): void => {
  const [wx, wy] = WAYS[body.face] as readonly [number, number]
  const [fx, fy] = [wx / 1024, wy / 1024]
  // Narrow while it dashes.
  const height = body.dash > 0 ? 0.55 : 1
  for (const side of [-1, 1]) {
    const ex = x + size * (0.36 * fx - side * 0.34 * fy)
    const ey = y + size * (0.36 * fy + side * 0.34 * fx)
    pen.fillStyle = '#ffffff'
    pen.beginPath()
    pen.ellipse(ex, ey, size * 0.22, size * 0.22 * height, 0, 0, 2 * Math.PI)
    pen.fill()
    pen.fillStyle = '#101727'
    circle(pen, ex + fx * size * 0.08, ey + fy * size * 0.08, size * 0.12)
    pen.fill()
  }
}

const drawYou = (pen: CanvasRenderingContext2D, { x, y }: Seen, size: number, font: string): void => {
  pen.fillStyle = '#ffffff'
  pen.font = `700 26px ${font}`
  pen.textAlign = 'center'
  pen.textBaseline = 'alphabetic'
  pen.fillText('you', x, y - size - 22)
}

/** A weight, a bolt or a burst. */
const symbol = (pen: CanvasRenderingContext2D, kind: number): void => {
  pen.beginPath()
  if (kind === HEAVY) {
    pen.roundRect(-8, -3, 16, 10, 2)
    pen.roundRect(-4, -8, 8, 6, 3)
  } else if (kind === BLAST) {
    for (let i = 0; i < 16; i++) {
      const [reach, angle] = [i % 2 === 0 ? 11 : 5, (i * Math.PI) / 8]
      pen.lineTo(Math.cos(angle) * reach, Math.sin(angle) * reach)
    }
  } else {
    for (const [x, y] of [
      [2, -11],
      [-7, 2],
      [-1, 2],
      [-2, 11],
      [7, -3],
      [1, -3],
    ] as const)
      pen.lineTo(x, y)
  }
  pen.fill()
}

/** The same colour, darker. */
const shade = (colour: string): string => {
  const parts = [1, 3, 5].map((i) => Math.round(Number.parseInt(colour.slice(i, i + 2), 16) * 0.55))
  return `rgb(${parts.join(' ')})`
}
