import { readJoin, readLeave } from '../../core/session/membership.ts'
import { type Input, RESERVED, SEQUENCER, type StampedEvent, TICK } from '../../core/timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Micros, NEVER, type Tick } from '../../core/timeline/tick.ts'
import { sameBytes } from '../bytes.ts'
import type { Findings } from './findings.ts'

/** An event as the first instance that ran it had it. */
interface Agreed {
  readonly stamp: Tick
  readonly seq: number
  readonly source: InstanceId
  readonly number: number
  readonly id: number
  readonly payload: Uint8Array
}

/** How far one instance has come along the timeline. */
interface View {
  readonly id: InstanceId
  closed: Tick
  /** How many of the agreed events it has run. */
  count: number
  /** The last event of the open tick, 0 for none. */
  seq: number
  /** It left the common timeline, which was said once. */
  apart: boolean
}

/** What a source has emitted and what became of it. */
interface Source {
  emitted: number
  /** The number of its last event in the timeline, and of the last that was stamped. */
  last: number
  stamped: number
  /** Numbers below that, neither in the timeline nor refused so far. */
  readonly missing: Set<number>
  /** Refused by the sequencer, and heard of by the source. */
  readonly refused: Set<number>
  readonly told: Set<number>
  /** The session has parted from it, or it from the session. */
  left: boolean
  /** When the running session has parted from it; `NEVER` while it has not. */
  parted: Micros
  /** It has joined and left, as the timeline has it. */
  in: boolean
  out: boolean
  /** It said that it leaves: all that it had emitted before that was received. */
  orderly: boolean
  /** It is there no more, so that nobody can be told. */
  gone: boolean
}

const textOf = (e: { readonly seq: number; readonly source: InstanceId; readonly number: number }): string =>
  `event #${e.seq} (${e.source === SEQUENCER ? 'the sequencer' : e.source}.${e.number})`

const same = (a: Agreed, b: Input): boolean =>
  a.stamp === b.tick &&
  a.seq === b.seq &&
  a.source === b.source &&
  a.number === b.number &&
  a.id === b.id &&
  sameBytes(a.payload, b.payload)

/**
 * Holds the inputs of all instances against one list, which whoever runs an event first extends. P1: all have
 * the same events at the same ticks. P2: those of a source in its order. P5: nothing delivered is repeated or
 * preceded. P6: whatever was emitted is in the list or was refused.
 */
export class TimelineChecks {
  private readonly findings: Findings
  private readonly agreed: Agreed[] = []
  private readonly views = new Map<InstanceId, View>()
  private readonly sources = new Map<InstanceId, Source>()
  /** For which tick an event was stamped, by its sequence number. */
  private readonly stamps = new Map<number, Tick>()
  /** The highest tick that anybody has closed. */
  private highest: Tick = BEFORE_FIRST
  /** An end was stamped; and its tick, once somebody has run it. */
  private ended = false
  private end: Tick = NEVER

  constructor(findings: Findings) {
    this.findings = findings
  }

  /** An instance begins, with everything up to a tick known from elsewhere. */
  joined(id: InstanceId, upTo: Tick = BEFORE_FIRST): void {
    const after = this.agreed.findIndex((event) => event.stamp > upTo)
    const count = after < 0 ? this.agreed.length : after
    this.views.set(id, { id, closed: upTo, count, seq: 0, apart: false })
    if (this.highest > upTo) this.findings.coverage.lateJoins++
  }

  /** What an instance's application was given. */
  input(at: Micros, id: InstanceId, input: Input): void {
    const view = this.views.get(id) as View
    if (input.id === TICK) this.tick(at, view, input.tick)
    else this.event(at, view, input)
  }

  private tick(at: Micros, view: View, tick: Tick): void {
    this.findings.coverage.ticks++
    if (tick !== view.closed + 1)
      this.findings.report('P5', at, `instance ${view.id} closed tick ${tick} after tick ${view.closed}`)
    if (tick > this.end)
      this.findings.report(
        'P5',
        at,
        `instance ${view.id} closed tick ${tick} after the end at tick ${this.end}`,
      )
    if (tick > view.closed) view.closed = tick
    view.seq = 0
    if (tick > this.highest) this.highest = tick
    const next = this.agreed[view.count]
    if (next !== undefined && next.stamp <= tick)
      this.part(at, view, `closed tick ${tick} without ${textOf(next)} of tick ${next.stamp}`)
  }

