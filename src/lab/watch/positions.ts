import { MILLISECOND, type Micros, NEVER, SECOND } from '../../core/timeline/tick.ts'
import type { HealthChecks } from '../checks/health.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode } from '../node.ts'
import { BEAT_MAX, LATE_MAX, longestOn, PPM_MAX } from './bounds.ts'
import type { Samples } from './samples.ts'

/** A distance from the reference that instances leave alone, and whole microseconds. */
const LEFT_ALONE: Micros = 1 * MILLISECOND + 3
/** Clocks that part faster than an instance reckons with are worse by the rest, since its sample was taken. */
const PPM_RECKONED = 200
/** On any way, what an instance says of its own error is believed as far as this. */
const BELIEVED: Micros = LATE_MAX / 10

/**
 * P9 of instances: where they are, how far from the reference, and how far they may be. A step is held against what
 * was seen at the last look, and changes nothing of it; how far one has come, against its last act.
 */
export class Positions {
  private readonly drive: Drive
  private readonly health: HealthChecks
  private readonly samples: Samples

  constructor(drive: Drive, health: HealthChecks, samples: Samples) {
    this.drive = drive
    this.health = health
    this.samples = samples
  }

  /** An instance is about to act, or has acted: at `local` by its own clock. */
  step(node: InstanceNode, local: Micros, tripMax: Micros, astrayUntil: Micros): void {
    const { id, machine, honest } = node
    if (id === 0 || !honest || machine.phase !== 'running') return
    const { now, sequencer } = this.drive
    const position = machine.position(local)
    this.movedSinceAct(node, local, position)
    if (astrayUntil > now || this.heardSince(node, tripMax) > now) return
    const distance = position - sequencer.machine.reference(sequencer.clock.local(now))
    // No bound is less, and the others are dear.
    if (Math.abs(distance) <= LEFT_ALONE + Math.min(machine.errorBound(local), BELIEVED)) return
    if (machine.frozen(local)) return
    const bound = this.bound(node, local, tripMax)
    if (bound === NEVER) return
    if (!machine.correcting(local)) this.health.isAt(now, id, machine.local, distance, bound)
    else if (!this.froze(node, local)) this.health.approaches(now, id, distance, bound)
  }

  /** Once every so often. */
  look(
    node: InstanceNode,
    local: Micros,
    reference: Micros,
    froze: boolean,
    tripMax: Micros,
    astrayUntil: Micros,
  ): void {
    const { now } = this.drive
    const { id, machine } = node
    const asItShould = !machine.frozen(local) && this.heardSince(node, tripMax) <= now && astrayUntil <= now
    const bound = asItShould ? this.bound(node, local, tripMax) : NEVER
    const known = bound !== NEVER
    const correcting = machine.correcting(local)
    const distance = machine.position(local) - reference
    if (!known || froze || !correcting) this.health.settled(id)
    else this.health.corrects(now, id, distance, bound)
    if (known && !correcting) this.health.isAt(now, id, machine.local, distance, bound)
  }

  /** It stands, or has stood since the last look, or runs at once through what it stood for. */
  froze({ machine, frozenMicros }: InstanceNode, local: Micros): boolean {
    return machine.frozen(local) || machine.stats.frozenMicros > frozenMicros || machine.catchingUp
  }

  /** How far it has come since the last look, unless it has leapt. */
  moved(
    { id, machine, lookedAt, leaptMicros, position: before }: InstanceNode,
    local: Micros,
    position: Micros,
  ): void {
    if (machine.stats.leaptMicros === leaptMicros && lookedAt > 0)
      this.health.moved(this.drive.now, id, local - lookedAt, position - before)
  }

  /** The same since it acted last. */
  private movedSinceAct(node: InstanceNode, local: Micros, position: Micros): void {
    const { leaptMicros } = node.machine.stats
    if (leaptMicros === node.actedAtLeapt && node.actedAt > 0)
      this.health.moved(this.drive.now, node.id, local - node.actedAt, position - node.actedAtPosition)
    node.actedAt = local
    node.actedAtPosition = position
    node.actedAtLeapt = leaptMicros
  }

  /**
   * Whoever was disturbed knows where it is with a beat that echoes a pulse which was not: over datagrams, once a
   * channel has brought what was under way meanwhile, behind which both may wait.
   */
  private heardSince({ wholeSince, channel }: InstanceNode, tripMax: Micros): Micros {
    const since = Math.max(wholeSince, this.drive.sequencer.wholeSince)
    const brought = channel === undefined ? since : Math.max(channel.up.since, channel.down.since)
    return Math.max(since, brought) + 2.3 * BEAT_MAX + tripMax
  }

  /** How far from the reference it may be; `NEVER` if nothing can be said of that. */
  private bound(node: InstanceNode, local: Micros, tripMax: Micros): Micros {
    const apart = Math.abs(node.clock.ppm - this.drive.sequencer.clock.ppm)
    const claimed = node.machine.errorBound(local)
    if (apart > PPM_MAX || claimed === NEVER) return NEVER
    const age = this.samples.ageMax(node) / SECOND
    const worse = Math.max(0, apart - PPM_RECKONED) * age
    const sinceBeat = apart * ((BEAT_MAX + tripMax) / SECOND)
    // What it says of its own error is believed as far as its way can have been wrong.
    const ways = (longestOn(node.up.path) + longestOn(node.down.path)) / 2 + BELIEVED
    return Math.min(claimed, ways + age * PPM_RECKONED) + worse + sinceBeat + LEFT_ALONE
  }
}
