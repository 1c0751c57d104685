import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { MemoryNetwork } from '../../src/transport/memory.ts'
import { dialTcp, listenTcp } from '../../src/transport/tcp.ts'
import type { Dial, Listen } from '../../src/transport/transport.ts'
import { dialUdp, listenUdp } from '../../src/transport/udp.ts'
import { dialWebSocket, listenWebSocket } from '../../src/transport/websocket.ts'
import { quantile } from './measure.ts'

/**
 * `node --import ./test/ts.mjs test/bench/transports.ts`, or with `udp --json --rounds 20` behind it: how many
 * messages a second go through a connection on loopback, both ends in this one process and on one core. Transports
 * take turns, like the cases of `npm run bench`, and the first one is what the others are compared with.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
  },
  allowPositionals: true,
})

const memory = new MemoryNetwork()
const TRANSPORTS: readonly (readonly [name: string, url: string, listen: Listen, dial: Dial])[] = [
  ['memory', 'memory://', memory.listen, memory.dial],
  ['tcp', 'tcp://127.0.0.1:0', listenTcp, dialTcp],
  ['websocket', 'ws://127.0.0.1:0', listenWebSocket, dialWebSocket],
  ['udp', 'udp://127.0.0.1:0', listenUdp, dialUdp],
]

/** How long one round of one case takes at least. */
const ROUND_MS_MIN = 50
/** Messages that are on their way at most; what is beyond waits at whoever sends. */
const AWAY_MAX = 2_048

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A server that counts, and a client. */
const pair = async (url: string, listen: Listen, dial: Dial) => {
  const counted = { messages: 0, isEcho: false, answers: 0, onAnswer: () => {} }
  const listening = await listen(url, {
    onConnection: (connection) =>
      connection.attach({
        message: (bytes) => {
          counted.messages++
          if (counted.isEcho) connection.send(bytes)
        },
        closed: () => {},
      }),
  })
  if (!listening.ok) throw new Error(listening.failure.hint)
  const dialled = await dial(listening.value.addresses[0] as string)
  if (!dialled.ok) throw new Error(dialled.failure.hint)
  const client = dialled.value
  client.attach({
    message: () => {
      counted.answers++
      counted.onAnswer()
    },
    closed: (why) => {
      if (why !== 'closed') throw new Error(why)
    },
  })
  return { listener: listening.value, client, counted }
}

type Pair = Awaited<ReturnType<typeof pair>>
/** Sends so many messages, and resolves when they have arrived. */
type Flow = (pair: Pair, times: number) => Promise<void>

const oneWay =
  (bytes: number, batch: number): Flow =>
  async ({ client, counted }, times) => {
    const message = new Uint8Array(bytes).fill(7)
    const from = counted.messages
    for (let sent = 0; sent < times; ) {
      const end = Math.min(times, sent + batch)
      for (; sent < end; sent++) client.send(message)
      do await turn()
      while (sent - (counted.messages - from) > AWAY_MAX)
    }
    while (counted.messages - from < times) await turn()
  }

const answered: Flow = async ({ client, counted }, times) => {
  const message = new Uint8Array(20).fill(7)
  counted.isEcho = true
  const until = counted.answers + times
  await new Promise<void>((resolve) => {
    counted.onAnswer = () => {
      if (counted.answers < until) client.send(message)
      else resolve()
    }
    client.send(message)
  })
  counted.isEcho = false
  counted.onAnswer = () => {}
}

const FLOWS: readonly (readonly [name: string, flow: Flow])[] = [
  ['20 bytes, one a turn', oneWay(20, 1)],
  ['20 bytes, 32 a turn', oneWay(20, 32)],
  ['1,000 bytes, 32 a turn', oneWay(1_000, 32)],
  ['64 KiB, one a turn', oneWay(65_536, 1)],
  ['20 bytes and an answer', answered],
]

const timed = async (run: () => Promise<void>): Promise<number> => {
  const start = process.hrtime.bigint()
  await run()
  return Number(process.hrtime.bigint() - start)
}

interface Lane {
  readonly name: string
  readonly run: (times: number) => Promise<void>
  times: number
  readonly ns: number[]
}

/** How many messages fill a round; what is sent to find out also warms the code up. */
const findTimes = async (lane: Lane): Promise<void> => {
  for (lane.times = 64; ; lane.times *= 2) {
    const ns = await timed(() => lane.run(lane.times))
    if (ns < ROUND_MS_MIN * 1e6) continue
    lane.times = Math.ceil((lane.times * ROUND_MS_MIN * 1e6) / ns)
    return
  }
}

const measured = async (lanes: readonly Lane[], rounds: number) => {
  for (const lane of lanes) await findTimes(lane)
  for (let round = 0; round < rounds; round++)
    for (const lane of round % 2 === 0 ? lanes : [...lanes].reverse())
      lane.ns.push((await timed(() => lane.run(lane.times))) / lane.times)
  const first = lanes[0]?.ns ?? []
  return lanes.map(({ name, ns }) => ({
    name,
    ns: quantile(ns, 0.5),
    ns_p10: quantile(ns, 0.1),
    ns_p90: quantile(ns, 0.9),
    to_first: quantile(
      ns.map((one, round) => one / (first[round] ?? Number.NaN)),
      0.5,
    ),
  }))
}

const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)

const chosen = TRANSPORTS.filter(
  ([name]) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
)
const results: Record<string, Awaited<ReturnType<typeof measured>>> = {}
for (const [title, flow] of FLOWS) {
  const pairs: { readonly lane: Lane; readonly close: () => Promise<void> }[] = []
  for (const [name, url, listen, dial] of chosen) {
    const open = await pair(url, listen, dial)
    const lane = { name, run: (times: number) => flow(open, times), times: 0, ns: [] }
    pairs.push({ lane, close: () => open.listener.close() })
  }
  const lanes = pairs.map(({ lane }) => lane)
  const rows = await measured(lanes, Number(values.rounds))
  results[title] = rows
  for (const { close } of pairs) await close()
  if (values.json) continue
  console.log(
    `${title.padEnd(24)}${['ns', 'p10', 'p90', 'per second', 'to first'].map((head) => head.padStart(12)).join('')}`,
  )
  for (const { name, ns, ns_p10, ns_p90, to_first } of rows)
    console.log(
      `  ${name.padEnd(22)}${[...[ns, ns_p10, ns_p90, 1e9 / ns].map(number), to_first.toFixed(2)].map((cell) => cell.padStart(12)).join('')}`,
    )
}

if (values.json) {
  const machine = { node: process.version, arch: process.arch, cpu: cpus()[0]?.model, cores: cpus().length }
  console.log(JSON.stringify({ machine, results }, null, 2))
}
