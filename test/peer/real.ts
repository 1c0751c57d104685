import { type ChildProcess, spawn } from 'node:child_process'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { backOf, merged, type PeersResult } from '../../src/lab/peers/cell.ts'
import { type PeersRun, runPeersCell } from '../../src/lab/peers/run.ts'
import { LINKS, PEERS } from '../../src/lab/peers/topology.ts'
import { DelayingProxy } from './proxy.ts'

/**
 * The published experiment with real processes: 21 peers over TCP, each link through a proxy that delays, beside the
 * same cell in the lab: with the delays that were asked for, with those that the proxy really gave, and with those
 * that the peers measured, which have in them how late processes are woken.
 * `npm run peers -- --minutes 5 --latency 50 --rate 200 --multiplier 2`
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    latency: { type: 'string', default: '50' },
    rate: { type: 'string', default: '200' },
    multiplier: { type: 'string', default: '2' },
  },
})
const minutes = Number(values.minutes)
const latency = Number(values.latency)
const rate = Number(values.rate)
const multiplier = Number(values.multiplier)
const FPS = 50
/** Started one after another; then all find the same time. */
const SETTLE_MS = 10_000
/** What is asked to end has as long for it. */
const END_MS = 5_000
const WITHIN = 0.25
const LAB_SEEDS = [1, 2, 3]

/** What a process tells of itself at its end. Times in milliseconds, the share of one core. */
interface Told {
  readonly mean: number
  readonly p99: number
  readonly share: number
}

class RealPeer {
  readonly digests = new Map<number, string>()
  address = ''
  tick = 0
  travelled = 0
  events = 0
  away = 0
  told: Told | undefined
  readonly child: ChildProcess

  constructor(links: readonly string[]) {
    const words = ['--listen', 'tcp://127.0.0.1:0', '--emit', String(rate / PEERS)]
    if (multiplier > 0) words.push('--delay', String(5 * latency * multiplier))
    const program = ['--import', './test/peer/lateness.mjs', 'dist/cli/main.js', 'peer']
    this.child = spawn(process.execPath, [...program, ...links, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    this.child.stdout?.on('data', (text) => {
      const lines = (rest + String(text)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.hear(line)
    })
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('close', () => resolve())
      this.child.kill('SIGINT')
      setTimeout(() => this.child.kill('SIGKILL'), END_MS).unref()
    })
  }

  private hear(line: string): void {
    this.address = /^listening at (.*)$/.exec(line)?.[1] ?? this.address
    this.tick = Number(/^tick (\d+) /.exec(line)?.[1] ?? this.tick)
    this.away = Number(/ \((\S+) ms away\)/.exec(line)?.[1] ?? this.away)
    this.travelled = Number(/\((\d+) ticks\)/.exec(line)?.[1] ?? this.travelled)
    this.events = Number(/ events (\d+) /.exec(line)?.[1] ?? this.events)
    const [, digest = '', at] = / digest (\w+) at (\d+)$/.exec(line) ?? []
    if (at !== undefined) this.digests.set(Number(at), digest)
    const [, told] = /^process: (.*)$/.exec(line) ?? []
    if (told !== undefined) this.told = JSON.parse(told) as Told
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length)

const proxy = new DelayingProxy(latency, latency / 5)
const peers: RealPeer[] = []
for (let i = 0; i < PEERS; i++) {
  const links = LINKS.filter(([, b]) => b === i).map(([a]) => (peers[a] as RealPeer).address)
  const peer = new RealPeer(await Promise.all(links.map((link) => proxy.before(link))))
  peers.push(peer)
  while (peer.address === '') await pause(20)
}
await pause(SETTLE_MS + 30 * latency)
const before = peers.map(({ tick, travelled }) => ({ tick, travelled }))
for (const { child } of peers) child.kill('SIGUSR2')
proxy.begin()
const own = process.cpuUsage()
await pause(minutes * 60_000)
const travelled = peers.reduce((sum, peer, i) => sum + peer.travelled - (before[i]?.travelled ?? 0), 0)
const ticks = peers.reduce((sum, peer, i) => sum + peer.tick - (before[i]?.tick ?? 0), 0)
const { given } = proxy
const { user, system } = process.cpuUsage(own)
const [load = 0] = loadavg()
const away = meanOf(peers.map((peer) => peer.away))
await pause(5_000)
await Promise.all(peers.map((peer) => peer.end()))
proxy.close()

const first = peers[0] as RealPeer
// What all have named: the last seconds may lack a few.
const shared = [...first.digests.keys()].filter((tick) => peers.every(({ digests }) => digests.has(tick)))
const equal = shared.filter((tick) =>
  peers.every(({ digests }) => digests.get(tick) === first.digests.get(tick)),
)

const inTheLab = (way?: PeersRun['way']): number => {
  const cell = { multiplier, latency_ms: latency, rate, churn: false }
  const runs: PeersResult[] = LAB_SEEDS.map((seed) =>
    runPeersCell(cell, { seconds: 60 * minutes, seed, ...(way ? { way } : {}) }),
  )
  return backOf(merged(runs))
}
const deviation = 1_000 * given.deviation
const real_pct = (100 * travelled) / ticks
const asked_pct = inTheLab()
const given_pct = inTheLab({ mean: 1_000 * given.mean, deviation })
const measured_pct = inTheLab({ mean: 1_000 * away, deviation })

const of = (lab: number): string =>
  `${lab.toFixed(2)} % (${lab > 0 ? `${((100 * real_pct) / lab - 100).toFixed(0)} % off` : 'none'})`
const told = peers.flatMap((peer) => peer.told ?? [])
console.log(`digests equal at ${equal.length} of ${shared.length} seconds that all ${PEERS} have named`)
console.log(`travelled back: ${real_pct.toFixed(2)} % of ticks`)
console.log(`in the lab, with links of ${latency} ms as asked for: ${of(asked_pct)}`)
console.log(
  `in the lab, with the ${given.mean.toFixed(1)} ms ± ${given.deviation.toFixed(1)} that the proxy gave: ${of(given_pct)}`,
)
console.log(`in the lab, with the ${away.toFixed(1)} ms that peers measured: ${of(measured_pct)}`)
console.log(`events: ${first.events}, ticks of a peer: ${Math.round(ticks / PEERS)} of ${minutes * 60 * FPS}`)
console.log(
  `timers of peers: ${meanOf(told.map(({ mean }) => mean)).toFixed(1)} ms late in the mean, ${Math.max(...told.map(({ p99 }) => p99)).toFixed(1)} ms in the worst hundredth of the worst; the proxy's: ${given.late_p99.toFixed(1)} ms in the worst hundredth`,
)
console.log(
  `processor: ${(100 * meanOf(told.map(({ share }) => share))).toFixed(1)} % of a core for each peer, ${((user + system) / (600 * 1_000 * minutes)).toFixed(1)} % for the proxy; load ${load.toFixed(1)}`,
)
const isNear = Math.abs(real_pct - given_pct) <= WITHIN * given_pct
if (equal.length < shared.length || shared.length === 0 || !isNear) process.exitCode = 1
process.exit()
