import type { InvariantBroken, RefusalCode } from '../../core/errors.ts'
import type { InstanceHappening } from '../../core/session/instance.ts'
import type { SequencerHappening } from '../../core/session/sequencer.ts'
import { type Input, SEQUENCER, type StampedEvent } from '../../core/timeline/event.ts'
import { dueAt, type InstanceId, type Micros, NEVER, SECOND } from '../../core/timeline/tick.ts'
import { Checks, type Invariant } from '../checks.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode, Node } from '../node.ts'
import type { WorldOptions } from '../world.ts'
import { BEAT_MAX, isHarmed, LATE_MAX, LEASE, LOOK_EVERY, mostOf, PPM_MAX } from './bounds.ts'
import { Delays } from './delays.ts'
import { Positions } from './positions.ts'
import { ReferenceWatch } from './reference.ts'
import { Rounds } from './rounds.ts'
import { Samples, samplesLast } from './samples.ts'
import { Silence } from './silence.ts'
import { Standing } from './standing.ts'

/** Nobody is given up who was silent for less. */
const SILENCE_MIN: Micros = 2.5 * SECOND

/** Tells the checks what happens in a world, step by step and once every so often. */
export class Watch {
  readonly checks = new Checks()
  private readonly drive: Drive
  private readonly tick: Micros
  private readonly delays: Delays
  private readonly rounds: Rounds
  private readonly silence: Silence
  private readonly standing: Standing
  private readonly references: ReferenceWatch
  private readonly samples: Samples
  private readonly positions: Positions
  tripMax: Micros = 0
  private roundsCut = 0
  /** Where the reference was, less the sequencer's clock; it changes when the reference is put elsewhere. */
  private reference = Number.NaN
  /** Until when distances from the reference mean nothing. */
  astrayUntil: Micros = 0

  constructor(drive: Drive, options: WorldOptions) {
    const { fps, lateness = 0 } = options
    this.drive = drive
    this.tick = dueAt(1, fps)
    this.delays = new Delays(drive, this.checks.delays, options)
    const { rounds, timelines, health } = this.checks
    this.silence = new Silence(drive, health, options)
    this.standing = new Standing(drive, health, this, this.silence, options)
    const farthest = (): Micros => this.delays.farthest()
    this.rounds = new Rounds(drive, rounds, timelines, farthest, lateness, () => this.astrayUntil)
    this.references = new ReferenceWatch(drive, health, farthest, options)
    this.samples = new Samples(drive)
    this.positions = new Positions(drive, health, this.samples)
    this.lookLater()
  }

  added(node: InstanceNode): void {
    const trip = mostOf(node.up.path.way) + mostOf(node.down.path.way)
    this.tripMax = Math.max(this.tripMax, trip)
    this.delays.added(node)
    this.standing.deadlines.added(node)
  }

  /** The sequencer stands still until a moment. */
  sequencerStops(until: Micros): void {
    this.references.stops(until)
  }

  /** It is about to be stopped, or to be woken. */
  sequencerTurns(): void {
    this.silence.count()
  }

  /** Its clock is put elsewhere. */
  sequencerSteps(by: Micros): void {
    this.silence.steps(by)
    this.references.steps(this.astrayUntil > this.drive.now)
  }

  /** Until a moment the sequencer stands still again and again, and goes on between. */
  sequencerIsSlow(until: Micros): void {
    this.references.isSlow(until)
  }

  /** Nothing is stamped from now on, and nobody is told so of what still waits. */
  closes(): void {
    this.checks.timelines.closes()
  }

  /** Somebody is stopped or cut off for so long, or put elsewhere: a clock that jumped is found out later. */
  disturbed(lasts: Micros = 0): void {
    this.standing.lookAtAll()
    this.checks.delays.disturbed()
    if (this.astrayUntil > this.drive.now) this.astrayUntil += lasts
  }

  /** Somebody will be missed again and again. */
  badPartyCame(): void {
    this.checks.delays.badPartyCame()
  }

  // --- at every step

  emitted(node: InstanceNode, number: number): void {
    this.checks.timelines.emitted(node.id, number)
    this.delays.emitted(node, number)
  }

  input(node: InstanceNode, input: Input): void {
    if (node.honest) this.checks.timelines.input(this.drive.now, node.id, input)
  }

  /** P9, just before and just after an instance acts: between two acts it and the reference go on along lines. */
  passes(node: InstanceNode, local: Micros): void {
    // Asked while the sequencer acts, it may just have put the reference elsewhere.
    const astrayUntil = this.placed() === this.reference ? this.astrayUntil : NEVER
    this.positions.step(node, local, this.tripMax, astrayUntil)
  }

  /** P9, when the sequencer has acted: all that it does to a distance it does by putting the reference elsewhere. */
  sequencerActed(): void {
    this.silence.count()
    this.sequencerHolds()
    const placed = this.placed()
    if (placed === this.reference) return
    this.movedTo(placed)
    const clock = this.drive.sequencer.clock.local(this.drive.now)
    this.references.step(this.drive.sequencer.machine.reference(clock), clock)
  }

