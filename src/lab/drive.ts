import { InvariantBroken } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { describe } from '../core/session/describe.ts'
import { type LinkId, type Micros, NEVER } from '../core/timeline/tick.ts'
import type { ChannelLimits } from '../core/wire/limits.ts'
import { Datagrams } from './datagrams.ts'
import * as entry from './entries.ts'
import type { Hearing, InstanceNode, Node, SequencerNode } from './node.ts'
import { Schedule } from './schedule.ts'
import { Streams } from './streams.ts'
import type { Tape } from './tape.ts'
import { Digest, lineAt } from './trace.ts'
import type { Watch } from './watch/watch.ts'

/** A machine that wants to be woken again at once for so many times has hung. */
const SPINS_MAX = 10_000

/**
 * Drives the machines of a world through their doors in the order of virtual time, as real drivers do: after
 * every call it sends what is to be sent, hears what has happened and sees to the next wake.
 */
export class Drive {
  now: Micros = 0
  /** How often the sequencer was woken. */
  sequencerWakes = 0
  readonly sequencer: SequencerNode
  readonly instances: InstanceNode[] = []
  readonly hearing: Hearing = {}
  readonly deliveries = new Digest()
  messages = 0
  /** Undefined: nothing is checked. */
  watch: Watch | undefined
  /** A machine has found one of its own invariants broken: nothing goes on after that. */
  broken: InvariantBroken | undefined
  line: ((line: string) => void) | undefined
  /** Undefined: nothing is written down. */
  tape: Tape | undefined

  readonly schedule = new Schedule()
  readonly streams = new Streams(this)
  private readonly datagrams: Datagrams
  private readonly actions = new Map<number, () => void>()
  private nextAction = 0
  private readonly eager: boolean
  private readonly lateness: Micros
  /** How late a node's timers are: from a source of its own, so that no node's wakes move those of another. */
  private readonly chanceOf: (index: number) => Random
  private readonly chances: Random[] = []

  constructor(
    sequencer: SequencerNode,
    eager: boolean,
    lateness: Micros,
    chanceOf: (index: number) => Random,
    channelLimits?: ChannelLimits,
  ) {
    this.sequencer = sequencer
    this.eager = eager
    this.lateness = lateness
    this.chanceOf = chanceOf
    this.datagrams = new Datagrams(this, chanceOf(0).fork(0), channelLimits)
  }

  // --- time

  run(until: Micros): void {
    if (this.broken !== undefined) return
    try {
      this.go(until)
    } catch (error) {
      if (this.watch === undefined || !(error instanceof InvariantBroken)) throw error
      this.broken = error
      this.watch.broke(error)
    }
  }

  private go(until: Micros): void {
    const { schedule } = this
    for (let at = schedule.nextAt(); at <= until; at = schedule.nextAt()) {
      this.now = at
      this.step(schedule.pop())
    }
    if (until > this.now) this.now = until
    this.pullAll()
  }

  at(moment: Micros, action: () => void): void {
    this.actions.set(this.nextAction, action)
    this.schedule.push(Math.max(moment, this.now), this.nextAction++ * entry.KINDS + entry.ACTION)
  }

  private step(what: number): void {
    const index = Math.floor(what / entry.KINDS)
    switch (what % entry.KINDS) {
      case entry.WAKE:
        return index === 0 ? this.wakeSequencer() : this.wakeInstance(this.behind(index))
      case entry.UP:
        return this.streams.arriveUp(this.behind(index))
      case entry.DOWN:
        return this.streams.arriveDown(this.behind(index))
      case entry.INPUT:
        return this.inputDue(this.behind(index))
      case entry.RESUME:
        return this.resume(index === 0 ? this.sequencer : this.behind(index))
      case entry.DATAGRAM_UP:
        return this.datagrams.arriveUp(index)
      case entry.DATAGRAM_DOWN:
        return this.datagrams.arriveDown(index)
      case entry.CHANNEL_UP:
        return this.datagrams.wakeUp(this.behind(index))
      case entry.CHANNEL_DOWN:
        return this.datagrams.wakeDown(this.behind(index))
      default:
        return this.act(index)
    }
  }

  private act(index: number): void {
    const action = this.actions.get(index)
    this.actions.delete(index)
    action?.()
  }

  /** The instance at the other end of a connection. */
  behind(link: LinkId): InstanceNode {
    return this.instances[link - 1] as InstanceNode
  }

  // --- wakes

