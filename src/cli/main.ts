#!/usr/bin/env node
import { runProgram } from './program.ts'
import { Threads } from './threads.ts'

const stop = new AbortController()
// The second time, the process ends where it stands.
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

// Whoever reads the output has read enough: `sametick … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runProgram(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  signal: stop.signal,
  busy: () => void process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM'),
  start: (count) => new Threads(count),
  now: () => performance.now(),
})

// An application that was loaded may have left something running, which keeps nobody waiting.
const end = (): void => {
  if (process.stdout.writableLength === 0) process.exit()
  setTimeout(end, 100)
}
setTimeout(end, 1_000).unref()
