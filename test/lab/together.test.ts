import { expect, test } from 'vitest'
import { play } from '../../src/lab/faults/play.ts'
import type { Story } from '../../src/lab/faults/story.ts'

const at = (offset: number) => ({ offset, ppm: 0 })
const way = (base: number) => ({ base, jitter: 0 })

/** 2 is cut off as soon as it has come, and a beat follows right on the end of the cut; then 1 emits. */
const CUT_OFF_AT_ONCE: Story = {
  seed: 1,
  session: { fps: 30, discipline: 'gals', size: 1, k: 2, margin: 200, reference: 'sequencer', limits: {} },
  clock: at(500_000_000),
  lateness: 0,
  members: [
    { at: 0, up: way(5_000), down: way(5_000), clock: at(510_000_000), datagrams: false },
    { at: 250_000, up: way(60_000), down: way(5_000), clock: at(520_000_000), datagrams: false },
  ],
  deeds: [
    { kind: 'cut', at: 312_000, who: 2, lasts: 4_193_000, which: 'up' },
    { kind: 'emits', at: 4_515_000, who: 1, count: 3, gap: 20_000, bytesMax: 4, seed: 7 },
    { kind: 'emits', at: 1_000_000, who: 1, count: 8, gap: 400_000, bytesMax: 4, seed: 9 },
  ],
  length: 8_000_000,
}

test('after a cut a round waits as long as the last word of its bundle took, not as the first that waited for the end', () => {
  const lines: string[] = []
  const { findings } = play(CUT_OFF_AT_ONCE, { line: (line) => lines.push(line) })
  expect(findings.violations).toEqual([])
  const reaches = lines.flatMap((line) => {
    const [, time, reach] = /^ *([\d.]+) .*propose .*reach ([\d.]+)/.exec(line) ?? []
    return Number(time) > 4515 && Number(time) < 4580 ? [Number(reach)] : []
  })
  expect(reaches.length).toBeGreaterThan(0)
  expect(Math.max(...reaches)).toBeLessThan(500)
})
