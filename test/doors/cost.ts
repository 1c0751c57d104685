import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openSeat } from '../../src/client/open.ts'
import type { Seat } from '../../src/client/seat.ts'
import { dial } from '../../src/transport/dial.ts'
import { quantile } from '../bench/measure.ts'
import { LocalProgram } from '../bridge/program.ts'
import { until } from '../until.ts'
import type { Door } from './door.ts'
import { node } from './node/door.ts'
import { APP } from './rules.ts'
import { playDoors } from './session.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const CLI = ['--import', here('../ts.mjs'), here('../../src/cli/main.ts')]
/** What the system counts processor time in. */
const CLOCK_TICKS_A_SECOND = 100
/** Ticks that are run before anything is measured. */
const WARM = 120

/** Processor time that a process has used, in milliseconds, all of its threads together. */
const processorMs = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_A_SECOND
}

interface Command {
  readonly child: ChildProcess
  /** The first line that it wrote, as JSON. */
  readonly first: Record<string, unknown>
}

const command = (...args: string[]): Promise<Command> =>
  new Promise((resolve, reject) => {
    const child = spawn(execPath, [...CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.on('error', reject)
    if (child.stdout)
      createInterface({ input: child.stdout }).once('line', (line) =>
        resolve({ child, first: JSON.parse(line) }),
      )
  })

/** A Node instance without a bridge, which only notes when it got each tick. */
const direct = async (url: string, fps: number, got: Map<number, number>): Promise<Seat> => {
  let seat: Seat | undefined
  const take = (): void => {
    for (let input = seat?.take(); input !== undefined; input = seat?.take())
      if (input.id === 0) got.set(input.tick, performance.now())
    seat?.awaitInput()
  }
  seat = await openSeat(url, { fps, app: APP }, dial, { happened: () => {}, due: take, closed: () => {} })
  seat.awaitInput()
  return seat
}

export interface BridgeCost {
  /** By how many milliseconds a tick comes later over a bridge than to an instance beside it. */
  readonly laterMs: { readonly p50: number; readonly p99: number }
  /** The same for a second instance without a bridge: what two clocks differ by. */
  readonly floorMs: { readonly p50: number; readonly p99: number }
  /** From a program to the bridge and back. */
  readonly hopMs: { readonly p50: number; readonly p99: number }
  /** Microseconds of processor time that the bridge takes for a tick of a program. */
  readonly processorUs: number
}

/**
 * A server, a bridge, and a process that is both an instance and a program: all on this machine, each in a process of
 * its own. Ticks of the two are compared by one clock.
 */
export const bridgeCost = async (programs: number, ticks: number, fps = 60): Promise<BridgeCost> => {
  const serving = await command('serve', '--json', '--port', '0')
  const url = `${(serving.first.addresses as string[])[0]}/cost`
  const bridging = await command('bridge', '--json', '--port', '0', '--app', APP, '--server', url)
  const port = (bridging.first.ports as number[])[0] as number
  const seats: Seat[] = []
  try {
    const [own, second, bridged] = [0, 1, 2].map(() => new Map<number, number>()) as [Ticks, Ticks, Ticks]
    seats.push(await direct(url, fps, own), await direct(url, fps, second))
    const [program, ...others] = Array.from({ length: programs }, () => new LocalProgram(port, { fps }))
    for (const other of others) void drain(other)
    const hops: number[] = []
    let asked = 0
    let used = 0
    for (let told = await program?.next(); told !== undefined; told = await program?.next()) {
      if (told.kind === 'stats') hops.push(performance.now() - asked)
      if (told.kind !== 'input' || told.evt !== 0) continue
      bridged.set(told.tick, performance.now())
      if (bridged.size === WARM) used = await processorMs(bridging.child.pid as number)
      if (bridged.size === WARM + ticks) break
      asked = performance.now()
      program?.say('query', {})
    }
    used = (await processorMs(bridging.child.pid as number)) - used
    const later = (got: Ticks): { p50: number; p99: number } =>
      spread(
        [...got].slice(WARM).flatMap(([tick, at]) => (own.has(tick) ? [at - (own.get(tick) as number)] : [])),
      )
    return {
      laterMs: later(bridged),
      floorMs: later(second),
      hopMs: spread(hops),
      processorUs: (1000 * used) / (ticks * programs),
    }
  } finally {
    for (const seat of seats) seat.leave()
    for (const { child } of [bridging, serving]) child.kill()
  }
}

type Ticks = Map<number, number>

const spread = (values: readonly number[]): { p50: number; p99: number } => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
})

const drain = async (program: LocalProgram): Promise<void> => {
  while ((await program.next()) !== undefined);
}

/** Microseconds of processor time that an instance takes for a tick, beside one of Node in the same session. */
export const processorOf = async (door: Door, ticks: number, fps = 60): Promise<number> => {
  await door.prepare?.()
  let used = Number.NaN
  const outcome = await playDoors([door, node], {
    fps,
    ticks: WARM + ticks + fps,
    meanwhile: async ([running]) => {
      if (running?.pid === undefined) return
      await until(() => running.digests.size >= WARM)
      const from = running.digests.size
      const before = await processorMs(running.pid)
      await until(() => running.digests.size >= WARM + ticks)
      used = (1000 * ((await processorMs(running.pid)) - before)) / (running.digests.size - from)
    },
  })
  if (outcome.wrong.length > 0) throw new Error(outcome.wrong.join('; '))
  return used
}
