import { PastRecord } from '../../src/app/past-record.ts'
import { PastViewer } from '../../src/app/past-viewer.ts'
import { Runner } from '../../src/app/runner.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'
import { bodiesApp, objectsApp } from './bodies.ts'
import type { Case } from './measure.ts'

/**
 * What a past costs that is kept, and what it costs to look at it: a thousand moving bodies, as typed arrays and as
 * objects, of which there are ten minutes at 50 FPS before anything is measured.
 */
const PAST = 600 * 50

const kept = (app: unknown) => {
  const runner = new Runner(app as ReturnType<typeof bodiesApp>) as unknown as Runner
  const record = new PastRecord(runner, PAST)
  const step = (): void => {
    const input = { tick: record.local + 1, id: 0, source: 0, number: 0, seq: 0, payload: EMPTY }
    runner.take(input)
    record.took(input)
  }
  while (record.local < PAST) step()
  return { runner, record, step }
}

const plain = (app: unknown): (() => void) => {
  const runner = new Runner(app as ReturnType<typeof bodiesApp>)
  let tick = 0
  return () => void runner.take({ tick: tick++, id: 0, source: 0, number: 0, seq: 0, payload: EMPTY })
}

/** Anywhere in the last so many ticks, as one looks for a moment. */
const looks = (app: unknown, span: number): (() => void) => {
  const { runner, record } = kept(app)
  const viewer = new PastViewer(record, runner)
  let i = 0
  return () => {
    i = (Math.imul(i, 1_664_525) + 1_013_904_223) >>> 0
    viewer.seek(record.local - Math.floor((i / 2 ** 32) * span))
  }
}

const backwards = (app: unknown): (() => void) => {
  const { runner, record } = kept(app)
  const viewer = new PastViewer(record, runner)
  let tick = record.local
  return () => {
    viewer.seek(tick)
    tick = tick > record.from + 1 ? tick - 1 : record.local
  }
}

const cases: readonly Case[] = [
  { name: 'typed arrays, a tick', run: plain(bodiesApp()) },
  { name: 'typed arrays, a tick whose past is kept', run: kept(bodiesApp()).step },
  { name: 'typed arrays, anywhere in the last 10 s', run: looks(bodiesApp(), 500) },
  { name: 'typed arrays, anywhere in the last 5 min', run: looks(bodiesApp(), 15_000) },
  { name: 'typed arrays, a tick backwards', run: backwards(bodiesApp()) },
  { name: 'objects, a tick', run: plain(objectsApp()) },
  { name: 'objects, a tick whose past is kept', run: kept(objectsApp()).step },
  { name: 'objects, anywhere in the last 10 s', run: looks(objectsApp(), 500) },
  { name: 'objects, a tick backwards', run: backwards(objectsApp()) },
]

export default cases