  private wakeSequencer(): void {
    const node = this.sequencer
    if (node.wakeAt !== this.now) return
    this.watch?.sequencerTurns()
    node.wakeAt = NEVER
    if (node.pausedUntil > this.now) return
    const local = node.clock.local(this.now)
    if (local >= node.wanted) {
      this.sequencerWakes++
      node.machine.wake(local)
      node.wanted = Number.NaN
    }
    this.settleSequencer()
  }

  private wakeInstance(node: InstanceNode): void {
    if (node.wakeAt !== this.now) return
    node.wakeAt = NEVER
    if (!this.runs(node)) return
    const local = node.clock.local(this.now)
    if (local >= node.wanted) {
      this.pull(node)
      node.machine.wake(local)
      node.wanted = Number.NaN
    }
    this.settle(node)
  }

  private inputDue(node: InstanceNode): void {
    if (node.inputAt !== this.now) return
    node.inputAt = NEVER
    if (!this.runs(node)) return
    this.pull(node)
    this.settle(node)
  }

  /** See to it that there is an entry for the next wake. One that is too early finds out when it comes. */
  private rewake(node: Node, index: number): void {
    const wanted = node.machine.nextWake()
    if (wanted === node.wanted && node.wakeAt !== NEVER) return
    node.wanted = wanted
    if (wanted === NEVER) return
    let at = node.clock.global(wanted)
    if (this.lateness > 0) at += this.late(index)
    if (at > this.now) node.spins = 0
    else {
      at = this.now + 1
      if (++node.spins > SPINS_MAX) throw new Error(`${node.name} wants to be woken at once again and again`)
    }
    if (at >= node.wakeAt) return
    node.wakeAt = at
    this.schedule.push(at, index * entry.KINDS + entry.WAKE)
  }

  private late(index: number): Micros {
    let chance = this.chances[index]
    if (chance === undefined) {
      chance = this.chanceOf(index)
      this.chances[index] = chance
    }
    return Math.round(chance.exponential(this.lateness))
  }

  /** A clock was changed: what was scheduled by it may be due earlier. */
  retime(node: Node): void {
    node.wanted = Number.NaN
    this.rewake(node, node.index)
    this.datagrams.retime(node)
    if (this.eager && node !== this.sequencer) this.expectInput(node as InstanceNode)
  }

  /** A process stands still until a moment. */
  stop(node: Node, until: Micros, first: 'timer' | 'messages'): void {
    if (node === this.sequencer) this.watch?.sequencerTurns()
    else if (this.runs(node as InstanceNode)) this.pull(node as InstanceNode)
    node.pausedUntil = Math.max(node.pausedUntil, until)
    if (until !== NEVER) this.resumeAt(node, until, first)
  }

  /** A paused process goes on at this moment: its overdue timer first, or whatever has arrived. */
  private resumeAt(node: Node, until: Micros, first: 'timer' | 'messages'): void {
    const what = node.index * entry.KINDS + entry.RESUME
    if (first === 'timer') this.schedule.push(until, what)
    // What arrives before this moment has its entry at `until` by then, and goes first.
    else this.at(until - 1, () => this.schedule.push(until, what))
  }

  private resume(node: Node): void {
    if (node.pausedUntil > this.now) return
    node.wakeAt = this.now
    if (node === this.sequencer) this.wakeSequencer()
    else this.wakeInstance(node as InstanceNode)
  }

  // --- messages

  deliverUp(node: InstanceNode, bytes: Uint8Array): void {
    this.tape?.arrived(this.now, node, true)
    if (!node.up.open) return
    const { machine, clock } = this.sequencer
    this.messages++
    this.deliveries.arrived(this.now, 2 * node.link, bytes)
    if (this.line !== undefined) this.tell(`${node.name} > ${describe(bytes)}`)
    this.watch?.hears(node, bytes)
    machine.receive(clock.local(this.now), node.link, bytes)
    this.settleSequencer()
  }

  deliverDown(node: InstanceNode, bytes: Uint8Array): void {
    this.tape?.arrived(this.now, node, false)
    this.tape?.look(this.now, node)
    if (!node.down.open) return
    this.messages++
    this.deliveries.arrived(this.now, 2 * node.link + 1, bytes)
    if (this.line !== undefined) this.tell(`${node.name} < ${describe(bytes)}`)
    const local = node.clock.local(this.now)
    this.pull(node, local)
    node.machine.receive(local, node.link, bytes)
    this.settle(node)
  }

  /** An instance begins to connect. */
  connect(node: InstanceNode): void {
    if (node.channel !== undefined) this.datagrams.connect(node, node.channel)
  }

