import { LIMITS } from '../../core/limits.ts'
import { PredictingInstance } from '../../core/session/predicting.ts'
import type { StampedEvent } from '../../core/timeline/event.ts'
import { dueAt, MILLISECOND, type Micros } from '../../core/timeline/tick.ts'
import type { DelayChecks } from '../checks/delays.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode } from '../node.ts'
import type { Shape, Way } from '../path.ts'
import type { WorldOptions } from '../world.ts'
import { isHarmed, LEASE, LOOK_EVERY, longest, PPM_MAX } from './bounds.ts'
import type { UnsureWaits } from './unsure.ts'

/** Ways of these shapes are late again and again. */
const RAGGED: ReadonlySet<Shape> = new Set(['heavy', 'spikes'])
/** A way whose jitter is more of it than this makes its party late again and again. */
const JITTER_SHARE = 0.15
/** What timers, gaps between rounds and grants, and what was measured wrongly add. */
const AND_MORE: Micros = 120 * MILLISECOND

const FEW_ROUNDS = 8

const isRagged = ({ base, jitter, shape = 'exponential' }: Way): boolean =>
  jitter > JITTER_SHARE * base + 100 || (jitter > 0 && RAGGED.has(shape))

const isBad = (way: Way): boolean => isHarmed(way) || isRagged(way)

type DelayOptions = Pick<WorldOptions, 'fps' | 'leaseMax' | 'rttMax' | 'delays'>

/** Tells the checks how late events come, of all that an undisturbed source has emitted. */
export class Delays {
  private readonly drive: Drive
  private readonly checks: DelayChecks
  private readonly fps: number
  private readonly leaseMax: Micros | undefined
  private readonly rttMax: Micros
  private readonly checked: boolean
  private readonly emittedAt = new Map<string, Micros>()
  /** The longest round trip of all ways. */
  private trip: Micros = 0
  /** The longest lease that was seen. */
  private lease: Micros = LEASE

  constructor(drive: Drive, checks: DelayChecks, options: DelayOptions) {
    this.drive = drive
    this.checks = checks
    this.fps = options.fps
    this.leaseMax = options.leaseMax
    this.rttMax = options.rttMax ?? LIMITS.rtt_max
    this.checked = options.delays ?? true
  }

  private get fewRounds(): boolean {
    return (this.drive.sequencer.machine.sizes().rounds?.limit ?? 0) < FEW_ROUNDS
  }

  /** Once every so often: how far ahead somebody may run. */
  look(): void {
    const { now, sequencer } = this.drive
    const ahead = this.farthest() - sequencer.machine.reference(sequencer.clock.local(now))
    this.lease = Math.max(this.lease, ahead + LOOK_EVERY)
  }

  /** Where the first tick is due that nobody may run, whatever is armed. */
  farthest(): Micros {
    const { floor, members } = this.drive.sequencer.machine.ledger
    let top = floor
    for (const { grant } of members.values()) if (grant > top) top = grant
    return dueAt(top + 1, this.fps)
  }

  added({ honest, up, down, clock }: InstanceNode): void {
    const trip = longest(up.path.way) + longest(down.path.way)
    this.trip = Math.max(this.trip, Math.min(trip, this.rttMax))
    const wild = Math.abs(clock.ppm) > PPM_MAX
    if (!honest || wild || trip > this.rttMax || isBad(up.path.way) || isBad(down.path.way))
      this.checks.badPartyCame()
  }

  emitted(node: InstanceNode, number: number): void {
    if (this.checked && node.honest && this.drive.sequencer.machine.started)
      this.emittedAt.set(`${node.id}.${number}`, this.drive.now)
  }

  stamped(event: StampedEvent, unsureWaits: UnsureWaits): void {
    const { now, sequencer, instances } = this.drive
    const name = `${event.source}.${event.number}`
    const emittedAt = this.emittedAt.get(name)
    if (emittedAt === undefined) return
    this.emittedAt.delete(name)
    const node = instances.find((each) => each.id === event.source)
    // What was held up on its way, or by a sequencer that stood still, is nobody's fault.
    if (node === undefined || Math.max(node.wholeSince, sequencer.wholeSince) > emittedAt) return
    if (Math.abs(sequencer.clock.ppm) > PPM_MAX) return
    const due = now + dueAt(event.stamp, this.fps) - sequencer.machine.reference(sequencer.clock.local(now))
    this.look()
    // Where few rounds may be open, an event waits for the next.
    const asked = (this.fewRounds ? 6 : 3) * this.trip
    const guess = node.machine instanceof PredictingInstance ? node.machine.needed : 0
    const ordinary = longest(node.up.path.way) + asked + 3 * dueAt(1, this.fps) + AND_MORE + guess
    // A lease may be renewed until a round has stopped waiting, and has asked again. One that was hardly measured
    // may make both wait for longer than the ways explain, and does not make leases longer.
    const reach = 2 * this.trip
    const waits = 5 * reach + unsureWaits.since(emittedAt, reach)
    const lease = (this.leaseMax ?? this.lease) + waits
    this.checks.stamped(now, event, emittedAt, due, ordinary, lease)
  }
}