  /** All hear of it with the next beat, whose timer may be late. */
  private movedTo(placed: Micros): void {
    this.reference = placed
    const heardBy = this.drive.now + BEAT_MAX + LATE_MAX + this.tripMax
    this.astrayUntil = Math.max(this.astrayUntil, heardBy)
  }

  /** P7, when an instance has taken all that is due, before it acts. */
  pulled(node: InstanceNode, local: Micros): void {
    this.standing.pulled(node, local)
  }

  /** P3, P8 and P9, when an instance has acted: nobody else holds anything else by that. */
  acted(node: InstanceNode): void {
    this.ran(node)
    const local = node.clock.local(this.drive.now)
    this.holds(node, local)
    this.passes(node, local)
  }

  private holds({ id, machine, guesser, honest }: InstanceNode, local: Micros): void {
    // What it held when it ended itself is gone.
    if (id === 0 || !honest || machine.phase === 'ended') return
    const { now } = this.drive
    this.checks.health.holds(now, id, machine.sizes())
    if (guesser !== undefined && machine.phase === 'running')
      this.checks.health.holds(now, id, guesser.sizes(local))
  }

  private sequencerHolds(): void {
    this.checks.health.holds(this.drive.now, SEQUENCER, this.drive.sequencer.machine.sizes())
  }

  /** P3, whenever an instance has run or heard something. */
  ran({ id, machine, honest }: InstanceNode): void {
    if (id === 0 || !honest) return
    const promise = this.drive.sequencer.machine.promiseOf(id)
    this.checks.promises.runs(this.drive.now, id, machine.local, machine.limit, promise)
  }

  sequencerSays(happening: SequencerHappening): void {
    const { coverage } = this.checks.findings
    if (happening.kind === 'stamped') this.stamped(happening.event, happening.promise, happening.floor)
    else if (happening.kind === 'started') this.reference = this.placed()
    else if (happening.kind === 'distrusted') coverage.distrusted++
    else if (happening.kind === 'admitted') this.silence.admitted(happening.id, happening.link)
    else if (happening.kind === 'gone') {
      coverage.departures++
      this.silence.gone(happening.id, happening.why)
      this.partedWith(happening.id, happening.why)
    }
  }

  private partedWith(id: InstanceId, why: RefusalCode | undefined): void {
    const node = this.drive.instances.find((each) => each.id === id)
    const honest = node?.honest === true
    const { started } = this.drive.sequencer.machine
    this.checks.timelines.left(id, started && honest && why === undefined)
    if (started) this.checks.timelines.parted(this.drive.now, id)
    if (why !== undefined) this.disturbed()
    if (!honest || why === undefined || why === 'lost' || why === 'closing' || node.ended) return
    if (why === 'silent' ? this.speaks(node) : !node.dead) this.checks.health.givenUp(this.drive.now, id, why)
  }

  /** Whether a node was whole for so long that the other side must have heard of it. */
  speaks(node: Node): boolean {
    const { now } = this.drive
    const wild = Math.abs(node.clock.ppm - this.drive.sequencer.clock.ppm) > PPM_MAX
    return (
      !wild &&
      this.astrayUntil <= now &&
      this.quietMax < SILENCE_MIN &&
      node.wholeSince + this.quietMax <= now
    )
  }

  /** For so long nothing may be heard of one that is whole. */
  get quietMax(): Micros {
    return 1.3 * BEAT_MAX + this.tripMax + LATE_MAX
  }

  /** The sequencer sends a message, or has received one. */
  sends(node: InstanceNode, bytes: Uint8Array): void {
    this.rounds.sent(node, bytes)
    this.standing.deadlines.sent(node, bytes)
  }

  hears(node: InstanceNode, bytes: Uint8Array): void {
    this.standing.hears(node)
    this.silence.hears(node)
    this.rounds.heard(node, bytes)
  }

  private stamped(event: StampedEvent, promise: number, floor: number): void {
    const { now, sequencer, instances } = this.drive
    const { findings, promises, timelines } = this.checks
    promises.stamped(now, event, promise, floor)
    timelines.stamped(event)
    this.delays.stamped(event, this.rounds.unsureWaits)
    const { roundsCut } = sequencer.machine.stats
    if (roundsCut > this.roundsCut) findings.coverage.stampsWhileSilent++
    this.roundsCut = roundsCut
    for (const node of instances) {
      if (node.id === 0 || !node.honest) continue
      if (this.drive.runs(node)) this.drive.pull(node)
      promises.stands(now, event, node.id, node.machine.local)
    }
  }

  instanceSays(node: InstanceNode, happening: InstanceHappening): void {
    const { timelines } = this.checks
    if (happening.kind === 'admitted') {
      if (node.honest) timelines.joined(node.id)
      else timelines.gone(node.id)
    } else if (happening.kind === 'started') this.begins(node)
    else if (happening.kind === 'denied') timelines.told(node.id, happening.number)
    else if (happening.kind === 'ended') {
      timelines.gone(node.id)
      if (node.honest) this.ended(node, happening.code)
    }
  }

