import {
  dueAt,
  type InstanceId,
  MILLISECOND,
  type Micros,
  NEVER,
  SECOND,
  type Tick,
  tickAt,
} from '../timeline/tick.ts'
import type { Desk } from './desk.ts'
import { encode, type PeerEvent, type Pulse, type Sync } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import type { DelayRule } from './options.ts'
import { Pace } from './pace.ts'
import { Reach } from './reach.ts'

/** How often a peer says to its neighbours where it is. */
const SYNC: Micros = SECOND
/** And on a new link, for a while. */
const SYNC_SOONER: Micros = 250 * MILLISECOND
const SYNC_GAP_MIN: Micros = 100 * MILLISECOND
/** Who has emitted nothing for so long lets all others know that it is there; with many peers less often. */
const PULSE: Micros = 10 * SECOND
const PULSE_FOR_EACH: Micros = SECOND
/** Who was not heard for so many pulses is not reckoned with. */
const PULSES_MISSED = 3
/** After the time has jumped all learn soon how far away this one is: so many pulses, so long apart. */
const PULSES_SOONER = 3
const PULSE_SOONER: Micros = 2 * SECOND
/** What neighbours know of the way to all others counts for so long. */
const NEW: Micros = 30 * SECOND
/** One in a hundred late. */
const SHARE = 0.01

export const ADAPTIVE: DelayRule = { share: SHARE }

/** What a peer says and hears of time: where all others are, how long ways take, how far ahead to stamp. */
export class Times {
  readonly pace: Pace
  private readonly desk: Desk
  private rule: DelayRule
  private readonly reach: Reach
  /** The last pulse of each source. */
  private readonly pulses = new Map<InstanceId, number>()
  private pulsed = 0
  /** Pulses that come sooner than the others. */
  private sooner = PULSES_SOONER
  private toldAt: Micros
  private newUntil: Micros
  private forgetAt: Micros

  constructor(desk: Desk, fps: number, rule: DelayRule) {
    this.desk = desk
    this.rule = rule
    this.pace = new Pace(desk.id, fps, desk.now)
    this.reach = new Reach(shareOf(rule))
    this.toldAt = desk.now
    this.newUntil = desk.now + NEW
    this.forgetAt = desk.now + PULSE
  }

  /** Another rule counts from now on. What is known of the ways stays known. */
  follow(rule: DelayRule): void {
    this.rule = rule
    this.reach.share = shareOf(rule)
  }

  /** How far ahead of where it stands a peer stamps. */
  get delay(): Micros {
    const { rule } = this
    if ('fixed' in rule) return rule.fixed
    return Math.max(rule.least ?? 0, Math.min(rule.most ?? NEVER, this.needed))
  }

  /** Whoever joins can wait. */
  get delayOfJoin(): Micros {
    return Math.max(this.delay, this.needed)
  }

  /** Who is new knows little of the way to all others: its neighbours know it from where they are. */
  private get needed(): Micros {
    let needed = this.reach.value()
    if (this.desk.now < this.newUntil)
      for (const { reach, clock } of this.desk.links.values())
        if (clock.count > 0) needed = Math.max(needed, reach + clock.delay)
    // Whatever somebody says: nobody stamps further ahead.
    return Math.min(needed, this.desk.limits.delay_max)
  }

  /** How long the way to a neighbour takes, in the mean; undefined while it is not known. */
  get way(): Micros | undefined {
    let [sum, count] = [0, 0]
    for (const { clock } of this.desk.links.values()) {
      if (clock.count === 0) continue
      sum += clock.delay
      count++
    }
    return count > 0 ? sum / count : undefined
  }

  /** One's own event is on its way: all others know that one is there. */
  told(): void {
    this.toldAt = this.desk.now
  }

  /** An event came that was emitted just before. */
  took({ source, stamp, lead }: PeerEvent, fps: number): void {
    if (this.reach.knows(source)) this.sample(source, dueAt(stamp, fps) - lead)
  }

  private sample(source: InstanceId, stood: Micros): void {
    const { now, limits } = this.desk
    this.reach.took(now, source, Math.min(this.pace.reference(now) - stood, limits.delay_max))
  }

  /** The last tick for which an event of a neighbour's is believed: nobody stamps far ahead of all time that is known. */
  farthest({ claim }: Neighbour, fps: number): Tick {
    if (claim === undefined) return NEVER
    const { now, limits } = this.desk
    return tickAt(Math.max(this.pace.reference(now), claim.reference) + limits.future_max, fps)
  }

