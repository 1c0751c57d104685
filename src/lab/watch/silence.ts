import type { RefusalCode } from '../../core/errors.ts'
import { LIMITS } from '../../core/limits.ts'
import { type InstanceId, type LinkId, MILLISECOND, type Micros } from '../../core/timeline/tick.ts'
import type { HealthChecks } from '../checks/health.ts'
import type { Drive } from '../drive.ts'
import type { InstanceNode } from '../node.ts'
import type { WorldOptions } from '../world.ts'
import { BEAT_MAX } from './bounds.ts'

/** Who is held up for longer was paused, and leaves out what goes beyond this: docs/protocol.md has it so. */
const PAUSE: Micros = 100 * MILLISECOND
/** Before anybody is given up for so long is read what waits. */
const READ_FIRST: Micros = 20 * MILLISECOND
/**
 * Who is silent is looked for with each beat, and these are a second apart at most. One is sent without that look, at
 * the start, before which they are a quarter of a second apart. What was found is acted upon after what waits is read,
 * and a pause may come before that. Clocks count whole microseconds, and timers are set by them.
 */
const LOOKED_FOR: Micros = 1.25 * BEAT_MAX + READ_FIRST + PAUSE + MILLISECOND

/** It knows that it was held up from when it meant to act, with the next beat at the latest: what was before, it counts. */
const UNKNOWN: Micros = PAUSE + BEAT_MAX

/** When something of one came to the sequencer last, by what the lab knows. */
interface Heard {
  /** By the sequencer's clock. */
  clock: Micros
  /** What it had to count for time by then, and what it might count. */
  awake: Micros
  most: Micros
}

/**
 * P7, rules 5 and 8: who is not heard is given up in time, and not before. The lab knows by itself what it brought to the sequencer,
 * and when it held it up: while its process was stopped, and between the moment for which it asked to be woken and the
 * one at which it was. The first 100 ms of each such time count as if it had been awake, for a timer may be late. Of a
 * silence it may leave out what is left of these times, however many they were, and what its clock was put forward,
 * which looks like one of them; and nothing more. And all of it must be left out but for what it cannot know of.
 */
export class Silence {
  private readonly drive: Drive
  private readonly health: HealthChecks
  private readonly longest: Micros
  private readonly least: Micros
  /** For how long the sequencer has been awake in all, by its own clock, and up to which moment of the lab. */
  private awake: Micros = 0
  /** And with what it may take for such time. */
  private most: Micros = 0
  private countedTo: Micros = 0
  /** Up to which moment of the lab it was held up last, and for how long in a row, by its clock. */
  private heldUpTo: Micros = Number.NEGATIVE_INFINITY
  private heldUpFor: Micros = 0
  private readonly heard = new Map<LinkId, Heard>()
  private readonly members = new Map<InstanceId, LinkId>()
  private readonly said = new Set<InstanceId>()

  constructor(drive: Drive, health: HealthChecks, { silenceMax = LIMITS.silence_max }: WorldOptions) {
    this.drive = drive
    this.health = health
    this.longest = silenceMax + LOOKED_FOR
    this.least = silenceMax - MILLISECOND
  }

  /**
   * Count the time since it was counted last: before the sequencer is stopped, before its clock is put elsewhere, and
   * before it acts, by which it may ask to be woken at another moment.
   */
  count(): void {
    const { now, sequencer } = this.drive
    if (now === this.countedTo) return
    const { clock, pausedUntil, wanted, wakeAt } = sequencer
    const stopped = Math.min(pausedUntil, now)
    if (this.countedTo < stopped) this.heldUp(this.countedTo, stopped)
    const from = Math.max(this.countedTo, stopped)
    this.countedTo = now
    const woken = Math.max(from, Math.min(wakeAt, now))
    const due = Number.isNaN(wanted) ? woken : Math.min(woken, Math.max(from, clock.global(wanted)))
    const awake = clock.local(due) - clock.local(from) + clock.local(now) - clock.local(woken)
    this.awake += awake
    this.most += awake
    if (due < woken) this.heldUp(due, woken)
  }

  private heldUp(from: Micros, to: Micros): void {
    const { clock } = this.drive.sequencer
    if (from > this.heldUpTo) this.heldUpFor = 0
    this.heldUpTo = to
    const before = this.heldUpFor
    this.heldUpFor += clock.local(to) - clock.local(from)
    this.awake += Math.min(this.heldUpFor, PAUSE) - Math.min(before, PAUSE)
    this.most += Math.min(this.heldUpFor, UNKNOWN) - Math.min(before, UNKNOWN)
  }

  /** Its clock is about to be put elsewhere. */
  steps(by: Micros): void {
    this.count()
    this.most += Math.min(Math.max(0, by), UNKNOWN)
  }

  /** The sequencer is about to hear from an instance: its silence was longest just before. */
  hears(node: InstanceNode): void {
    this.count()
    const { admittedAs: id, link } = node
    if (this.members.has(id)) this.look(id, link)
    this.heard.set(link, { clock: this.clock(), awake: this.awake, most: this.most })
  }

  admitted(id: InstanceId, link: LinkId): void {
    this.members.set(id, link)
  }

  /** One is a member no more. */
  gone(id: InstanceId, why: RefusalCode | undefined): void {
    const link = this.members.get(id)
    if (link === undefined) return
    this.count()
    this.look(id, link)
    if (why === 'silent') this.wasSilent(id, link)
    this.members.delete(id)
    this.heard.delete(link)
  }

  /** Once every so often: whoever is still a member. */
  lookAtAll(): void {
    this.count()
    for (const [id, link] of this.members) this.look(id, link)
  }

  /** How long ago one was heard, by the sequencer's clock, whether that was held up or not. */
  ago({ link }: InstanceNode): Micros | undefined {
    const heard = this.heard.get(link)
    return heard === undefined ? undefined : this.clock() - heard.clock
  }

  private look(id: InstanceId, link: LinkId): void {
    const heard = this.heard.get(link)
    if (heard === undefined || this.said.has(id)) return
    const silent = this.awake - heard.awake
    if (silent <= this.longest) return
    this.said.add(id)
    this.health.lingers(this.drive.now, id, silent, this.longest)
  }

  private wasSilent(id: InstanceId, link: LinkId): void {
    const silent = this.most - (this.heard.get(link)?.most ?? 0)
    if (silent < this.least) this.health.hurried(this.drive.now, id, silent, this.least)
  }

  private clock(): Micros {
    const { now, sequencer } = this.drive
    return sequencer.clock.local(now)
  }
}
