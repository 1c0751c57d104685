/** Loaded before a peer's process: how late its timers are, and what processor time it takes, told at its end. */
const EVERY_MS = 100

const late = []
let due = 0
const look = () => {
  const now = performance.now()
  if (due > 0) late.push(now - due)
  due = now + EVERY_MS
  setTimeout(look, EVERY_MS).unref()
}
look()

let before = process.cpuUsage()
process.once('SIGUSR2', () => {
  before = process.cpuUsage()
  late.length = 0
})

process.on('exit', () => {
  const { user, system } = process.cpuUsage(before)
  const sorted = late.sort((a, b) => a - b)
  const mean = sorted.reduce((sum, one) => sum + one, 0) / sorted.length
  const p99 = sorted[Math.floor(0.99 * sorted.length)]
  const share = (user + system) / 1_000 / (EVERY_MS * sorted.length)
  console.log(`process: ${JSON.stringify({ mean, p99, share })}`)
})
