import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { PastRecord } from '../../src/app/past-record.ts'
import { PastViewer } from '../../src/app/past-viewer.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { Runner } from '../../src/app/runner.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'
import { bodiesApp, objectsApp } from './bodies.ts'
import type { Figure, Live } from './live/figure.ts'

/**
 * The memory of an hour's past at 50 FPS with five events a second, of a thousand moving bodies, as typed arrays and
 * as objects; and the processor time of looking ten seconds back in it.
 */
const FPS = 50
const HOUR = 3_600 * FPS
const BACK = 10 * FPS

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const bytesNow = (): number => {
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const hourOf = (what: string, app: unknown, must: number): readonly Figure[] => {
  const runner = new Runner(app as ReturnType<typeof bodiesApp>) as unknown as Runner
  const before = bytesNow()
  const record = new PastRecord(runner, HOUR)
  const payload = encodePayload({ x: 12, y: 34 })
  const run = (tick: number, id: number, bytes: Uint8Array): void => {
    const input = { tick, id, source: 1, number: 0, seq: 0, payload: bytes }
    runner.take(input)
    record.took(input)
  }
  for (let tick = 0; tick < HOUR; tick++) {
    if (tick % 10 === 0) run(tick, 1, payload)
    run(tick, 0, EMPTY)
  }
  const bytes = bytesNow() - before
  const { snapshots, events, eventBytes } = record.size
  const viewer = new PastViewer(record, runner)
  const from = process.cpuUsage()
  viewer.seek(record.local - BACK)
  const { user, system } = process.cpuUsage(from)
  const ms = (user + system) / 1000
  return [
    {
      what: `the past of an hour, 1,000 bodies as ${what}`,
      unit: 'MB',
      figure: bytes / 1e6,
      must: `at most ${must} MB`,
      reached: bytes <= must * 1e6,
      note: `${snapshots} snapshots, ${events} events in ${eventBytes} bytes`,
    },
    {
      what: `ten seconds back in it, 1,000 bodies as ${what}`,
      unit: 'ms of processor time',
      figure: ms,
      must: 'at most 1000 ms',
      reached: ms <= 1_000,
    },
  ]
}

const live: Live = async () => [
  ...hourOf('typed arrays', bodiesApp(), 3),
  ...hourOf('objects', objectsApp(), 10),
]

export default live
