import { LIMITS } from '../../core/limits.ts'
import { Random } from '../../core/random.ts'
import { Instance, type InstanceOptions } from '../../core/session/instance.ts'
import { PredictingInstance } from '../../core/session/predicting.ts'
import { Sequencer } from '../../core/session/sequencer.ts'
import { type Micros, NEVER, SECOND } from '../../core/timeline/tick.ts'
import { CHANNEL_LIMITS } from '../../core/wire/limits.ts'
import type { Findings } from '../checks.ts'
import { Clock } from '../clock.ts'
import { LIES, Liar } from '../liar.ts'
import type { InstanceNode, Node } from '../node.ts'
import type { Tape } from '../tape.ts'
import { World } from '../world.ts'
import { rollCall, type Stage } from './ending.ts'
import { States } from './states.ts'
import {
  type Deed,
  type DeedOfAny,
  type DeedOfMember,
  type Emits,
  liarsOf,
  type Rate,
  type Story,
  type Who,
} from './story.ts'
import { DAMAGES, DISORDERS, faultOf, lastingOf, Table, TOLD } from './table.ts'

export interface PlayOptions {
  /** As a world's: whether inputs are given when they are due, and whether anything is checked. */
  readonly eager?: boolean
  readonly checks?: boolean
  /** Where the transcript goes, line by line. */
  readonly line?: (line: string) => void
  /** Where all is written down, for a drawing. */
  readonly tape?: Tape
}

export interface Played {
  readonly findings: Findings
  /** Of all that was said and all that applications were given: equal for equal runs. */
  readonly digest: string
  /** How long the run was, in virtual time. */
  readonly length: Micros
  /** What befell the session in which state. */
  readonly table: Table
  /** Nobody ran a tick, or nothing that was emitted found its place: such a run says little. */
  readonly empty: boolean
}

const APP = 'story@1'
const MOST_IDS = 3
/** How far ahead one that predicts may run: mostly far enough. */
const AHEAD: Micros = SECOND / 2

/** Let a story happen, with all checks on unless told otherwise. */
export const play = (story: Story, options: PlayOptions = {}): Played => {
  const { world, nodes } = stage(story, options)
  const scene: Scene = { world, nodes, story, states: new States(world), table: new Table() }
  for (const deed of story.deeds) schedule(scene, deed)
  notes(scene)
  rollCall(scene, MOST_IDS + 1)
  const findings = world.finish()
  const fingerprints = [world.digest, ...nodes.map((node) => node.inputs.value)]
  const { ticks, events } = findings.coverage
  return {
    findings,
    digest: fingerprints.map((value) => value.toString(36)).join('-'),
    length: world.now,
    table: scene.table,
    empty: ticks === 0 || events === 0,
  }
}

interface Scene extends Stage {
  readonly states: States
  readonly table: Table
}

/** What befalls a node, by the table's name for it, and what is going on when it does. */
const note = ({ states, table }: Scene, fault: string, node: InstanceNode | undefined): void => {
  if (node !== undefined && !states.isThere(node)) return
  table.note(fault, states.session())
  if (node !== undefined) table.note(fault, states.instance(node))
}

/**
 * What is wrong all along, lies too, is counted once every second; who comes again, in its first second; damage and
 * disorder, when something is sent that they befall.
 */
const notes = (scene: Scene): void => {
  const { world, nodes, story } = scene
  for (const node of nodes)
    for (const { path } of [node.up, node.down]) {
      path.onDamage = (how, by) => note(scene, DAMAGES[by][how], node)
      path.onDisorder = (what) => note(scene, DISORDERS[what], node)
    }
  const lasting = nodes.map(
    (node, i) => [node, lastingOf(story, i).filter((fault) => !TOLD.has(fault))] as const,
  )
  const lies = story.deeds.filter((deed) => deed.kind === 'lie')
  const look = (): void => {
    for (const [node, faults] of lasting) for (const fault of faults) note(scene, fault, node)
    for (const lie of lies)
      if (lie.at < world.now && world.now < lie.at + (lie.lasts ?? NEVER))
        note(scene, faultOf(lie) as string, nodes[lie.who - 1])
    if (world.now < story.length) world.at(world.now + SECOND, look)
  }
  world.at(SECOND / 2, look)
  story.members.forEach(({ at, after }, i) => {
    if (at === null || after === undefined) return
    const killed = story.deeds.some(({ kind, who }) => kind === 'kill' && who === after)
    world.at(at, () => scene.table.note(killed ? 'restart' : 'comes again', scene.states.session()))
    for (const later of [0.1, 0.4, 1])
      world.at(at + later * SECOND, () => note(scene, killed ? 'restart' : 'comes again', nodes[i]))
  })
}

