import type { Tick } from '../core/timeline/tick.ts'
import { SIDES, type SideName } from './agreement.ts'
import { drawEvent } from './glyphs.ts'
import { colour, wantsStillness } from './palette.ts'
import type { Recent } from './recent.ts'
import { FPS } from './rect.ts'
import { Surface } from './surface.ts'

/** What is known of one instance's timeline. */
export interface Strip {
  readonly recent: Recent
  /** The highest tick that it may run. */
  readonly limit: Tick
  readonly isFrozen: boolean
  readonly isStopped: boolean
}

export interface Strips {
  readonly sides: Readonly<Record<SideName, Strip>>
  /** Where the reference is, in ticks and parts of a tick. */
  readonly now: number
  readonly firstDifference: Tick | undefined
  who(source: number): string
}

const LABELS = 16
const LETTER = 22
/** The share of the width that is past. */
const PAST = 0.76
const TICK_WIDTH = 6
const TICK_MS = 1000 / FPS

/** The last ticks of A and B, one above the other, tick over tick. */
export class StripsView {
  private readonly surface: Surface

  constructor(canvas: HTMLCanvasElement) {
    this.surface = new Surface(canvas)
  }

  draw(strips: Strips): void {
    const context = this.surface.clear()
    const { width, height } = this.surface
    const gap = 26
    const strip = (height - LABELS - gap) / 2
    const tops: Record<SideName, number> = { A: 0, B: strip + gap }
    const wide = Math.max(1, width - LETTER)
    const count = Math.ceil(wide / TICK_WIDTH)
    // Who wants stillness gets it in pages of a second.
    const at = wantsStillness() ? Math.ceil((strips.now + 1) / FPS) * FPS : strips.now
    const nowX = LETTER + wide * PAST
    const xOf = (tick: Tick) => nowX + (tick - at) * TICK_WIDTH
    const first = Math.max(0, Math.floor(at - (wide * PAST) / TICK_WIDTH))

    context.save()
    context.beginPath()
    context.rect(LETTER, 0, wide, height)
    context.clip()
    this.drawLabels(first, count, xOf, height)
    for (const side of SIDES) this.drawStrip(strips.sides[side], first, count, xOf, tops[side], strip)
    this.drawEvents(strips, first, count, xOf, { top: tops.A, bottom: tops.B, strip })
    if (strips.firstDifference !== undefined) {
      context.fillStyle = colour('bad')
      context.fillRect(xOf(strips.firstDifference), 0, 2, height - LABELS)
    }
    context.restore()
    this.drawLetters(tops, strip)
  }

  private drawLabels(first: Tick, count: number, xOf: (tick: Tick) => number, height: number): void {
    const { context } = this.surface
    context.font = `11px ${colour('sans')}`
    context.textAlign = 'center'
    context.textBaseline = 'alphabetic'
    for (let tick = Math.ceil(first / 20) * 20; tick < first + count; tick += 20) {
      const x = Math.round(xOf(tick) + TICK_WIDTH / 2)
      context.fillStyle = colour('grid')
      context.fillRect(x, 0, 1, height - LABELS + 3)
      context.fillStyle = colour('soft')
      if (x > LETTER + 12) context.fillText(tick.toLocaleString('en'), x, height - 1)
    }
  }

  private drawStrip(
    { recent, limit, isFrozen, isStopped }: Strip,
    first: Tick,
    count: number,
    xOf: (tick: Tick) => number,
    top: number,
    strip: number,
  ): void {
    const { context } = this.surface
    const inner = TICK_WIDTH - 1
    context.fillStyle = colour('line')
    for (let tick = first; tick <= Math.min(recent.last, first + count); tick++)
      context.fillRect(xOf(tick), top, inner, strip)
    // What is promised and not yet run, as an outline.
    const until = Math.min(limit, first + count + 2)
    if (until > recent.last) {
      context.strokeStyle = colour('soft')
      context.globalAlpha = 0.55
      context.lineWidth = 1
      const from = xOf(recent.last + 1)
      context.strokeRect(from + 0.5, top + 0.5, Math.max(1, xOf(until + 1) - from - 2), strip - 1)
      context.globalAlpha = 1
    }
    for (let tick = first; tick <= recent.last; tick++) {
      const frozen = recent.at(tick)?.frozen_ms ?? 0
      // Less than a fifth of a tick is not to be seen.
      if (frozen > TICK_MS / 5) this.hatch(xOf(tick), top, inner, strip)
    }
    if (isFrozen || isStopped) this.hatch(xOf(recent.last + 1), top, TICK_WIDTH * 2, strip)
  }

  private hatch(x: number, top: number, width: number, height: number): void {
    const { context } = this.surface
    context.fillStyle = colour('ice')
    context.globalAlpha = 0.45
    context.fillRect(x, top, width, height)
    context.globalAlpha = 1
    context.strokeStyle = colour('ice')
    context.lineWidth = 1.2
    context.beginPath()
    for (let y = top; y < top + height; y += 5) {
      context.moveTo(x, Math.min(y + width, top + height))
      context.lineTo(x + Math.min(width, top + height - y), y)
    }
    context.stroke()
  }

  /** An event is a bar in each strip, and what joins the two is the event itself. */
  private drawEvents(
    { sides, who }: Strips,
    first: Tick,
    count: number,
    xOf: (tick: Tick) => number,
    { top, bottom, strip }: { readonly top: number; readonly bottom: number; readonly strip: number },
  ): void {
    const { context } = this.surface
    for (let tick = first; tick < first + count; tick++) {
      const [a, b] = SIDES.map((side) => sides[side].recent.at(tick)?.marks ?? []) as [Marks, Marks]
      for (let i = 0; i < Math.max(a.length, b.length); i++) {
        const x = xOf(tick) + (i * TICK_WIDTH) / Math.max(a.length, b.length)
        const width = Math.max(2.5, (TICK_WIDTH - 1) / Math.max(a.length, b.length))
        for (const [marks, y] of [
          [a, top],
          [b, bottom],
        ] as const) {
          const mark = marks[i]
          if (mark === undefined) continue
          context.fillStyle = mark.id > 0 ? colour(who(mark.source)) : colour('soft')
          context.fillRect(x, y, width, strip)
        }
        const [inA, inB] = [a[i], b[i]]
        if (inA === undefined || inB === undefined || inA.id < 0) continue
        const isEqual = inA.id === inB.id && inA.source === inB.source
        const name = isEqual ? who(inA.source) : 'bad'
        context.fillStyle = colour(name)
        context.fillRect(x + width / 2 - 1, top + strip, 2, bottom - top - strip)
        drawEvent(
          context,
          { x: x + width / 2, y: (top + strip + bottom) / 2, radius: 8.5 },
          isEqual ? inA.id : 0,
          name,
        )
      }
    }
  }

  private drawLetters(tops: Readonly<Record<SideName, number>>, strip: number): void {
    const { context } = this.surface
    context.font = `700 13px ${colour('sans')}`
    context.textAlign = 'left'
    context.textBaseline = 'middle'
    for (const side of SIDES) {
      context.fillStyle = colour('ink')
      context.fillText(side, 0, tops[side] + strip / 2)
    }
  }
}

type Marks = readonly { readonly id: number; readonly source: number }[]