  private event(at: Micros, view: View, input: Input): void {
    if (input.tick <= view.closed)
      this.findings.report(
        'P5',
        at,
        `instance ${view.id} ran ${textOf(input)} at the closed tick ${input.tick}`,
      )
    else if (input.tick > view.closed + 1)
      this.findings.report(
        'P5',
        at,
        `instance ${view.id} ran ${textOf(input)} of tick ${input.tick} after tick ${view.closed}`,
      )
    if (input.seq <= view.seq)
      this.findings.report('P5', at, `instance ${view.id} ran ${textOf(input)} after event #${view.seq}`)
    view.seq = input.seq
    if (view.apart) return
    const agreed = this.agreed[view.count]
    view.count++
    if (agreed === undefined) return this.agree(at, view, input)
    if (same(agreed, input)) return
    const others = `${textOf(agreed)} of tick ${agreed.stamp} is with others`
    const what = agreed.seq === input.seq ? ', with another stamp or content' : ''
    this.part(at, view, `ran ${textOf(input)} at tick ${input.tick}${what}, where ${others}`)
  }

  /** The first to run an event sets it for all. */
  private agree(at: Micros, view: View, input: Input): void {
    const { tick: stamp, seq, source, number, id } = input
    if (this.agreed[this.agreed.length - 1]?.stamp === stamp) this.findings.coverage.sharedTicks++
    this.agreed.push({ stamp, seq, source, number, id, payload: input.payload.slice() })
    this.findings.coverage.events++
    const stamped = this.stamps.get(seq)
    if (stamped !== undefined && stamped !== stamp)
      this.findings.report(
        'P1',
        at,
        `${textOf(input)} was stamped for tick ${stamped} and is run at tick ${stamp}`,
      )
    this.inOrder(at, input)
    this.aboutMember(at, input)
    if (this.highest < stamp) return
    for (const other of this.views.values())
      if (other !== view && other.closed >= stamp)
        this.part(
          at,
          other,
          `has closed tick ${stamp} without ${textOf(input)}, which instance ${view.id} has`,
        )
  }

  /** What an instance that predicts held for certain was not what it is. */
  guessedWrong(at: Micros, id: InstanceId, tick: Tick): void {
    const what = `instance ${id} has run tick ${tick} otherwise than it is, and held that for certain`
    this.findings.report('P1', at, what)
  }

  private part(at: Micros, view: View, what: string): void {
    if (!view.apart) this.findings.report('P1', at, `instance ${view.id} ${what}`)
    view.apart = true
  }

  private inOrder(at: Micros, input: Input): void {
    const source = this.sourceOf(input.source)
    if (input.number <= source.last) {
      const why = source.missing.delete(input.number) ? 'which is out of order' : 'which is there already'
      this.findings.report('P2', at, `${textOf(input)} comes after number ${source.last}, ${why}`)
      return
    }
    for (let n = source.last + 1; n < input.number; n++) if (!source.refused.has(n)) source.missing.add(n)
    if (source.refused.has(input.number))
      this.findings.report('P6', at, `${textOf(input)} was refused and is at tick ${input.tick} all the same`)
    source.last = input.number
  }

  /** P2, of members: nothing of a member comes before its `join` or after its `leave`. */
  private aboutMember(at: Micros, input: Input): void {
    if (input.id === RESERVED.end) this.end = input.tick
    if (input.source !== SEQUENCER) {
      const { out } = this.sourceOf(input.source)
      if (out) this.findings.report('P2', at, `${textOf(input)} comes after its source has left`)
      return
    }
    if (input.id === RESERVED.join) {
      const member = readJoin(input.payload)?.member
      if (member === undefined) return
      const source = this.sourceOf(member)
      source.in = true
      if (source.last > 0)
        this.findings.report('P2', at, `instance ${member} joins after an event of its own`)
    } else if (input.id === RESERVED.leave) {
      const member = readLeave(input.payload)?.member
      if (member !== undefined) this.sourceOf(member).out = true
    }
  }

  emitted(id: InstanceId, number: number): void {
    const source = this.sourceOf(id)
    if (number > source.emitted) source.emitted = number
  }

