import { LIMITS } from '../../core/limits.ts'
import { Random } from '../../core/random.ts'
import { Instance } from '../../core/session/instance.ts'
import { Sequencer } from '../../core/session/sequencer.ts'
import { type Micros, NEVER, SECOND } from '../../core/timeline/tick.ts'
import type { Findings } from '../checks.ts'
import { Clock } from '../clock.ts'
import { LIES, Liar } from '../liar.ts'
import type { Way } from '../network.ts'
import type { InstanceNode, Node } from '../node.ts'
import { World } from '../world.ts'
import { type Deed, type Emits, liarsOf, type Rate, type Story } from './story.ts'

export interface PlayOptions {
  /** As a world's: inputs are given when they are due. */
  readonly eager?: boolean
  /** Where the transcript goes, line by line. */
  readonly line?: (line: string) => void
}

export interface Played {
  readonly findings: Findings
  /** Of all that was said and all that applications were given: equal for equal runs. */
  readonly digest: string
  /** How long the run was, in virtual time. */
  readonly length: Micros
}

const APP = 'story@1'
const MOST_IDS = 3
/** After the deeds, so much beyond the time after which the silent are given up. */
const RECOVERY: Micros = 4 * SECOND

/** Let a story happen, with all checks on. */
export const play = (story: Story, options: PlayOptions = {}): Played => {
  const { world, nodes } = stage(story, options)
  for (const deed of story.deeds) schedule(world, nodes, deed)
  const last = rollCall(world, nodes, story)
  world.run(last)
  const findings = world.finish()
  const fingerprints = [world.digest, ...nodes.map((node) => node.inputs.value)]
  return { findings, digest: fingerprints.map((value) => value.toString(36)).join('-'), length: last }
}

const stage = (story: Story, { eager = false, line }: PlayOptions) => {
  const { seed, session, lateness } = story
  const { fps, size, limits: shrunk, ...rest } = session
  const limits = { ...LIMITS, ...shrunk }
  const sequencer = new Sequencer({ epoch: seed >>> 0, fps, app: APP, instances: size, limits, ...rest })
  const clock = new Clock(story.clock.offset, story.clock.ppm)
  const world = new World({ seed, fps, sequencer, clock, lateness, eager })
  if (line !== undefined) world.trace(line)
  const liars = liarsOf(story)
  const nodes = story.members.map(({ at, up, down, clock, datagrams }, i) => {
    const honest = !liars.has(i + 1)
    const Kind = honest ? Instance : Liar
    return world.add({
      instance: (link) => new Kind({ fps, app: APP, link, instances: size, limits }),
      up,
      down,
      clock: new Clock(clock.offset, clock.ppm),
      at: at ?? NEVER,
      datagrams,
      honest,
    })
  })
  return { world, nodes }
}

const schedule = (world: World, nodes: readonly InstanceNode[], deed: Deed): void => {
  if (deed.kind === 'emits') return emits(world, nodes, deed)
  world.at(deed.at, () => happen(world, nodes, deed))
}

const happen = (world: World, nodes: readonly InstanceNode[], deed: Exclude<Deed, Emits>): void => {
  const instance = nodes[deed.who - 1]
  const node: Node = instance ?? world.sequencer
  if (deed.kind === 'pause') return world.pause(node, deed.at + deed.lasts, deed.first)
  if (deed.kind === 'step') return world.stepClock(node, deed.by)
  if (deed.kind === 'rate') return rate(world, node, deed)
  if (instance === undefined) return
  switch (deed.kind) {
    case 'ask':
      world.ask(instance, deed.what)
      return
    case 'leave':
      return world.leave(instance)
    case 'kill':
      return world.kill(instance, deed.heardAfter ?? NEVER)
    case 'cut':
      return world.cut(instance, deed.at + deed.lasts, deed.which)
    case 'disconnect':
      return world.disconnect(instance, deed.instanceAfter ?? NEVER, deed.sequencerAfter ?? NEVER)
    case 'lie':
      return lie(world, instance, deed.what, deed.lasts)
  }
}

const rate = (world: World, node: Node, { ppm, lasts }: Rate): void => {
  const own = node.clock.ppm
  world.setRate(node, ppm)
  world.at(world.now + lasts, () => world.setRate(node, own))
}

const lie = (world: World, { machine }: InstanceNode, what: string, lasts: Micros | null): void => {
  const liar = machine as Liar
  liar.lies = LIES[what] ?? {}
  if (lasts === null) return
  world.at(world.now + lasts, () => {
    liar.lies = {}
  })
}

/** One emits again and again, once in each gap. */
const emits = (world: World, nodes: readonly InstanceNode[], deed: Emits): void => {
  const node = nodes[deed.who - 1]
  if (node === undefined) return
  const random = new Random(deed.seed)
  const next = (i: number): void => {
    if (i >= deed.count) return
    world.at(deed.at + Math.round(deed.gap * (i + random.unit())), () => {
      const payload = new Uint8Array(random.below(deed.bytesMax + 1))
      for (let b = 0; b < Math.min(4, payload.length); b++) payload[b] = random.below(256)
      world.emit(node, 1 + random.below(MOST_IDS), payload)
      next(i + 1)
    })
  }
  next(0)
}

/** When all deeds are done and the lost are given up, everybody who is left emits once more, and all get it. */
const rollCall = (world: World, nodes: readonly InstanceNode[], story: Story): Micros => {
  const silence = story.session.limits.silence_max ?? LIMITS.silence_max
  const settled = RECOVERY + 2 * Math.max(...story.members.flatMap(({ up, down }) => [longest(up), longest(down)]))
  const at = story.length + silence + settled
  for (const node of nodes) world.at(at, () => world.emit(node, MOST_IDS + 1))
  return at + settled
}

/** What hardly anything on its way takes longer than. */
const longest = ({ base, jitter, loss = 0, burst }: Way): Micros => {
  const losses = loss === 0 ? 0 : 4 * (burst?.mean ?? 1)
  return base + 10 * jitter + losses * (2 * base + 4 * jitter)
}
