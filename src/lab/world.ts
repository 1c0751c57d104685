import type { RefusalCode } from '../core/errors.ts'
import { Random } from '../core/random.ts'
import type { Instance } from '../core/session/instance.ts'
import { PredictingInstance } from '../core/session/predicting.ts'
import type { Sequencer } from '../core/session/sequencer.ts'
import { type LinkId, type Micros, NEVER, SECOND } from '../core/timeline/tick.ts'
import type { ChannelLimits } from '../core/wire/limits.ts'
import { Findings } from './checks.ts'
import { Clock } from './clock.ts'
import type { DamageSort } from './damage.ts'
import { Drive } from './drive.ts'
import { Guesser } from './guesser.ts'
import {
  type Hearing,
  type InstanceNode,
  instanceNode,
  type Node,
  type SequencerNode,
  sequencerNode,
} from './node.ts'
import { Path, type Way } from './path.ts'
import type { Tape } from './tape.ts'
import { Watch } from './watch/watch.ts'

export interface WorldOptions {
  readonly seed: number
  readonly fps: number
  readonly sequencer: Sequencer
  /** The sequencer's clock; undefined: drawn, as are those of the instances. */
  readonly clock?: Clock
  /** Timers wake late by this much in the mean. */
  readonly lateness?: Micros
  /**
   * Give inputs to the applications at the moment at which they are due, instead of just before something else
   * happens to the instance. The same inputs either way; this one is slower.
   */
  readonly eager?: boolean
  /** The limits of channels over datagrams, at both ends. */
  readonly channelLimits?: ChannelLimits
  /** Whether the invariants are checked: yes, unless told otherwise. */
  readonly checks?: boolean
  /** Whether it is checked how late events come: yes, unless limits make them wait for each other. */
  readonly delays?: boolean
  /** The longest round trip that the session reckons with, for P7. Undefined: what it is by default. */
  readonly rttMax?: Micros
  /** After so long a silence of one the session gives it up, for P7. Undefined: as by default. */
  readonly silenceMax?: Micros
  /** Whether the instance most ahead is the reference, which is then known as well as its way is: not, as a rule. */
  readonly fastest?: boolean
  /** The longest lease of the session, for P7. Undefined: two seconds, or eight of the largest round trips. */
  readonly leaseMax?: Micros
}

export interface Newcomer {
  /** Makes the instance for its connection. */
  readonly instance: (link: LinkId) => Instance
  readonly up: Way
  /** Undefined: as the way up. */
  readonly down?: Way
  readonly clock?: Clock
  /** When it connects. Undefined: now. */
  readonly at?: Micros
  /** Over datagrams, which the ways may lose, double and reorder, and a channel that makes up for it. */
  readonly datagrams?: boolean
  /** Whether it follows the protocol: yes, unless told otherwise. Of one that does not nothing is expected. */
  readonly honest?: boolean
  /** Of an instance that predicts: run its guesses, where no application does. */
  readonly guesses?: boolean
}

/** Each purpose draws from a stream of its own for each node, so that a change of one leaves the others. */
const STREAMS = 4
const CLOCK = 0
const WAY_UP = 1
const WAY_DOWN = 2
const LATENESS = 3

/** Clocks are off by anything and run at what quartz does. */
const OFFSET_MAX: Micros = 1_000 * SECOND
const PPM_MAX = 50

/**
 * One sequencer and its instances in virtual time. They hear of each other by encoded messages alone. The same
 * seed and the same calls give the same run, byte for byte.
 */
export class World {
  private readonly seed: number
  private readonly drive: Drive
  private readonly watch: Watch | undefined
  private readonly unchecked = new Findings()

  constructor(options: WorldOptions) {
    this.seed = options.seed
    const { sequencer, clock = this.drawClock(0), eager = false, lateness = 0, checks = true } = options
    const chanceOf = (index: number): Random => this.chance(index, LATENESS)
    this.drive = new Drive(sequencerNode(sequencer, clock), eager, lateness, chanceOf, options.channelLimits)
    if (checks) this.watch = new Watch(this.drive, options)
    this.drive.watch = this.watch
  }

  // --- what is in it

  get sequencer(): SequencerNode {
    return this.drive.sequencer
  }

  get instances(): readonly InstanceNode[] {
    return this.drive.instances
  }

  /** Whoever wants to hear what the machines say puts a function here. */
  get hearing(): Hearing {
    return this.drive.hearing
  }

  /** Messages delivered so far. */
  get messages(): number {
    return this.drive.messages
  }

  /** A fingerprint of all deliveries so far: when, to whom, which bytes. */
  get digest(): number {
    return this.drive.deliveries.value
  }

  /** What the checks have found so far. */
  get findings(): Findings {
    return this.watch?.checks.findings ?? this.unchecked
  }

