import type { Discipline } from '../../src/core/session/options.ts'
import { Child, type Counted, sleep } from './live/child.ts'
import { type Figure, inPairs, type Live, type LiveOptions, medians } from './live/figure.ts'

/**
 * Processor time of a server with 50 instances, 100-byte payloads, 200 events a second in all, at 25 FPS, each
 * server in a process of its own and measured there. The floor does nothing but send and receive: in horizon it
 * sends every event to everybody as it comes; in gals it proposes it, hears all answers, and then sends it.
 */
const INSTANCES = 50
const EVENTS_A_SECOND = 200
const PAYLOAD_BYTES = 100
const FPS = 25
const EMISSION = { gap_ms: (1_000 * INSTANCES) / EVENTS_A_SECOND, payload_bytes: PAYLOAD_BYTES, seed: 1 }
const WINDOW_MS = 4_000
const WARM_MS = 1_000
/** A heartbeat of a session in which something happens. */
const BEAT_MS = 250
const ACK_MS = 40
/** Rounds end with the last answer. So patient, none is cut short on a machine that does other things as well. */
const PATIENT = { k: 2, margin: 4_000 }
/** Microseconds of Croquet's reflector for each delivery, measured on a machine like this one. */
const REFLECTOR = 10.5

interface Lane {
  readonly server: Child
  readonly load: Child
}

/** Microseconds for each of what is counted, while the load goes on. */
const measured =
  ({ server, load }: Lane, per: 'events' | 'messages', scale: number) =>
  async (): Promise<number> => {
    await load.ask('emit', EMISSION)
    await sleep(WARM_MS)
    const before = await server.ask<Counted>('counted')
    await sleep(WINDOW_MS * scale)
    const after = await server.ask<Counted>('counted')
    await load.ask('stop')
    await sleep(WARM_MS / 4)
    return (after.used - before.used) / (after[per] - before[per])
  }

const ours = async (scheme: 'ws' | 'udp', discipline: Discipline): Promise<Lane> => {
  const server = new Child('server.ts')
  const load = new Child('instances.ts')
  const addresses = await server.ask<string[]>('open', { [scheme]: 0, discipline, ...PATIENT })
  const url = `${addresses.find((address) => address.startsWith(scheme))}/bench`
  await load.ask('join', { url, fps: FPS, count: INSTANCES, instances: INSTANCES, seed: 1 })
  while (!(await load.ask<boolean>('running'))) await sleep(50)
  return { server, load }
}

const bare = async (scheme: 'ws' | 'udp', discipline: Discipline): Promise<Lane> => {
  const server = new Child(scheme === 'ws' ? 'bare-ws-server.ts' : 'bare-udp-server.ts')
  const load = new Child('bare-clients.ts')
  const isRounds = discipline === 'gals'
  const kind = isRounds ? 'rounds' : 'broadcast'
  const [url] = await server.ask<string[]>('open', { kind, beat_ms: isRounds ? BEAT_MS : 0 })
  const pulse_ms = isRounds ? BEAT_MS : 0
  await load.ask('join', { url, count: INSTANCES, pulse_ms, answers: isRounds, ack_ms: ACK_MS })
  return { server, load }
}

const compared = async (
  scheme: 'ws' | 'udp',
  discipline: Discipline,
  most: number,
  { pairs, scale, say }: LiveOptions,
): Promise<Figure> => {
  const name = `${scheme === 'ws' ? 'WebSocket' : 'UDP'}, ${discipline}`
  say(`processor time: ${name}`)
  const lanes = [await ours(scheme, discipline), await bare(scheme, discipline)] as const
  // A busy machine runs fewer rounds, on either side: in gals it counts what each message costs.
  const per = discipline === 'gals' ? 'messages' : 'events'
  // What is not counted: engines compile what is hot.
  for (const lane of lanes) await measured(lane, per, scale)()
  const both = await inPairs(pairs, measured(lanes[0], per, scale), measured(lanes[1], per, scale))
  const { figure, floor, ratio } = medians(both)
  for (const { server, load } of lanes) {
    await load.end()
    await server.end()
  }
  return {
    what: `processor time of the server, ${INSTANCES} instances over ${name}`,
    unit: per === 'events' ? 'µs an event' : 'µs a message',
    figure,
    floor,
    floorIs:
      per === 'events' ? 'a bare loop that sends each event to all' : 'a bare loop of the same messages',
    ratio,
    must: `at most ${most} times its floor`,
    reached: ratio <= most,
    pairs: both,
    ...(per === 'events'
      ? {
          note: `${(figure / INSTANCES).toFixed(2)} µs a delivery; Croquet's reflector takes ${REFLECTOR}`,
        }
      : {}),
  }
}

const live: Live = async (options) => [
  await compared('ws', 'horizon', 1, options),
  await compared('ws', 'gals', 1.5, options),
  await compared('udp', 'horizon', 1.5, options),
  await compared('udp', 'gals', 1.5, options),
]

export default live
