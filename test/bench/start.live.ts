import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Child } from './live/child.ts'
import { type Figure, inPairs, type Live, medians } from './live/figure.ts'
import { quantile } from './measure.ts'

/**
 * How long it takes until a server listens, from the start of its process, as it is shipped; and until an instance
 * runs its first tick, from `connect`, in a process that has done nothing before. Beside them a bare process that
 * listens, and a bare WebSocket that opens and is answered once.
 */
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const LISTEN = "require('node:http').createServer().listen(0, '127.0.0.1', () => console.log('listening'))"
const MS_MAX = { server: 300, instance: 50 }

/** Milliseconds of processor time that a process has used so far, where the system tells; it counts in hundredths. */
const processorTime = (pid = 0): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}

const processorTimes: number[] = []

const toFirstLine = (args: readonly string[], times: number[] = []): Promise<number> =>
  new Promise((resolve, reject) => {
    const from = performance.now()
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    child.once('error', reject)
    child.stdout?.once('data', () => {
      resolve(performance.now() - from)
      times.push(processorTime(child.pid))
      child.kill()
    })
  })

const inFresh = async (what: string, value: unknown): Promise<number> => {
  const child = new Child('starter.ts')
  try {
    return await child.ask<number>(what, value)
  } finally {
    await child.end()
  }
}

const figureOf = (
  what: string,
  floorIs: string,
  most: number,
  pairs: readonly (readonly [number, number])[],
  more = '',
): Figure => {
  const { figure, floor } = medians(pairs)
  return {
    what,
    unit: 'ms',
    figure,
    floor,
    floorIs,
    must: `at most ${most} ms`,
    reached: figure <= most,
    pairs,
    note: `fastest ${Math.min(...pairs.map(([each]) => each)).toFixed(0)} ms${more}`,
  }
}

const live: Live = async ({ pairs, say }) => {
  say('start: build')
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
  say('start: server')
  const server = await inPairs(
    pairs,
    () => toFirstLine([MAIN, 'serve', '--json', '--port', '0'], processorTimes),
    () => toFirstLine(['-e', LISTEN]),
  )
  say('start: instance')
  const serving = new Child('server.ts')
  const bare = new Child('bare-ws-server.ts')
  const [url] = await serving.ask<string[]>('open', { ws: 0 })
  const [bareUrl] = await bare.ask<string[]>('open', { kind: 'broadcast', beat_ms: 0 })
  // Each creates a session of its own: nobody is there to tell it how long the way is.
  let session = 0
  const instance = await inPairs(
    pairs,
    () => inFresh('connect', `${url}/${session++}`),
    () => inFresh('bare', `${bareUrl}/${session++}`),
  )
  const later = await inPairs(
    pairs,
    () => inFresh('second', `${url}/${session++}`),
    () => inFresh('bare', `${bareUrl}/${session++}`),
  )
  for (const child of [serving, bare]) await child.end()
  return [
    figureOf(
      'start of the server, to its address',
      'a bare process that listens',
      MS_MAX.server,
      server,
      `; ${quantile(processorTimes, 0.5)} ms of processor time`,
    ),
    figureOf(
      'start of an instance that creates a session, connect to first tick',
      'a bare WebSocket, to its first answer',
      MS_MAX.instance,
      instance,
    ),
    figureOf(
      'start of an instance that joins a session, connect to first tick',
      'a bare WebSocket, to its first answer',
      MS_MAX.instance,
      later,
    ),
  ]
}

export default live