  /** Write a transcript: each message as it arrives, each fault and each end is a line. */
  trace(line: (line: string) => void): void {
    this.drive.line = line
  }

  /** Write down for a drawing what happens. Inputs have their moments in an eager world. */
  record(tape: Tape): void {
    this.drive.tape = tape
  }

  /** Put an instance into the world; it asks for admission now or at the stated moment. */
  add(newcomer: Newcomer): InstanceNode {
    const link = this.instances.length + 1
    const { up, down = up, clock = this.drawClock(link), at = this.now } = newcomer
    const { honest = true, datagrams = false, guesses = false } = newcomer
    const upPath = new Path(up, this.chance(link, WAY_UP))
    const downPath = new Path(down, this.chance(link, WAY_DOWN))
    const machine = newcomer.instance(link)
    const guesser = guesses && machine instanceof PredictingInstance ? new Guesser(machine) : undefined
    const node = instanceNode(machine, clock, link, upPath, downPath, honest, datagrams, guesser)
    this.drive.instances.push(node)
    this.watch?.added(node)
    this.at(at, () => this.open(node))
    return node
  }

  private open(node: InstanceNode): void {
    if (node.dead) return
    if (node.pausedUntil > this.now) return this.at(node.pausedUntil, () => this.open(node))
    node.opened = true
    this.drive.connect(node)
    node.machine.open(node.clock.local(this.now))
    this.drive.settle(node)
  }

  // --- time

  get now(): Micros {
    return this.drive.now
  }

  /**
   * Go on until a moment, which then has passed for all. A machine that finds an invariant of its own broken
   * ends the run: that is a violation like any other, unless nothing is checked; then it throws.
   */
  run(until: Micros): void {
    this.drive.run(until)
  }

  /** Do something at a moment. */
  at(moment: Micros, action: () => void): void {
    this.drive.at(moment, action)
  }

  /** After a quiet time: everything must have landed, and everywhere. */
  finish(): Findings {
    if (this.drive.broken !== undefined) return this.findings
    this.drive.pullAll()
    this.watch?.finish()
    return this.findings
  }

  // --- what an application does

  /** Emit an event: its number, why it is refused, or undefined if nobody is there to emit it. */
  emit(node: InstanceNode, id: number, payload?: Uint8Array): number | RefusalCode | undefined {
    if (!this.drive.runs(node)) return undefined
    this.drive.pull(node)
    const number = node.machine.emit(node.clock.local(this.now), id, payload)
    if (typeof number === 'number') this.watch?.emitted(node, number)
    this.drive.settle(node)
    return number
  }

  ask(node: InstanceNode, what: 'pause' | 'resume' | 'end', data?: Uint8Array): RefusalCode | undefined {
    if (!this.drive.runs(node)) return undefined
    this.drive.pull(node)
    const refusal = node.machine.ask(what, data)
    this.drive.settle(node)
    return refusal
  }

  leave(node: InstanceNode): void {
    if (!this.drive.runs(node)) return
    this.drive.pull(node)
    node.machine.leave(node.clock.local(this.now))
    this.drive.settle(node)
  }

  /** The sequencer ends the session for all, at once. */
  close(): void {
    if (this.sequencer.pausedUntil > this.now) return this.at(this.sequencer.pausedUntil, () => this.close())
    this.watch?.closes()
    this.drive.tell('the session is closed')
    this.sequencer.machine.close(this.sequencer.clock.local(this.now))
    this.drive.settleSequencer()
  }

  // --- faults

  /**
   * Stop a process until a moment, as SIGSTOP does. What arrives waits for it, and is read at once when it goes
   * on, after the timer that is overdue or before it.
   */
  pause(node: Node, until: Micros, first: 'timer' | 'messages' = 'timer'): void {
    this.drive.tell(`${node.name} is paused ${untilIn(until)}`)
    this.findings.coverage.pauses++
    this.watch?.disturbed(until === NEVER ? 0 : until - this.now)
    if (node === this.sequencer) this.watch?.sequencerStops(until)
    node.wholeSince = Math.max(node.wholeSince, until)
    this.drive.stop(node, until, first)
  }

  /** A process that gets little of its machine until a moment: again and again it stands still for `busy`. */
  slow(node: Node, until: Micros, every: Micros, busy: Micros): void {
    this.drive.tell(`${node.name} is slow ${untilIn(until)}`)
    this.watch?.disturbed(until - this.now)
    this.watch?.badPartyCame()
    if (node === this.sequencer) this.watch?.sequencerIsSlow(until + busy)
    node.wholeSince = Math.max(node.wholeSince, until + busy)
    const again = (): void => {
      if (this.now >= until) return
      this.drive.stop(node, this.now + busy, 'timer')
      this.at(this.now + every, again)
    }
    again()
  }

