import { type ChildProcess, spawn } from 'node:child_process'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { Random } from '../../src/core/random.ts'
import { backOf, merged, type PeersResult } from '../../src/lab/peers/cell.ts'
import { normal } from '../../src/lab/peers/hop.ts'
import { runPeersCell } from '../../src/lab/peers/run.ts'
import { LINKS, PEERS } from '../../src/lab/peers/topology.ts'

/**
 * The published experiment with real processes: 21 peers over TCP, each link through a proxy that delays, beside the
 * same cell in the lab. `npm run peers -- --minutes 5 --latency 50 --rate 200 --multiplier 2`
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

const random = new Random(1, 5)

/** Passes everything on, later: each piece by a delay of its own, in order. */
const delayed = (from: Socket, to: Socket): void => {
  let last = 0
  from.on('data', (bytes) => {
    const at = Math.max(last, performance.now() + Math.max(0, latency + (latency / 5) * normal(random)))
    last = at
    setTimeout(() => to.write(bytes), at - performance.now())
  })
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
}

const servers: Server[] = []

/** An address behind which there is another one, far away. */
const proxied = (address: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address)
    const server = createServer((near) => {
      const far = connect(Number(port), hostname)
      for (const socket of [near, far]) socket.setNoDelay(true)
      delayed(near, far)
      delayed(far, near)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      resolve(`tcp://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`)
    })
  })

class RealPeer {
  readonly digests = new Map<number, string>()
  address = ''
  tick = 0
  travelled = 0
  events = 0
  readonly child: ChildProcess

  constructor(links: readonly string[]) {
    const words = ['--listen', 'tcp://127.0.0.1:0', '--emit', String(rate / PEERS)]
    if (multiplier > 0) words.push('--delay', String(5 * latency * multiplier))
    this.child = spawn(process.execPath, ['dist/cli/main.js', 'peer', ...links, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let rest = ''
    this.child.stdout?.on('data', (text) => {
      const lines = (rest + String(text)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.hear(line)
    })
  }

  private hear(line: string): void {
    this.address = /^listening at (.*)$/.exec(line)?.[1] ?? this.address
    this.tick = Number(/^tick (\d+) /.exec(line)?.[1] ?? this.tick)
    this.travelled = Number(/\((\d+) ticks\)/.exec(line)?.[1] ?? this.travelled)
    this.events = Number(/ events (\d+) /.exec(line)?.[1] ?? this.events)
    const [, digest = '', at] = / digest (\w+) at (\d+)$/.exec(line) ?? []
    if (at !== undefined) this.digests.set(Number(at), digest)
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const peers: RealPeer[] = []
for (let i = 0; i < PEERS; i++) {
  const links = LINKS.filter(([, b]) => b === i).map(([a]) => (peers[a] as RealPeer).address)
  const peer = new RealPeer(await Promise.all(links.map(proxied)))
  peers.push(peer)
  while (peer.address === '') await pause(20)
}
await pause(SETTLE_MS + 30 * latency)
const before = peers.map(({ tick, travelled }) => ({ tick, travelled }))
await pause(minutes * 60_000)
const travelled = peers.reduce((sum, peer, i) => sum + peer.travelled - (before[i]?.travelled ?? 0), 0)
const ticks = peers.reduce((sum, peer, i) => sum + peer.tick - (before[i]?.tick ?? 0), 0)
await pause(5_000)
for (const { child } of peers) child.kill('SIGINT')
for (const server of servers) server.close()

const first = peers[0] as RealPeer
// What all have named: the last seconds may lack a few.
const shared = [...first.digests.keys()].filter((tick) => peers.every(({ digests }) => digests.has(tick)))
const equal = shared.filter((tick) =>
  peers.every(({ digests }) => digests.get(tick) === first.digests.get(tick)),
)
const lab: PeersResult = merged(
  [1, 2, 3].map((seed) =>
    runPeersCell({ multiplier, latency_ms: latency, rate, churn: false }, { seconds: 60 * minutes, seed }),
  ),
)
const real_pct = (100 * travelled) / ticks
console.log(`digests equal at ${equal.length} of ${shared.length} seconds that all ${PEERS} have named`)
console.log(`travelled back: ${real_pct.toFixed(2)} % of ticks, in the lab ${backOf(lab).toFixed(2)} %`)
console.log(`events: ${first.events}, ticks of a peer: ${Math.round(ticks / PEERS)} of ${minutes * 60 * FPS}`)
const isNear = Math.abs(real_pct - backOf(lab)) <= 0.25 * backOf(lab)
if (equal.length < shared.length || shared.length === 0 || !isNear) process.exitCode = 1
process.exit()