  /** Undefined: nothing more. */
  private sendUp(node: InstanceNode, bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.tape?.sent(this.now, node, true, bytes)
    if (node.channel === undefined) this.streams.sendUp(node, bytes)
    else this.datagrams.sendUp(node, node.channel, bytes)
  }

  private sendDown(node: InstanceNode, bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.tape?.sent(this.now, node, false, bytes)
    if (node.channel === undefined) this.streams.sendDown(node, bytes)
    else this.datagrams.sendDown(node, node.channel, bytes)
  }

  closeUp(node: InstanceNode): void {
    const { machine, clock, pausedUntil } = this.sequencer
    if (pausedUntil > this.now) return this.at(pausedUntil, () => this.closeUp(node))
    if (!node.up.open) return
    node.up.open = false
    machine.closed(clock.local(this.now), node.link)
    this.settleSequencer()
  }

  closeDown(node: InstanceNode): void {
    if (node.pausedUntil > this.now) return this.at(node.pausedUntil, () => this.closeDown(node))
    if (!node.down.open || node.dead) return
    node.down.open = false
    this.pull(node)
    node.machine.closed(node.clock.local(this.now), node.link)
    this.settle(node)
  }

  // --- after every call

  settleSequencer(): void {
    const { machine } = this.sequencer
    if (machine.short !== this.sequencer.short) {
      this.sequencer.short = machine.short
      if (machine.started) this.sequencer.switchedAt = this.now
    }
    for (const { to, bytes } of machine.outgoing()) {
      const node = this.behind(to)
      if (node.down.open) this.sendDown(node, bytes)
      this.watch?.sends(node, bytes)
    }
    for (const happening of machine.happenings()) {
      if (happening.kind === 'close') {
        const node = this.behind(happening.link)
        node.up.open = false
        this.sendDown(node, undefined)
      }
      if (happening.kind === 'admitted') this.behind(happening.link).admittedAs = happening.id
      this.watch?.sequencerSays(happening)
      this.hearing.sequencer?.(happening, this.now)
    }
    this.watch?.sequencerActed()
    this.rewake(this.sequencer, 0)
    this.datagrams.leave()
  }

  settle(node: InstanceNode): void {
    const { machine } = node
    for (const { bytes } of machine.outgoing()) this.sendUp(node, bytes)
    for (const happening of machine.happenings()) {
      if (happening.kind === 'admitted') node.id = node.admittedAs
      if (happening.kind === 'ended') {
        node.ended = true
        this.tell(`${node.name} ended: ${happening.code}`)
        // At the end of a session all links stay until the sequencer closes them.
        if (happening.code !== 'end') {
          node.down.open = false
          this.sendUp(node, undefined)
        }
      }
      this.watch?.instanceSays(node, happening)
      this.hearing.instance?.(node, happening, this.now)
    }
    this.watch?.acted(node)
    this.tape?.look(this.now, node)
    this.rewake(node, node.index)
    if (node.channel !== undefined) this.datagrams.leave()
    if (this.eager) this.expectInput(node)
  }

  private expectInput(node: InstanceNode): void {
    const wanted = node.machine.nextInput()
    if (wanted === NEVER) return
    const at = Math.max(this.now + 1, node.clock.global(wanted))
    if (at === node.inputAt) return
    node.inputAt = at
    this.schedule.push(at, node.index * entry.KINDS + entry.INPUT)
  }

  // --- applications

  /** It is there, takes part and is not stopped. */
  runs(node: InstanceNode): boolean {
    return node.opened && !node.dead && !node.ended && node.pausedUntil <= this.now
  }

  /** Hand an application everything that is due. */
  pull(node: InstanceNode, local = node.clock.local(this.now)): void {
    const { machine, guesser } = node
    this.watch?.passes(node, local)
    guesser?.run(local)
    for (let input = machine.take(local); input !== undefined; input = machine.take(local)) {
      node.inputs.input(input)
      this.tape?.input(this.now, node, input)
      this.watch?.input(node, input)
      if (guesser?.took(input) === false)
        this.watch?.checks.timelines.guessedWrong(this.now, node.id, input.tick)
      this.hearing.input?.(node, input, this.now)
    }
    this.watch?.pulled(node, local)
  }

  pullAll(): void {
    for (const node of this.instances)
      if (this.runs(node)) {
        this.pull(node)
        this.settle(node)
      }
  }

  tell(what: string): void {
    this.line?.(lineAt(this.now, what))
  }
}