  /**
   * A channel that loses its first datagrams does not know yet how long to wait for them, and the first that come may
   * have taken a detour: what an instance has heard by then tells little of the clock, as its error says, and it is
   * whole when it has heard more.
   */
  private begins(node: InstanceNode): void {
    const { now } = this.drive
    node.closedAt = now
    const late = [node.up, node.down].some(({ path: { way } }) => isHarmed(way) || way.reorder !== undefined)
    if (node.channel !== undefined && late) node.wholeSince = Math.max(node.wholeSince, now)
  }

  /** What a sequencer that plays fair never makes an instance say. */
  private ended(node: InstanceNode, code: RefusalCode | 'left' | 'end'): void {
    const { now, sequencer } = this.drive
    if (code === 'rewritten' || code === 'malformed')
      this.checks.findings.report('P5', now, `instance ${node.id} ends itself: ${code}`)
    const alone = code === 'silent' && sequencer.machine.linkOf(node.id) !== undefined
    if (alone && this.speaks(node) && this.speaks(sequencer) && !node.dead)
      this.checks.health.givenUp(now, node.id, 'left alone')
  }

  /** A machine's own assertion does not hold. Its message begins with the invariant's name. */
  broke({ invariant, message }: InvariantBroken): void {
    const what = message.slice(message.indexOf(' ') + 1)
    this.checks.findings.report(invariant as Invariant, this.drive.now, what)
  }

  killed(node: InstanceNode): void {
    this.checks.timelines.gone(node.id)
  }

  /** Whoever goes by a clock that jumped, or runs at another rate, is wrong for a while from then on, and may be. */
  clockChanged(from: Micros): void {
    this.astrayUntil = Math.max(this.astrayUntil, from + samplesLast(this.tripMax))
  }

  // --- once every so often

  private lookLater(): void {
    this.drive.at(this.drive.now + LOOK_EVERY, () => {
      this.drive.pullAll()
      this.look()
      this.lookLater()
    })
  }

  private look(): void {
    const { now, sequencer, instances } = this.drive
    this.delays.look()
    this.samples.look(this.tripMax)
    this.sequencerHolds()
    this.silence.lookAtAll()
    const clock = sequencer.clock.local(now)
    const reference = sequencer.machine.reference(clock)
    const placed = this.placed()
    if (placed !== this.reference) this.movedTo(placed)
    this.references.look(reference, clock)
    for (const node of instances) {
      if (node.id === 0 || !node.honest || !this.drive.runs(node) || node.machine.phase !== 'running')
        continue
      this.lookAt(node, reference)
    }
  }

  /** Where the reference is, less the sequencer's clock. A start says so to everybody; of a change all hear later. */
  private placed(): Micros {
    return this.drive.sequencer.machine.reference(0)
  }

  private lookAt(node: InstanceNode, reference: Micros): void {
    const { now, sequencer } = this.drive
    const local = node.clock.local(now)
    const wholeSince = Math.max(node.wholeSince, sequencer.wholeSince)
    this.holds(node, local)
    this.standing.look(node)
    this.ran(node)
    const froze = this.positions.froze(node, local)
    this.cover(node, local, wholeSince <= now)
    this.positions.look(node, local, reference, froze, this.tripMax, this.astrayUntil)
  }

  /** What has happened to an instance since it was looked at last. */
  private cover(node: InstanceNode, local: Micros, whole: boolean): void {
    const { coverage } = this.checks.findings
    const { machine } = node
    const { frozenMicros, leaptMicros } = machine.stats
    if (frozenMicros > node.frozenMicros) {
      coverage.freezes++
      if (whole) coverage.freezesOfHealthy++
    }
    if (leaptMicros > node.leaptMicros) coverage.catchUps++
    if (machine.correcting(local)) coverage.corrections++
    const position = machine.position(local)
    this.positions.moved(node, local, position)
    node.frozenMicros = frozenMicros
    node.leaptMicros = leaptMicros
    node.lookedAt = local
    node.position = position
  }

  /** Nothing has been emitted for a while: everything is everywhere by now, unless all still wait for the start. */
  finish(): void {
    if (!this.drive.sequencer.machine.started) return
    for (const node of this.drive.instances)
      if (node.id > 0 && (!this.drive.runs(node) || node.wholeSince > this.drive.now)) this.killed(node)
    this.checks.timelines.finish(this.drive.now, this.patience)
    this.arrived()
  }

  /** After so long a time whatever was to happen has happened, and everybody has heard of it. */
  private get patience(): Micros {
    return this.quietMax + Math.max(LEASE, 8 * this.tripMax)
  }

  /** P7: whoever was whole for long enough is where the reference is. */
  private arrived(): void {
    const { now, sequencer, instances } = this.drive
    const { machine, clock, wholeSince } = sequencer
    const patient = this.patience
    const least = Math.floor((machine.reference(clock.local(now)) - patient) / this.tick)
    this.silence.lookAtAll()
    for (const node of instances) {
      if (!node.honest || !this.drive.runs(node) || machine.linkOf(node.id) === undefined) continue
      if (Math.max(wholeSince, node.wholeSince) + patient > now || node.machine.phase !== 'running') continue
      this.checks.health.arrived(now, node.id, node.machine.local, least)
    }
  }
}
