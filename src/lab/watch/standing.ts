import { dueAt, type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { HealthChecks } from '../checks/health.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode, Node } from '../node.ts'
import type { WorldOptions } from '../world.ts'
import { BEAT_MAX, LEASE, PPM_MAX, resends } from './bounds.ts'
import { Deadlines } from './deadlines.ts'
import type { Silence } from './silence.ts'

/** What is known of a world at the moment. */
export interface Known {
  /** No two ways together take longer. */
  readonly tripMax: Micros
  /** For so long nothing may be heard of one that is whole. */
  readonly quietMax: Micros
  /** Until when distances from the reference mean nothing. */
  readonly astrayUntil: Micros
  /** Whether a node was whole for so long that the other side must have heard of it. */
  speaks(node: Node): boolean
}

/**
 * P7: who stands at a tick or at a deadline, or is not heard, and for how long. Each of these is longest just before it
 * is over, so it is looked at then: when an instance has taken all that is due and before it acts, when the sequencer
 * is about to hear from it, and before something befalls anybody. What is not over is looked at every so often.
 */
export class Standing {
  readonly deadlines: Deadlines
  private readonly drive: Drive
  private readonly health: HealthChecks
  private readonly known: Known
  private readonly silence: Silence
  private readonly tick: Micros
  private readonly leaseMax: Micros | undefined

  constructor(drive: Drive, health: HealthChecks, known: Known, silence: Silence, options: WorldOptions) {
    this.drive = drive
    this.health = health
    this.known = known
    this.silence = silence
    this.tick = dueAt(1, options.fps)
    this.leaseMax = options.leaseMax
    this.deadlines = new Deadlines(drive, health, options)
  }

  /** An instance has taken all that is due, at `local` by its own clock, and may be about to act. */
  pulled(node: InstanceNode, local: Micros): void {
    const { machine } = node
    if (
      !this.hasGoneOn(node) &&
      this.drive.now - node.closedAt > (this.leaseMax ?? LEASE) &&
      this.isAsked(node)
    )
      this.stands(node, machine.frozen(local))
    // Whose lease goes on, and who does not run on it, stands at a deadline.
    if (machine.limit < machine.grant && this.isAsked(node) && machine.frozen(local))
      this.standsAtDeadline(node, local)
  }

  private hasGoneOn(node: InstanceNode): boolean {
    if (node.machine.local === node.closed) return false
    node.closed = node.machine.local
    node.closedAt = this.drive.now
    return true
  }

  /** The sequencer is about to hear from an instance. */
  hears(node: InstanceNode): void {
    const ago = this.ago(node)
    // Nothing may be silent for less.
    if (ago === undefined || ago <= BEAT_MAX) return
    if (this.isAsked(node)) this.isHeard(node, node.machine.frozen(node.clock.local(this.drive.now)))
  }

  /** Something is about to befall somebody, after which less is expected. */
  lookAtAll(): void {
    for (const node of this.drive.instances) if (this.isAsked(node)) this.look(node)
  }

  /** One that runs is looked at, whether it acts or not. */
  look(node: InstanceNode): void {
    const { machine, clock } = node
    const local = clock.local(this.drive.now)
    const frozen = machine.frozen(local)
    this.hasGoneOn(node)
    this.isHeard(node, frozen)
    // It goes on as soon as it is asked for what is due.
    if (machine.nextInput() <= local) return
    this.stands(node, frozen)
    if (frozen) this.standsAtDeadline(node, local)
  }

  private isAsked(node: InstanceNode): boolean {
    return node.id !== 0 && node.honest && this.drive.runs(node) && node.machine.phase === 'running'
  }

  private wholeSince(node: InstanceNode): Micros {
    return Math.max(node.wholeSince, this.drive.sequencer.wholeSince)
  }

  private get lease(): Micros {
    return this.leaseMax ?? Math.max(LEASE, 8 * this.known.tripMax)
  }

  private stands(node: InstanceNode, frozen: boolean): void {
    const { now, sequencer } = this.drive
    // One that the session has parted with stands until it hears of that, or until nothing was heard for too long.
    if (sequencer.machine.linkOf(node.id) === undefined) return
    // What is left of a lease comes by the sequencer's clock, which may be slow.
    const slow = Math.max(1, SECOND / (SECOND + sequencer.clock.ppm))
    const longest = slow * (this.lease + 1.2 * this.tick) + this.known.tripMax
    const since = Math.max(node.closedAt, this.wholeSince(node))
    this.health.stood(now, node.id, node.machine.local, frozen, since, longest)
  }

  private isHeard(node: InstanceNode, frozen: boolean): void {
    const { now } = this.drive
    const ago = this.ago(node)
    const quiet = this.known.quietMax + resends(node)
    if (ago === undefined || this.wholeSince(node) + quiet > now || !this.known.speaks(node)) return
    this.health.heard(now, node.id, frozen, ago, quiet)
  }

  /** How long ago a member was heard, by what the lab brought to the sequencer and by its clock. */
  private ago(node: InstanceNode): Micros | undefined {
    return this.drive.sequencer.machine.linkOf(node.id) === undefined ? undefined : this.silence.ago(node)
  }

  private standsAtDeadline(node: InstanceNode, local: Micros): void {
    const { now, sequencer } = this.drive
    const member = sequencer.machine.ledger.members.get(node.id)
    // How far ahead a deadline lies is the sequencer's word, and its clock's.
    const clocks = Math.abs(node.clock.ppm - sequencer.clock.ppm) <= PPM_MAX && this.known.astrayUntil <= now
    if (!clocks || member === undefined || member.grant <= node.machine.limit) return
    if (this.wholeSince(node) + this.lease <= now) this.deadlines.look(node, local, this.known.tripMax)
  }
}
