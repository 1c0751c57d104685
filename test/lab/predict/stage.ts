import { app } from '../../../src/app/app.ts'
import { event } from '../../../src/app/event.ts'
import { DRIVEN } from '../../../src/app/link.ts'
import { PredictingLink } from '../../../src/app/predicting-link.ts'
import { Runner } from '../../../src/app/runner.ts'
import { PredictedSource } from '../../../src/client/predicted-source.ts'
import type { Seat } from '../../../src/client/seat.ts'
import type { RefusalCode } from '../../../src/core/errors.ts'
import { LIMITS, type Limits } from '../../../src/core/limits.ts'
import { Random } from '../../../src/core/random.ts'
import { Instance } from '../../../src/core/session/instance.ts'
import { PredictingInstance } from '../../../src/core/session/predicting.ts'
import { type Discipline, Sequencer } from '../../../src/core/session/sequencer.ts'
import { type Input, TICK } from '../../../src/core/timeline/event.ts'
import { MILLISECOND, type Micros, SECOND, type Tick } from '../../../src/core/timeline/tick.ts'
import type { InstanceNode } from '../../../src/lab/node.ts'
import type { Way } from '../../../src/lab/path.ts'
import { World } from '../../../src/lab/world.ts'

export const FPS = 60

/** Who holds what moves; who shoots is heard once. */
export const arena = app({
  id: 'predict@1',
  fps: FPS,
  events: { shoot: event<number>(1), bad: event(2), over: event(3) },
  input: { neutral: 0 },
  start: () => ({ at: {} as Record<string, number>, shots: [] as [number, number, number][], chance: 0 }),
  on: {
    join: (s, e) => void Object.assign(s.at, { [`p${e.player.id}`]: 0 }),
    shoot(s, e, t) {
      s.shots.push([t.tick, e.player.id, e.payload])
      if (s.shots.length > 20) s.shots.shift()
      s.chance += t.random()
      t.effect('bang', [e.player.id, e.payload])
    },
    bad() {
      throw new Error('no')
    },
    over: (_s, _e, t) => t.end('over'),
  },
  tick(s, t) {
    for (const p of t.players) s.at[`p${p.id}`] = ((s.at[`p${p.id}`] ?? 0) * 31 + t.input(p)) | 0
  },
})

/** A seat in the lab: what a driver of an instance does on a real connection. */
const seatOf = (world: World, node: InstanceNode): Seat =>
  ({
    instance: node.machine,
    now: () => node.clock.local(world.now),
    // What is certain is handed over by the world itself.
    take: () => undefined,
    emit: (id: number, payload?: Uint8Array) => world.emit(node, id, payload) ?? ('lost' as RefusalCode),
    ask: (what: 'pause' | 'resume' | 'end', data?: Uint8Array) => world.ask(node, what, data),
    leave: () => world.leave(node),
    lookAgain: () => {},
  }) as unknown as Seat

/** One who predicts, with frames of its own. */
export class Player {
  readonly link: PredictingLink<ReturnType<typeof arena.start>, typeof arena.events, number>
  readonly source = new PredictedSource(FPS)
  readonly node: InstanceNode
  readonly effects: string[] = []
  /** How far each rollback went. */
  readonly depths: Tick[] = []
  /** How many ticks were run again in each frame. */
  readonly perFrame: number[] = []
  key = 0
  onFrame: (() => void) | undefined
  private top: Tick = -1
  private readonly world: World

  constructor(world: World, node: InstanceNode, budget = 64) {
    this.world = world
    this.node = node
    this.source.sit(seatOf(world, node))
    this.link = new PredictingLink(arena, this.source, { budget, seed: 1 })
    this.link.on('rollback', ({ tick, top }) => this.depths.push(top - tick + 1))
  }

  /** Frames at 60 a second, from a moment on. */
  frames(from: Micros, until: Micros): void {
    for (let at = from; at < until; at += Math.round(SECOND / FPS)) this.world.at(at, () => this.frame())
  }

