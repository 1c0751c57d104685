import { Child, type Counted, sleep } from './live/child.ts'
import { inPairs, type Live, medians } from './live/figure.ts'

/**
 * 500 sessions of 2 instances in which nothing happens: their heartbeats and leases, a message a second each way
 * and instance. The floor sends and gets as many messages over as many connections, swept on one timer.
 */
const SESSIONS = 500
const INSTANCES = 2
const FPS = 25
const BEAT_MS = 1_000
const WINDOW_MS = 8_000
/** Sessions are idle so long after their start. */
const QUIET_MS = 8_000
/** Connections that are opened at a time. */
const AT_ONCE = 50
const REFLECTOR = 24

const live: Live = async ({ pairs, scale, say }) => {
  say('idle sessions')
  const server = new Child('server.ts')
  const load = new Child('instances.ts')
  const [url] = await server.ask<string[]>('open', { ws: 0 })
  for (let i = 0; i < SESSIONS; i += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) =>
        load.ask('join', {
          url: `${url}/${i + n}`,
          fps: FPS,
          count: INSTANCES,
          instances: INSTANCES,
          seed: 1,
          isLazy: true,
        }),
      ),
    )
  const bare = new Child('bare-ws-server.ts')
  const bareLoad = new Child('bare-clients.ts')
  const [bareUrl] = await bare.ask<string[]>('open', { kind: 'beats', beat_ms: BEAT_MS })
  const count = SESSIONS * INSTANCES
  await bareLoad.ask('join', { url: bareUrl, count, pulse_ms: BEAT_MS, answers: false, ack_ms: 0 })
  await sleep(QUIET_MS)

  let a_second = 0
  /** Percent of a core. */
  const measured = (of: Child) => async (): Promise<number> => {
    const from = performance.now()
    const before = await of.ask<Counted>('counted')
    await sleep(WINDOW_MS * scale)
    const after = await of.ask<Counted>('counted')
    const lasted = performance.now() - from
    if (of === server) a_second = ((after.messages - before.messages) * 1_000) / lasted
    return (after.used - before.used) / lasted / 10
  }
  const both = await inPairs(pairs, measured(server), measured(bare))
  for (const child of [load, bareLoad, server, bare]) await child.end()
  const { figure, floor, ratio } = medians(both)
  return [
    {
      what: `${SESSIONS} idle sessions of ${INSTANCES} instances`,
      unit: '% of a core',
      figure,
      floor,
      floorIs: 'the same traffic bare, swept on one timer',
      ratio,
      must: 'at most 1.5 times its floor, and 4 % of a core',
      reached: ratio <= 1.5 && figure <= 4,
      pairs: both,
      note: `${a_second.toFixed(0)} messages a second both ways; Croquet's reflector takes ${REFLECTOR} %`,
    },
  ]
}

export default live