  /** Nothing gets through between an instance and the sequencer until a moment; then all of it does. */
  cut(node: InstanceNode, until: Micros = NEVER, which: 'up' | 'down' | 'both' = 'both'): void {
    this.drive.tell(`${node.name} is cut off${which === 'both' ? '' : `, ${which},`} ${untilIn(until)}`)
    this.findings.coverage.cuts++
    this.watch?.disturbed(until === NEVER ? 0 : until - this.now)
    if (which !== 'down') node.up.path.cut(until)
    if (which !== 'up') node.down.path.cut(until)
    node.wholeSince = Math.max(node.wholeSince, until)
  }

  /** Nothing comes out of a link until a moment, and then all of it at once: datagrams, too, are only late. */
  clog(node: InstanceNode, until: Micros, which: 'up' | 'down' | 'both' = 'both'): void {
    this.drive.tell(`${node.name} is clogged${which === 'both' ? '' : `, ${which},`} ${untilIn(until)}`)
    this.findings.coverage.cuts++
    this.watch?.disturbed(until === NEVER ? 0 : until - this.now)
    if (which !== 'down') node.up.path.clog(until)
    if (which !== 'up') node.down.path.clog(until)
    node.wholeSince = Math.max(node.wholeSince, until)
  }

  /**
   * An instance has another address from now on, as behind a router that forgot it. What is on its way to the old
   * one is lost; the sequencer's driver answers to where the newest datagram came from. A stream has no such thing.
   */
  readdress(node: InstanceNode): void {
    if (node.channel === undefined) return
    this.drive.tell(`${node.name} has another address`)
    this.watch?.disturbed(SECOND)
    node.channel.address++
    // It is heard of with the next beat.
    node.wholeSince = Math.max(node.wholeSince, this.now + SECOND)
  }

  /** The next thing that is sent over a link arrives damaged: a datagram is dropped for it, a stream is not whole. */
  damage(node: InstanceNode, which: 'up' | 'down', how: DamageSort, seed: number): void {
    this.drive.tell(`${node.name} is damaged, ${which}`)
    node[which].path.damageNext(how, new Random(seed))
  }

  /** The link of an instance is whole again from now on. */
  heal(node: InstanceNode): void {
    this.drive.tell(`${node.name} is reached again`)
    node.up.path.heal()
    node.down.path.heal()
    node.wholeSince = Math.max(this.now, node.pausedUntil)
    this.drive.streams.release(node)
  }

  /** A process ends without a word. The sequencer hears after a time that its link is gone, or never. */
  kill(node: InstanceNode, heardAfter: Micros = NEVER): void {
    if (node.dead) return
    if (this.drive.runs(node)) this.drive.pull(node)
    this.drive.tell(`${node.name} is killed`)
    this.findings.coverage.kills++
    node.dead = true
    node.down.open = false
    node.wholeSince = NEVER
    this.watch?.disturbed()
    this.watch?.killed(node)
    if (heardAfter === NEVER) return
    if (node.channel === undefined) this.drive.streams.hangUp(node, this.now + heardAfter)
    else this.at(this.now + heardAfter, () => this.drive.closeUp(node))
  }

  /** A connection breaks, and each side is told after a time of its own, or never. */
  disconnect(node: InstanceNode, instanceAfter: Micros, sequencerAfter: Micros): void {
    this.cut(node)
    if (instanceAfter !== NEVER) this.at(this.now + instanceAfter, () => this.drive.closeDown(node))
    if (sequencerAfter !== NEVER) this.at(this.now + sequencerAfter, () => this.drive.closeUp(node))
  }

  /** From now on a clock gains so many microseconds a second. */
  setRate(node: Node, ppm: number): void {
    node.clock.setRate(this.now, ppm)
    this.clockChanged(node)
  }

  /** A clock is put forward, or stands still for a while. */
  stepClock(node: Node, by: Micros): void {
    if (node === this.sequencer) this.watch?.sequencerSteps(by)
    node.clock.step(this.now, by)
    node.wholeSince = Math.max(node.wholeSince, this.now)
    this.clockChanged(node)
  }

  private clockChanged(node: Node): void {
    // Put back, it stands still, and so does whoever goes by it: for as long as it takes at the rate that it has.
    const goesOn = Math.max(this.now, node.clock.stillUntil)
    if (goesOn > this.now) node.wholeSince = Math.max(node.wholeSince, goesOn)
    this.watch?.disturbed()
    this.watch?.clockChanged(goesOn)
    this.drive.retime(node)
  }

  private chance(index: number, purpose: number): Random {
    return new Random(this.seed, STREAMS * index + purpose)
  }

  private drawClock(index: number): Clock {
    const chance = this.chance(index, CLOCK)
    const offset = Math.floor(chance.between(SECOND, OFFSET_MAX))
    return new Clock(offset, chance.between(-PPM_MAX, PPM_MAX))
  }
}

const untilIn = (until: Micros): string => (until === NEVER ? 'for good' : `until ${until / 1000}`)
