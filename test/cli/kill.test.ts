import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { until } from '../until.ts'
import { endAll, type Process, run, sametick, serving } from './process.ts'
import { say } from './stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'sametick-kill-'))
afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true })
})

const FPS = 25
/** How long a silent member is waited for before it is evicted, and the longest that anybody freezes for it. */
const SILENCE_S = 10
const LEASE_S = 2

interface Joined extends Process {
  readonly id: number
  readonly file: string
}

const joining = async (name: string, url: string): Promise<Joined> => {
  const file = join(folder, `${name}.txt`)
  const process = await sametick('join', url, '--emit-every', '200', '--record', file)
  const id = Number(await process.until(() => /admitted as instance (\d+)/.exec(process.err)?.[1]))
  await process.until(() => process.err.includes('started'))
  return Object.assign(process, { id, file })
}

/** The events in what an instance has printed: `     120 ms  3 event 1 of 2.1`. */
const eventsOf = ({ out }: Process, from?: Joined): { tick: number; number: number }[] =>
  [...out.matchAll(/ ms {2}(\d+) event \d+ of (\d+)\.(\d+)$/gm)]
    .filter(([, , source]) => from === undefined || Number(source) === from.id)
    .map(([, tick, , number]) => ({ tick: Number(tick), number: Number(number) }))

/** At which tick somebody left, as another one has printed it. */
const leftAt = (who: Joined, seen: Process): number | undefined => {
  const member = who.id.toString(16).padStart(2, '0')
  const tick = new RegExp(` ms {2}(\\d+) leave of 0\\.\\d+ ${member}`).exec(seen.out)?.[1]
  return tick === undefined ? undefined : Number(tick)
}

/** Milliseconds of a clock that all processes of a machine have in common, and that goes on while they are stopped. */
const clock = (): number => Number(process.hrtime.bigint()) / 1e6

const lastTick = (seen: Process): number => Math.max(...eventsOf(seen).map(({ tick }) => tick))

test.concurrent('instances that are killed and stopped hurt nobody: the rest go on, and all that was recorded agrees', async ({
  expect,
}) => {
  const { server, at } = await serving()
  const all = await Promise.all(
    ['ws', 'udp', 'udp', 'tcp', 'ws', 'tcp'].map((scheme, i) => joining(`${i}`, `${at(scheme)}/lesson`)),
  )
  const [alive, other, killedSilently, killed, stopped, paused] = all as [
    Joined,
    Joined,
    Joined,
    Joined,
    Joined,
    Joined,
  ]
  await alive.until(() => all.every((each) => eventsOf(alive, each).length > 0))
  // What is written is on the disk a moment later.
  await until(() => all.every(({ file }) => / event \d+ of .*\n/.test(readFileSync(file, 'utf8'))))

  const killedAt = clock()
  killedSilently.kill('SIGKILL')
  killed.kill('SIGKILL')
  stopped.kill('SIGSTOP')
  paused.kill('SIGSTOP')
  const from = lastTick(alive)

  // One whose connection closes is gone at once; one that is only silent is waited for, and the others go on.
  // For how long one was stopped may not hang on how fast the others are here: then it would be evicted as well.
  await sleep((LEASE_S + 1) * 1_000)
  const ofPaused = eventsOf(alive, paused).length
  paused.kill('SIGCONT')
  await alive.until(() => leftAt(killed, alive))
  const gone = await alive.until(() => leftAt(killedSilently, alive))
  expect(clock() - killedAt).toBeGreaterThan((SILENCE_S - LEASE_S - 2) * 1_000)
  await alive.until(() => leftAt(stopped, alive))
  for (const each of [alive, other]) {
    const meanwhile = eventsOf(alive, each).filter(({ tick }) => tick > from && tick < gone)
    expect(meanwhile.length).toBeGreaterThan(10)
  }

  // One that was stopped for a while catches up and takes part; one that was evicted is told so.
  expect(leftAt(paused, alive)).toBeUndefined()
  await alive.until(() => eventsOf(alive, paused).length > ofPaused + 3)
  await paused.until(() => lastTick(paused) > gone)
  stopped.kill('SIGCONT')
  const evicted = await stopped.ended
  expect(evicted.code).toBe(1)
  expect(evicted.err).toMatch(/^error: (silent|lost): .+\.$/m)

  // Ctrl-C ends an instance in order; without a server it ends all the same.
  alive.kill('SIGINT')
  expect((await alive.ended).code).toBe(0)
  expect(alive.err).not.toContain('error')
  await other.until(() => leftAt(alive, other))
  server.kill('SIGKILL')
  const cutOff = await paused.ended
  expect(cutOff.code).toBe(1)
  expect(cutOff.err).toMatch(/^error: lost: The connection was lost\.$/m)
  other.kill('SIGINT')
  await other.ended

  for (const each of all.slice(1)) {
    const { code, out, err } = await say(`diff ${alive.file} ${each.file}`)
    expect(err).toBe('')
    expect(out).toMatch(/^identical: \d+ inputs, up to tick \d+/)
    expect(code).toBe(0)
  }
})

test.concurrent('a machine that sleeps for longer than anybody may be silent wakes to the same session, and no flood of ticks', async ({
  expect,
}) => {
  const { server, at } = await serving('--discipline', 'gals')
  const a = await run('ticking', `${at('ws')}/sleep`, `${FPS}`)
  const b = await run('ticking', `${at('udp')}/sleep`, `${FPS}`)
  const asleep = [server, a, b]
  const ticks = ({ out }: Process): { tick: number; ms: number }[] =>
    [...out.matchAll(/^(\d+) (\d+)$/gm)].map(([, tick, ms]) => ({ tick: Number(tick), ms: Number(ms) }))
  // Until leases are long.
  for (const each of [a, b]) await each.until(() => ticks(each).length > 1.5 * FPS)
  for (const each of asleep) each.kill('SIGSTOP')
  const stopped = clock()
  await sleep((SILENCE_S + 1) * 1_000)
  const woken = clock()
  for (const each of asleep) each.kill('SIGCONT')

  for (const each of [a, b]) {
    const since = () => ticks(each).filter(({ ms }) => ms > woken)
    await each.until(() => since().length > 1.5 * FPS)
    const last = ticks(each).findLast(({ ms }) => ms <= woken) as { tick: number; ms: number }
    // A quarter faster at most than the time for which they were awake, however late a busy machine lets them run:
    // the time that was slept would be eleven seconds at once, and a lease two.
    for (const { tick, ms } of since()) {
      const awake = (ms - woken + Math.max(0, stopped - last.ms)) / 1_000
      expect(tick - last.tick).toBeLessThan(awake * FPS * 1.25 + FPS)
    }
    expect(each.out).not.toContain('ended')
  }
})

test('a recording that breaks off in a line is compared up to there', async () => {
  const [whole, broken] = ['whole', 'broken'].map((name) => join(folder, `${name}.txt`)) as [string, string]
  writeFileSync(whole, 'sametick 1 "a@1" 25\n0 join of 0.1 010000\n0 tick\n1 tick\n')
  writeFileSync(broken, 'sametick 1 "a@1" 25\n0 join of 0.1 010000\n0 ti')
  const { code, out } = await say(`diff ${whole} ${broken}`)
  expect(out).toBe(`identical: 1 inputs, up to tick 0; ${whole} goes on\n`)
  expect(code).toBe(0)
})