const stage = (story: Story, { eager = false, checks = true, line, tape }: PlayOptions) => {
  const { seed, session, lateness } = story
  const { fps, size, limits: shrunk, channel, ...rest } = session
  const limits = { ...LIMITS, ...shrunk }
  const sequencer = new Sequencer({ epoch: seed >>> 0, fps, app: APP, instances: size, limits, ...rest })
  const clock = new Clock(story.clock.offset, story.clock.ppm)
  // Where a round takes but a few events, much waits for its turn.
  const delays = shrunk.sync_events_max === undefined
  const world = new World({
    seed,
    fps,
    sequencer,
    clock,
    lateness,
    eager,
    checks,
    delays,
    rttMax: limits.rtt_max,
    silenceMax: limits.silence_max,
    fastest: session.reference === 'fastest',
    channelLimits: { ...CHANNEL_LIMITS, ...channel },
  })
  if (line !== undefined) world.trace(line)
  if (tape !== undefined) world.record(tape)
  const liars = liarsOf(story)
  const nodes = story.members.map(({ at, up, down, clock, datagrams, predicts }, i) => {
    const honest = !liars.has(i + 1)
    const make = (given: InstanceOptions): Instance => {
      if (!honest) return new Liar(given)
      return predicts ? new PredictingInstance({ ...given, ahead: AHEAD }) : new Instance(given)
    }
    return world.add({
      instance: (link) => make({ fps, app: APP, link, instances: size, limits }),
      up,
      down,
      clock: new Clock(clock.offset, clock.ppm),
      at: at ?? NEVER,
      datagrams,
      honest,
      guesses: predicts === true,
    })
  })
  return { world, nodes }
}

const schedule = (scene: Scene, deed: Deed): void => {
  const { world, nodes } = scene
  const instance = nodes[deed.who - 1]
  const fault = faultOf(deed)
  if (fault !== undefined && !TOLD.has(fault)) world.at(deed.at, () => note(scene, fault, instance))
  if (deed.kind === 'emits') return emits(world, instance, deed)
  world.at(deed.at, () => {
    if (deed.kind === 'close') world.close()
    else if (isOfAny(deed)) happenToAny(scene, instance ?? world.sequencer, deed)
    else if (instance !== undefined) happen(world, instance, deed)
  })
}

const OF_ANY: ReadonlySet<Deed['kind']> = new Set(['pause', 'slow', 'step', 'rate'])

const isOfAny = (deed: Deed): deed is DeedOfAny => OF_ANY.has(deed.kind)

const happenToAny = ({ world, story }: Scene, node: Node, deed: DeedOfAny): void => {
  switch (deed.kind) {
    case 'pause':
      return world.pause(node, deed.at + deed.lasts, deed.first)
    case 'slow':
      return world.slow(node, deed.at + deed.lasts, deed.gap, deed.busy)
    case 'step':
      return world.stepClock(node, deed.by)
    case 'rate':
      return rate(world, story, node, deed)
  }
}

const happen = (world: World, node: InstanceNode, deed: DeedOfMember): void => {
  switch (deed.kind) {
    case 'ask':
      world.ask(node, deed.what)
      return
    case 'leave':
      return world.leave(node)
    case 'kill':
      return world.kill(node, deed.heardAfter ?? NEVER)
    case 'cut':
      return world.cut(node, deed.at + deed.lasts, deed.which)
    case 'clog':
      return world.clog(node, deed.at + deed.lasts, deed.which)
    case 'readdress':
      return world.readdress(node)
    case 'damage':
      return world.damage(node, deed.which, deed.how, deed.seed)
    case 'disconnect':
      return world.disconnect(node, deed.instanceAfter ?? NEVER, deed.sequencerAfter ?? NEVER)
    case 'lie':
      return lie(world, node, deed.what, deed.lasts)
  }
}

const rate = (world: World, story: Story, node: Node, { who, ppm, lasts }: Rate): void => {
  world.setRate(node, ppm)
  world.at(world.now + lasts, () => world.setRate(node, rateAt(story, who, world.now)))
}

/** Of several rates that hold at a moment the one counts that was set last; without any, the clock's own. */
const rateAt = ({ deeds, members, clock }: Story, who: Who, at: Micros): number => {
  let holds: Rate | undefined
  for (const deed of deeds) {
    if (deed.kind !== 'rate' || deed.who !== who || at < deed.at || at >= deed.at + deed.lasts) continue
    if (holds === undefined || deed.at >= holds.at) holds = deed
  }
  return holds?.ppm ?? (members[who - 1]?.clock ?? clock).ppm
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
const emits = (world: World, node: InstanceNode | undefined, deed: Emits): void => {
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
