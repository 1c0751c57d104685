import { app } from '../../../src/app/app.ts'
import { event } from '../../../src/app/event.ts'
import { DRIVEN } from '../../../src/app/link.ts'
import { loop } from '../../../src/app/loop.ts'
import type { SourceLink } from '../../../src/app/source-link.ts'
import { type ConnectOptions, connectBy } from '../../../src/client/connect.ts'
import { Random } from '../../../src/core/random.ts'
import type { Tick } from '../../../src/core/timeline/tick.ts'
import { dial } from '../../../src/transport/dial.ts'
import { Impairment, type Way } from '../../../src/transport/impaired.ts'
import type { Dial } from '../../../src/transport/transport.ts'
import { answers } from './child.ts'

/** Players with a game of their own, who press keys over a way that takes its time. */
const FPS = 60

const game = app({
  id: 'players@1',
  fps: FPS,
  events: { shoot: event<number>(1) },
  input: { neutral: 0 },
  start: () => ({ at: new Map<number, number>(), shots: [] as { by: number; n: number; tick: number }[] }),
  on: {
    shoot(s, e, t) {
      s.shots.push({ by: e.player.id, n: e.payload, tick: t.tick })
      if (s.shots.length > 16) s.shots.shift()
    },
  },
  tick(s, t) {
    for (const { id } of t.players) s.at.set(id, ((s.at.get(id) ?? 0) * 31 + t.input(id)) | 0)
  },
})
type Game = SourceLink<ReturnType<typeof game.start>, typeof game.events, number>

export interface Playing {
  readonly url: string
  readonly players: number
  readonly predict: boolean
  readonly way: Pick<Way, 'base' | 'jitter'>
  readonly seed: number
}

/** What one of them has seen. */
export interface Played {
  /** From the tick that was due at a shot to the one that shows it, and from the key to the picture. */
  readonly ticks: readonly Tick[]
  readonly ms: readonly number[]
  readonly depths: readonly Tick[]
  readonly stats: Readonly<Record<string, number>>
  /** Where it left, and the state there. */
  readonly end: readonly [tick: Tick, digest: number]
  readonly phase: string
}

interface Player {
  readonly link: Game
  readonly ticks: Tick[]
  readonly ms: number[]
  readonly depths: Tick[]
  press(ms: number): Promise<void>
}

let all: Player[] = []
/** One that does not predict and presses nothing: the state after each tick, as everybody must have it. */
const digests = new Map<Tick, number>()
let watcher: Game | undefined

const slow = (impairment: Impairment): Dial => {
  return async (to, how) => {
    const dialled = await dial(to, how)
    return dialled.ok ? { ok: true, value: impairment.around(dialled.value) } : dialled
  }
}

const join = async ({ url, predict, way, seed, players }: Playing, i: number): Promise<Player> => {
  const random = new Random(seed, i)
  const options: ConnectOptions = { predict, instances: players + 1 }
  const dialled = slow(new Impairment(random.fork(1), way))
  const link = (await connectBy(dialled)(url, game, options)) as unknown as Game
  const player = { link, ticks: [] as Tick[], ms: [] as number[], depths: [] as Tick[] }
  const open = new Map<number, { readonly tick: Tick; readonly at: number }>()
  let key = 0
  let n = 0
  link.on('rollback', ({ tick, top }) => player.depths.push(top - tick + 1))
  loop(link, {
    input: () => key,
    render: (s) => {
      for (const { by, n: shot, tick } of s.shots) {
        const from = by === link.me ? open.get(shot) : undefined
        if (from === undefined) continue
        open.delete(shot)
        player.ticks.push(tick - from.tick)
        player.ms.push(performance.now() - from.at)
      }
    },
  })
  const press = async (ms: number): Promise<void> => {
    const until = performance.now() + ms
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, random.between(60, 300)))
      if (random.chance(0.5)) key = random.below(5)
      else {
        // By the tick that is due: on a busy machine the frame that runs it may be late.
        open.set(n, { tick: link.runner.tick + link[DRIVEN].due(), at: performance.now() })
        link.emit('shoot', n++)
      }
    }
  }
  return { ...player, press }
}

const watch = async ({ url, players }: Playing): Promise<Game> => {
  const link = (await connectBy(dial)(url, game, { instances: players + 1 })) as unknown as Game
  // A tick at a time, so that there is a state of each.
  const driven = link[DRIVEN]
  setInterval(() => {
    while (driven.run()) digests.set(link.runner.tick, link.runner.digest())
  }, 5)
  return link
}

answers({
  join: async (playing: Playing) => {
    const joins = Array.from({ length: playing.players }, (_, i) => join(playing, i))
    const watching = watch(playing)
    all = await Promise.all(joins)
    watcher = await watching
  },
  ready: () => all.every(({ link }) => link.players.length === all.length + 1 && link.stats().tick > 2 * FPS),
  press: (ms: number) => Promise.all(all.map(({ press }) => press(ms))).then(() => undefined),
  find: async () => {
    const played: Played[] = all.map(({ link, ticks, ms, depths }) => {
      const { phase } = link.status
      link.leave()
      return { ticks, ms, depths, phase, stats: link.stats(), end: [link.runner.tick, link.runner.digest()] }
    })
    const last = Math.max(...played.map(({ end: [tick] }) => tick))
    while ((watcher?.stats().tick ?? last) < last) await new Promise((resolve) => setTimeout(resolve, 10))
    return { played, agreed: played.every(({ end: [tick, digest] }) => digests.get(tick) === digest) }
  },
})