  /** The sequencer has given an event its place, which nobody may have run yet. */
  stamped({ source: id, number, seq, stamp, id: what }: StampedEvent): void {
    const source = this.sourceOf(id)
    if (what === RESERVED.end) this.ended = true
    if (number > source.stamped) source.stamped = number
    this.stamps.set(seq, stamp)
  }

  /** The session is over for all: what still waits for its place has none. */
  closes(): void {
    this.ended = true
  }

  /** The sequencer does not take an event, and says so to its source, which may have to hear of it yet. */
  refused(at: Micros, id: InstanceId, number: number, heard = true): void {
    const source = this.sourceOf(id)
    this.findings.coverage.refusals++
    source.refused.add(number)
    if (heard) this.told(id, number)
    const inTimeline = number <= source.last && !source.missing.delete(number)
    if (inTimeline)
      this.findings.report('P6', at, `event ${id}.${number} is in the timeline and was refused all the same`)
  }

  /** A source has heard that its event is not taken. */
  told(id: InstanceId, number: number): void {
    this.sourceOf(id).told.add(number)
  }

  /** The session has parted from a member: what it had emitted may still be without a place. */
  left(id: InstanceId, orderly = false): void {
    const source = this.sourceOf(id)
    if (!source.left && source.emitted > source.last) this.findings.coverage.pendingAtDeparture++
    source.left = true
    source.orderly ||= orderly
  }

  /** The running session has parted from a member: all others will see that. */
  parted(at: Micros, id: InstanceId): void {
    this.sourceOf(id).parted = at
  }

  /** An instance is no more, or was told that it is out: nobody waits for what it had emitted. */
  gone(id: InstanceId): void {
    this.left(id)
    this.sourceOf(id).gone = true
  }

  /** After a quiet time: everything has landed and everybody has everything. A departure takes so long to be seen. */
  finish(at: Micros, patience: Micros = 0): void {
    for (const [id, source] of this.sources) {
      for (const n of source.missing)
        this.findings.report('P2', at, `event ${id}.${n} is missing before ${id}.${source.last}`)
      for (let n = 1; n <= source.emitted; n++) {
        if (source.refused.has(n)) {
          if (!source.gone && !source.told.has(n))
            this.findings.report('P6', at, `event ${id}.${n} was refused, and its source does not know`)
        } else if (n > (source.gone ? source.stamped : source.last) && (!source.gone || this.owed(source)))
          this.findings.report('P6', at, `event ${id}.${n} was emitted, and has neither a tick nor a refusal`)
      }
    }
    this.finishMembers(at, patience)
    for (const view of this.views.values()) {
      const next = this.agreed[view.count]
      if (next !== undefined && !view.apart && !this.sources.get(view.id)?.gone)
        this.findings.report(
          'P6',
          at,
          `${textOf(next)} of tick ${next.stamp} has not reached instance ${view.id}`,
        )
    }
  }

  /** P6, of members: whoever takes part has joined, and whoever does no more has left, for all to see. */
  private finishMembers(at: Micros, patience: Micros): void {
    if (this.end !== NEVER || ![...this.views.keys()].some((id) => !this.sources.get(id)?.gone)) return
    // A history without any members is told by its events alone.
    if (![...this.sources.values()].some((source) => source.in)) return
    for (const [id, source] of this.sources) {
      if (id === SEQUENCER) continue
      if (source.parted + patience <= at && source.in && !source.out)
        this.findings.report('P6', at, `instance ${id} is gone, and the timeline does not say so`)
      if (source.emitted > 0 && !source.left && !source.gone && !source.in)
        this.findings.report('P6', at, `instance ${id} takes part, and the timeline does not say so`)
    }
  }

  /** What was emitted before an orderly departure has its place, unless the session has ended before. */
  private owed(source: Source): boolean {
    return source.orderly && !this.ended
  }

  private sourceOf(id: InstanceId): Source {
    let source = this.sources.get(id)
    if (source === undefined) {
      source = {
        emitted: 0,
        last: 0,
        stamped: 0,
        missing: new Set(),
        refused: new Set(),
        told: new Set(),
        left: false,
        parted: NEVER,
        in: false,
        out: false,
        orderly: false,
        gone: false,
      }
      this.sources.set(id, source)
    }
    return source
  }
}
