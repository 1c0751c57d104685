import { WebSocket } from 'ws'
import { Random } from '../../../src/core/random.ts'
import type { Micros, Tick } from '../../../src/core/timeline/tick.ts'
import { Impairment, type Way } from '../../../src/transport/impaired.ts'
import { answers, sharedNow } from './child.ts'
import { Emitting } from './emits.ts'
import { Player } from './player.ts'
import { Transit, timed } from './transit.ts'

export interface Joining {
  readonly url: string
  readonly fps: number
  /** How many join from this process, and how many the session waits for. */
  readonly count: number
  readonly instances: number
  readonly digestAt?: Tick
  /** The way of each, in each direction. */
  readonly ways?: readonly Pick<Way, 'base' | 'jitter'>[]
  /** A bare server that sends whatever it gets to all: the least that a way up and the ways down take. */
  readonly bare?: string
  readonly seed: number
  /** Takes its inputs in heaps, now and then: what costs a client does not matter, and there are many. */
  readonly isLazy?: boolean
}

export interface Emission {
  /** Mean of the gaps of each instance. */
  readonly gap_ms: number
  readonly payload_bytes: number
  readonly seed: number
}

/** A message over the bare server: when it left, and where its source stood. */
export interface Probe {
  readonly id: number
  readonly at: number
  readonly open: Tick
  readonly position: Micros
}

export interface Findings {
  readonly events: readonly { readonly at: number; readonly latency: Tick }[]
  readonly unstamped: number
  readonly probes: readonly Probe[]
  /** When each probe had come to all that listen in this process. */
  readonly heard: readonly (readonly [id: number, at: number])[]
  readonly ticks: number
  readonly frozen: number
  readonly grants: number
  readonly lateGrants: number
  /** Microseconds by which grants led their ticks, summed. */
  readonly leadSum: number
  readonly digests: readonly (string | undefined)[]
  readonly ended: readonly string[]
}

const PROBE_BYTES = 100
const players: Player[] = []
const probers: { readonly player: Player; readonly ws: WebSocket }[] = []
const emitting: Emitting[] = []
const probes: Probe[] = []
const transits: { readonly up: Transit; readonly down: Transit }[] = []
const heard = new Map<number, number>()

const listenBare = (url: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { perMessageDeflate: false })
    ws.on('message', (data) => {
      const bytes = data as Buffer
      heard.set(bytes.readDoubleLE(0), sharedNow())
    })
    ws.on('open', () => resolve(ws))
    ws.on('error', reject)
  })

const join = async (joining: Joining): Promise<void> => {
  const { url, fps, count, instances, digestAt, ways, bare, seed, isLazy = false } = joining
  const random = new Random(seed)
  const joined = Array.from({ length: count }, async (_, i) => {
    const way = ways?.[i]
    const impairment = way && new Impairment(random.fork(i), { ...way, loss: 0 })
    const [up, down] = [new Transit(), new Transit()]
    const around = impairment && timed((inner) => impairment.around(inner), up, down)
    if (impairment !== undefined) transits.push({ up, down })
    const player = await Player.join(url, { fps, instances, digestAt, around, isLazy })
    players.push(player)
    if (bare !== undefined) probers.push({ player, ws: await listenBare(bare) })
  })
  await Promise.all(joined)
}

const probe = ({ player, ws }: (typeof probers)[number]): void => {
  const { seat } = player
  const id = process.pid * 1e6 + probes.length
  const at = sharedNow()
  probes.push({ id, at, open: seat.instance.local + 1, position: seat.instance.position(seat.now()) })
  const bytes = Buffer.alloc(PROBE_BYTES)
  bytes.writeDoubleLE(id, 0)
  ws.send(bytes)
}

answers({
  join,
  /** Whether all of them run. */
  running: () => players.every(({ seat }) => seat.instance.phase === 'running' && seat.instance.local >= 0),
  emit: ({ gap_ms, payload_bytes, seed }: Emission) => {
    const payload = new Uint8Array(payload_bytes).fill(7)
    players.forEach((player, i) => {
      emitting.push(new Emitting(seed, i, gap_ms, () => player.emit(sharedNow(), payload)))
    })
    probers.forEach((prober, i) => {
      emitting.push(new Emitting(seed, 1e6 + i, gap_ms, () => probe(prober)))
    })
    for (const each of emitting) each.start()
  },
  stop: () => {
    for (const each of emitting.splice(0)) each.stop()
  },
  /** What the ways really were, in the order in which instances joined. */
  ways: () => transits.map(({ up, down }) => ({ up: up.way, down: down.way })),
  local: () => Math.min(...players.map(({ seat }) => seat.instance.local)),
  find: (): Findings => {
    const instances = players.map(({ seat }) => seat.instance)
    const sum = (of: (player: Player) => number): number => players.reduce((all, each) => all + of(each), 0)
    return {
      events: players.flatMap(({ emitted }) =>
        emitted.flatMap(({ at, open, stamp }) =>
          stamp === undefined ? [] : [{ at, latency: stamp - open }],
        ),
      ),
      unstamped: sum(({ emitted }) => emitted.filter(({ stamp }) => stamp === undefined).length),
      probes,
      heard: [...heard],
      ticks: instances.reduce((all, { local }) => all + local + 1, 0),
      frozen: instances.reduce((all, { stats }) => all + stats.frozenTicks, 0),
      grants: sum(({ grants }) => grants),
      lateGrants: sum(({ lateGrants }) => lateGrants),
      leadSum: sum(({ leadSum }) => leadSum),
      digests: players.map(({ digest }) => digest),
      ended: players.flatMap(({ ended }) => (ended === undefined ? [] : [ended])),
    }
  },
  leave: () => {
    for (const { seat } of players) seat.leave()
    for (const { ws } of probers) ws.terminate()
  },
})
