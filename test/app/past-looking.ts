import { SametickError } from '../../src/app/errors.ts'
import { loop } from '../../src/app/loop.ts'
import { type PastOptions, past } from '../../src/app/past.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { eventAt, joinAt } from './inputs.ts'
import { byHand, type Walker, walker } from './past-stage.ts'
import { ScriptedSource } from './scripted.ts'

export const TICK_MS = 20

/** A walker in lockstep who goes off at tick 10, and a loop that says what it draws. */
export const looking = (
  options: PastOptions = {},
  more: { effects?: (name: string, data: unknown) => void } = {},
) => {
  const source = new ScriptedSource(walker.fps)
  source.put(joinAt(0, 1), eventAt(10, 1, 1, 2))
  const link = new SourceLink(walker, source)
  const { hand, drive } = byHand()
  const drawn: { ticks: number; x: number; before: number; alpha: number }[] = []
  const held: number[] = []
  const l = loop(link, {
    drive,
    past: past(options),
    input: () => {
      held.push(link.runner.tick)
      return 3
    },
    render: (s: Walker, { before, alpha }) =>
      void drawn.push({ ticks: s.ticks, x: s.x, before: before.x, alpha: Math.round(alpha * 1000) / 1000 }),
    ...more,
  })
  const frame = (ms = 0): void => {
    source.advance(ms)
    hand.frame()
  }
  const to = (tick: number): void => {
    source.micros = (tick * 1e6) / walker.fps
    while (link.runner.tick < tick) hand.frame()
  }
  /** Where the picture is, in ticks: the walker walks by 2 in each from tick 10 on. */
  const seen = (): number => {
    const { x, before, alpha } = drawn.at(-1) as (typeof drawn)[number]
    return 9 + (before + (x - before) * alpha) / 2
  }
  return { source, link, l, hand, drawn, held, frame, to, seen }
}

export const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof SametickError ? `${error.code}: ${error.message}` : String(error)
  }
  return 'nothing'
}
