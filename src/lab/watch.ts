import type { InvariantBroken } from '../core/errors.ts'
import type { InstanceHappening } from '../core/session/instance.ts'
import type { SequencerHappening } from '../core/session/sequencer.ts'
import type { Input, StampedEvent } from '../core/timeline/event.ts'
import { dueAt, MILLISECOND, type Micros, NEVER, SECOND } from '../core/timeline/tick.ts'
import { Checks, type Invariant } from './checks.ts'
import type { Drive } from './drive.ts'
import type { InstanceNode } from './node.ts'

/** How often everybody is looked at. */
const LOOK_EVERY: Micros = 250 * MILLISECOND
/** What is held is counted at every so many looks. */
const LOOKS_A_COUNT = 4
/** A distance from the reference that instances leave alone, and whole microseconds. */
const LEFT_ALONE: Micros = 1 * MILLISECOND + 3
/** The longest time between two beats, after which all know where the reference was put. */
const BEAT_MAX: Micros = SECOND
/** After a clock was stepped, old samples of it count for so long. */
const SAMPLES_LAST: Micros = 12 * SECOND
/**
 * Clocks that part faster than an instance reckons with are worse by the rest, while a sample counts. Those
 * that part faster than any quartz are no clocks, and nothing is said of where they lead.
 */
const PPM_RECKONED = 200
const PPM_MAX = 1_000
/** Beyond so many of its means no jitter is reckoned with. */
const JITTERS = 16

/** Tells the checks what happens in a world, step by step and once every so often. */
export class Watch {
  readonly checks = new Checks()
  private readonly drive: Drive
  private readonly tick: Micros
  private readonly leaseMax: Micros | undefined
  private tripMax: Micros = 0
  private looks = 0
  private roundsCut = 0
  /** Where the reference was, less the sequencer's clock; it changes when the reference is put elsewhere. */
  private reference = Number.NaN
  /** Until when distances from the reference mean nothing. */
  private astrayUntil: Micros = 0

  constructor(drive: Drive, fps: number, leaseMax: Micros | undefined) {
    this.drive = drive
    this.tick = dueAt(1, fps)
    this.leaseMax = leaseMax
    this.lookLater()
  }

  added(node: InstanceNode): void {
    let trip: Micros = 0
    for (const { way } of [node.up.path, node.down.path])
      trip += way.base + JITTERS * way.jitter + (way.loss === undefined ? 0 : JITTERS * 2 * way.base)
    this.tripMax = Math.max(this.tripMax, trip)
  }

  // --- at every step

  emitted(node: InstanceNode, number: number): void {
    this.checks.timelines.emitted(node.id, number)
  }

  input(node: InstanceNode, input: Input): void {
    if (node.honest) this.checks.timelines.input(this.drive.now, node.id, input)
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
    else if (happening.kind === 'distrusted') coverage.distrusted++
    else if (happening.kind === 'gone') {
      coverage.departures++
      this.checks.timelines.left(happening.id)
    }
  }

  private stamped(event: StampedEvent, promise: number, floor: number): void {
    const { now, sequencer, instances } = this.drive
    const { findings, promises } = this.checks
    promises.stamped(now, event, promise, floor)
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
      if (node.honest) timelines.joined(happening.id)
      else timelines.gone(happening.id)
    } else if (happening.kind === 'denied') timelines.refused(this.drive.now, node.id, happening.number)
    else if (happening.kind === 'ended') timelines.gone(node.id)
  }

  /** A machine's own assertion does not hold. Its message begins with the invariant's name. */
  broke({ invariant, message }: InvariantBroken): void {
    const what = message.slice(message.indexOf(' ') + 1)
    this.checks.findings.report(invariant as Invariant, this.drive.now, what)
  }

  killed(node: InstanceNode): void {
    this.checks.timelines.gone(node.id)
  }

  /** Whoever goes by a clock that jumped, or runs at another rate, is wrong for a while, and may be. */
  clockChanged(): void {
    this.astrayUntil = Math.max(this.astrayUntil, this.drive.now + SAMPLES_LAST)
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
    const count = this.looks++ % LOOKS_A_COUNT === 0
    if (count) this.checks.health.holds(now, 'the sequencer', sequencer.machine.sizes())
    const clock = sequencer.clock.local(now)
    const reference = sequencer.machine.reference(clock)
    if (reference - clock !== this.reference) {
      this.reference = reference - clock
      this.astrayUntil = Math.max(this.astrayUntil, now + BEAT_MAX + this.tripMax)
    }
    for (const node of instances) {
      if (node.id === 0 || !node.honest || !this.drive.runs(node) || node.machine.phase !== 'running')
        continue
      if (count) this.checks.health.holds(now, `instance ${node.id}`, node.machine.sizes())
      this.lookAt(node, reference)
    }
  }

  private lookAt(node: InstanceNode, reference: Micros): void {
    const { now, sequencer } = this.drive
    const { health } = this.checks
    const { id, machine } = node
    const local = node.clock.local(now)
    const frozen = machine.frozen(local)
    const wholeSince = Math.max(node.wholeSince, sequencer.wholeSince)
    const lease = this.leaseMax ?? Math.max(2 * SECOND, 8 * this.tripMax)
    // One that the session has parted with stands until it hears of that, or until nothing was heard for too long.
    const isMember = sequencer.machine.linkOf(id) !== undefined
    if (isMember)
      health.stood(now, id, machine.local, frozen, wholeSince, lease + this.tripMax + 1.2 * this.tick)
    this.ran(node)
    this.cover(node, local, wholeSince <= now)
    const asItShould = !frozen && !machine.correcting(local) && wholeSince <= now && this.astrayUntil <= now
    const apart = Math.abs(node.clock.ppm - sequencer.clock.ppm)
    const worse = Math.max(0, apart - PPM_RECKONED) * (SAMPLES_LAST / SECOND)
    const sinceBeat = apart * ((BEAT_MAX + this.tripMax) / SECOND)
    const bound = machine.errorBound(local) + worse + sinceBeat
    if (!asItShould || apart > PPM_MAX || bound === NEVER) return
    health.isAt(now, id, machine.local, machine.position(local) - reference, bound + LEFT_ALONE)
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
    node.frozenMicros = frozenMicros
    node.leaptMicros = leaptMicros
  }

  /** Nothing has been emitted for a while: everything is everywhere by now, unless all still wait for the start. */
  finish(): void {
    if (!this.drive.sequencer.machine.started) return
    for (const node of this.drive.instances)
      if (node.id > 0 && (!this.drive.runs(node) || node.wholeSince > this.drive.now)) this.killed(node)
    this.checks.timelines.finish(this.drive.now)
  }
}
