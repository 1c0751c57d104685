import { argv, stderr, stdout } from 'node:process'
import { connect, event } from 'sametick'

/** What is emitted how often, in milliseconds. */
const SCHEDULE = { beat: 1_000, chime: 2_500 } as const
type Name = keyof typeof SCHEDULE

const [url = 'ws://127.0.0.1:4601', seconds = '10'] = argv.slice(2)

// The timeline alone: this program has no state that would have to be equal, it reads what happens when.
const link = await connect(`${url}/schedule`, {
  id: 'schedule@1',
  fps: 25,
  events: { beat: event<number>(1), chime: event<number>(2) },
})

const emit = async (name: Name, count: number): Promise<void> => {
  const from = performance.now()
  const landed = await link.emit(name, count).landed
  const ms = Math.round(performance.now() - from)
  stderr.write(
    landed.ok ? `  (${name} ${count} has its tick after ${ms} ms)\n` : `  (${landed.error.message})\n`,
  )
}

const timers = Object.entries(SCHEDULE).map(([name, every]) => {
  let count = 0
  return setInterval(() => void emit(name as Name, ++count), every)
})
const leave = (): void => {
  for (const timer of timers) clearInterval(timer)
  link.leave()
}
setTimeout(leave, 1_000 * Number(seconds)).unref()
process.once('SIGINT', leave)

// The same lines in every process that takes part, from where it joined.
for await (const { tick, now, name, player, payload } of link)
  if (name !== 'tick') {
    const time = (now / 1_000).toFixed(2).padStart(7)
    stdout.write(`${time} s  tick ${`${tick}`.padEnd(5)}  ${name} ${payload ?? ''} of player ${player?.id}\n`)
  }