  /** A neighbour says where the time is. False if that cannot be. */
  onSync(neighbour: Neighbour, message: Sync): boolean {
    const { now, limits } = this.desk
    const { clock, echo, held, reference, reach } = message
    if (reference > this.pace.reference(now) + limits.ahead_max) return false
    if (echo > 0) neighbour.clock.sample(now, clock, now - echo - held)
    else neighbour.clock.guess(now, clock)
    neighbour.syncClock = clock
    neighbour.syncAt = now
    neighbour.claim = { clock, reference, root: message.root, beat: message.beat, error: message.error }
    neighbour.reach = reach
    // First what was missed, then the time: who runs ahead without it runs twice.
    if (neighbour.merged) this.onMerged(neighbour)
    if (neighbour.toAnswer > 0) {
      neighbour.toAnswer--
      this.sync(neighbour)
    }
    return true
  }

  /** Nothing is lacking of what a neighbour had: where it says that the time is counts. */
  onMerged({ link, clock, claim }: Neighbour): void {
    if (!claim) return
    const { root } = this.pace
    const hasJumped = this.pace.heard(this.desk.now, link, clock, claim)
    if (this.pace.root !== root) this.hasten()
    if (!hasJumped) return
    this.reach.reset()
    this.sooner = PULSES_SOONER
  }

  /** Another time counts: the neighbours should know soon, but not from one who changes its mind all the time. */
  private hasten(): void {
    const { now, links } = this.desk
    for (const neighbour of links.values())
      if (neighbour.met)
        neighbour.nextSync = Math.min(neighbour.nextSync, Math.max(now, neighbour.syncedAt + SYNC_GAP_MIN))
  }

  sync(neighbour: Neighbour): void {
    const { desk, pace } = this
    const { now } = desk
    pace.count(now)
    neighbour.syncedAt = now
    neighbour.nextSync = now + (neighbour.sooner-- > 0 ? SYNC_SOONER : SYNC)
    const held = neighbour.syncAt > 0 ? now - neighbour.syncAt : 0
    const reference = Math.max(0, Math.round(pace.reference(now)))
    const error = Math.ceil(pace.error)
    desk.send(
      neighbour,
      encode.sync(now, neighbour.syncClock, held, reference, pace.root, pace.beat, error, this.reach.value()),
    )
  }

  onPulse(from: Neighbour, { source, number, position, root }: Pulse): void {
    const { desk, pulses } = this
    if (source === desk.id || number <= (pulses.get(source) ?? 0)) return
    if (pulses.size >= desk.limits.sources_max && !pulses.has(source)) return
    pulses.set(source, number)
    if (root === this.pace.root) this.sample(source, position)
    desk.spread(encode.pulse(source, number, position, root), from)
  }

  /** What is due by now. */
  wake(): void {
    const { desk } = this
    const { now } = desk
    for (const neighbour of desk.links.values())
      if (neighbour.met && now >= neighbour.nextSync) this.sync(neighbour)
    if (desk.links.size > 0 && now >= this.toldAt + this.pulseInterval) this.pulse()
    if (now >= this.forgetAt) {
      this.reach.forget(now - PULSES_MISSED * Math.max(PULSE, PULSE_FOR_EACH * this.reach.size))
      this.forgetAt = now + PULSE
    }
    this.pace.look(now)
  }

  nextWake(): Micros {
    let at = Math.min(this.forgetAt, this.toldAt + this.pulseInterval)
    for (const { nextSync, met } of this.desk.links.values()) at = Math.min(at, met ? nextSync : NEVER)
    return at
  }

  sizes(): Record<string, { size: number; limit: number }> {
    return { pulses: { size: this.pulses.size, limit: this.desk.limits.sources_max } }
  }

  private get pulseInterval(): Micros {
    return this.sooner > 0 ? PULSE_SOONER : Math.max(PULSE, PULSE_FOR_EACH * this.reach.size)
  }

  private pulse(): void {
    this.sooner--
    this.told()
    const position = Math.max(0, Math.round(this.pace.reference(this.desk.now)))
    this.desk.spread(encode.pulse(this.desk.id, ++this.pulsed, position, this.pace.root))
  }
}

const shareOf = (rule: DelayRule): number => ('share' in rule ? rule.share : SHARE)
