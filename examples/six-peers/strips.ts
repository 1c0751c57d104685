import { partiesAt } from './agreement.ts'
import { colour, colourOf, Surface, wantsStillness } from './look.ts'
import { LETTERS, type Peer } from './peer.ts'
import type { Taken } from './record.ts'
import { FPS } from './rect.ts'

/** How much of the past is shown. */
const TICKS = 8 * FPS
const LEFT = 22
const SCALE = 18
const BACK_MS = 1_400

interface Arc extends Taken {
  readonly peer: number
  readonly began: number
}

/** The last seconds of all six, as each of them now holds them to have been. */
export class Strips {
  private readonly surface: Surface
  private arcs: Arc[] = []

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas)
  }

  takeBack(peer: number, taken: Taken, now: number): void {
    this.arcs.push({ ...taken, peer, began: now })
  }

  /** `present`: where the time is, in ticks and parts of them. */
  draw(peers: readonly Peer[], present: number, now: number): void {
    const { surface } = this
    const pen = surface.clear()
    const records = peers.map(({ record }) => record)
    const row = (surface.height - SCALE) / LETTERS.length
    const width = (surface.width - LEFT) / TICKS
    const xOf = (tick: number): number => surface.width - (present - tick) * width
    const first = Math.max(0, Math.ceil(present - TICKS))
    const last = Math.floor(present)
    this.drawScale(pen, xOf, first, last)
    peers.forEach((peer, i) => {
      pen.fillStyle = colourOf(peer.id)
      pen.font = `700 12px ${colour('sans')}`
      pen.textAlign = 'left'
      pen.textBaseline = 'middle'
      pen.fillText(peer.letter, 0, i * row + row / 2 + 0.5)
    })
    // Equal ticks side by side are one bar.
    const open = peers.map(() => ({ party: -1, from: first }))
    const close = (i: number, tick: number): void => {
      const { party, from } = open[i] as { party: number; from: number }
      if (party < 0 || tick <= from) return
      pen.fillStyle = colour(`party-${party}`)
      pen.globalAlpha = party === 0 ? 0.22 : 0.5
      pen.fillRect(
        Math.max(LEFT, xOf(from)),
        i * row + 2,
        Math.min(xOf(tick), surface.width) - Math.max(LEFT, xOf(from)),
        row - 4,
      )
    }
    for (let tick = first; tick <= last; tick++)
      partiesAt(records, tick).forEach((party, i) => {
        if (open[i]?.party === party) return
        close(i, tick)
        open[i] = { party, from: tick }
      })
    peers.forEach((peer, i) => {
      close(i, Math.min(last, peer.record.last) + 1)
    })
    pen.globalAlpha = 1
    peers.forEach(({ record }, i) => {
      for (let tick = first; tick <= record.last; tick++) {
        const by = record.has(tick) ? record.pressedAt(tick) : 0
        if (by === 0) continue
        pen.fillStyle = colourOf(by)
        pen.beginPath()
        pen.roundRect(xOf(tick) - 2, i * row + 1, 4, row - 2, 2)
        pen.fill()
      }
    })
    this.drawArcs(pen, xOf, row, now)
  }

  private drawScale(
    pen: CanvasRenderingContext2D,
    xOf: (tick: number) => number,
    first: number,
    last: number,
  ): void {
    const { height } = this.surface
    pen.fillStyle = colour('soft')
    pen.font = `11px ${colour('sans')}`
    pen.textAlign = 'center'
    pen.textBaseline = 'alphabetic'
    for (let tick = Math.ceil(first / FPS) * FPS; tick <= last; tick += FPS) {
      const x = xOf(tick)
      if (x < LEFT + 12) continue
      pen.fillStyle = colour('line')
      pen.fillRect(x - 0.5, 0, 1, height - SCALE + 3)
      pen.fillStyle = colour('soft')
      if (x < this.surface.width - 14) pen.fillText(tick.toLocaleString('en'), x, height - 2)
    }
  }

  /** How far somebody has just gone back. */
  private drawArcs(
    pen: CanvasRenderingContext2D,
    xOf: (tick: number) => number,
    row: number,
    now: number,
  ): void {
    this.arcs = this.arcs.filter(({ began }) => now - began < BACK_MS)
    for (const { peer, tick, ticks, began } of this.arcs) {
      const age = (now - began) / BACK_MS
      const y = peer * row + row / 2
      const share = wantsStillness() ? 1 : Math.min(1, age * 4)
      const right = xOf(tick + ticks)
      const left = Math.max(LEFT, right + (xOf(tick) - right) * share)
      pen.globalAlpha = Math.min(1, 2 * (1 - age))
      pen.strokeStyle = colour('ink')
      pen.fillStyle = colour('ink')
      pen.lineWidth = 2
      pen.beginPath()
      pen.moveTo(right, y)
      pen.lineTo(left + 3, y)
      pen.stroke()
      pen.beginPath()
      pen.moveTo(left, y)
      pen.lineTo(left + 7, y - 4.5)
      pen.lineTo(left + 7, y + 4.5)
      pen.fill()
    }
    pen.globalAlpha = 1
  }
}