  frame(): void {
    const driven = this.link[DRIVEN]
    this.source.stirred()
    if (driven.due() > 0) driven.hold(this.key)
    const before = this.link.stats()
    while (driven.run());
    const after = this.link.stats()
    const fresh = Math.max(0, after.tick - Math.max(this.top, before.tick))
    this.top = Math.max(this.top, after.tick)
    this.perFrame.push((after.ticksRun as number) - (before.ticksRun as number) - fresh)
    this.onFrame?.()
    for (const { data } of driven.takeEffects()) this.effects.push(JSON.stringify(data))
  }
}

export interface StageOptions {
  readonly seed?: number
  readonly way?: Way
  readonly discipline?: Discipline
  readonly players?: number
  readonly until?: Micros
  readonly budget?: number
  /** Ticks ahead at most. */
  readonly ahead?: Micros
  readonly lateness?: Micros
  /** When the last of them comes, if not at the start. */
  readonly late?: Micros
  /** Of the sequencer, and of those who predict. */
  readonly limits?: Partial<Limits>
  readonly held?: Partial<Limits>
}

/** A way of 50 ms in the mean, there and back 100 ms, the jitter of both 10 ms. */
export const WAY: Way = { base: 45 * MILLISECOND, jitter: 5 * MILLISECOND }

/** Players who predict, and one who does not, in one session. */
export const stage = (options: StageOptions = {}) => {
  const { seed = 1, way = WAY, discipline = 'horizon', players = 4, until = 30 * SECOND } = options
  const { budget, ahead = 300 * MILLISECOND, lateness = 500, late, limits, held } = options
  const given = { fps: FPS, app: arena.id }
  const instances = players + (late === undefined ? 1 : 0)
  const own = { limits: { ...LIMITS, ...limits } }
  const sequencer = new Sequencer({ epoch: 1, instances, ...given, discipline, ...own })
  const world = new World({ seed, fps: FPS, sequencer, lateness })
  const plain = world.add({ instance: (link) => new Instance({ ...given, link }), up: way })
  const nodes = Array.from({ length: players }, (_, i) =>
    world.add({
      instance: (link) => new PredictingInstance({ ...given, link, ahead, limits: { ...LIMITS, ...held } }),
      up: way,
      at: late !== undefined && i === players - 1 ? late : i * 7 * MILLISECOND,
    }),
  )
  const all = nodes.map((node) => new Player(world, node, budget))
  world.hearing.instance = (node, happening) =>
    all.find((player) => player.node === node)?.source.happened(happening)
  // The state that everybody must come to, and its fingerprint at each tick.
  const lockstep = new Runner(arena, { seed: 1 })
  const digests = new Map<Tick, number>()
  world.hearing.input = (node: InstanceNode, input: Input) => {
    if (node !== plain) return
    lockstep.take({ ...input })
    if (input.id === TICK) digests.set(input.tick, lockstep.digest())
  }
  all.forEach((player, i) => {
    player.frames(SECOND / 2 + i * 3_701, until)
  })
  const seen: Seen[] = []
  return { world, plain, players: all, lockstep, digests, random: new Random(seed, 77), seen, shots: 0 }
}

/** How long it took from the key to the picture. */
interface Seen {
  readonly ticks: Tick
  readonly micros: Micros
}
export type Stage = ReturnType<typeof stage>

/** Everybody presses keys, each a few times a second and between any two frames. */
export const press = (stage: Stage, from: Micros, until: Micros): void => {
  const { world, players, random } = stage
  for (const player of players)
    for (let at = from; at < until; at += Math.round(random.between(0.05, 0.4) * SECOND))
      world.at(at, () => {
        if (player.link.players.every(({ id }) => id !== player.link.me)) return
        if (random.chance(0.5)) player.key = random.below(5)
        else shoot(stage, player)
      })
}

/** A shot, and when it is seen. */
const shoot = (stage: Stage, player: Player): void => {
  const { link } = player
  const n = stage.shots++
  const from = { at: stage.world.now, tick: link.runner.tick }
  link.emit('shoot', n)
  const frame = player.onFrame
  player.onFrame = () => {
    frame?.()
    const shot = link.state.shots.find(([, , payload]) => payload === n)
    if (shot === undefined) return
    player.onFrame = frame
    stage.seen.push({ ticks: shot[0] - from.tick, micros: stage.world.now - from.at })
  }
}
