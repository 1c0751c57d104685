import { type Input, SEQUENCER, TICK } from '../../core/timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Micros, type Tick } from '../../core/timeline/tick.ts'
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
  /** The number of its last event in the timeline. */
  last: number
  /** Numbers below that, neither in the timeline nor refused so far. */
  readonly missing: Set<number>
  readonly refused: Set<number>
  left: boolean
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

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

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
  /** The highest tick that anybody has closed. */
  private highest: Tick = BEFORE_FIRST

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
    this.inOrder(at, input)
    if (this.highest < stamp) return
    for (const other of this.views.values())
      if (other !== view && other.closed >= stamp)
        this.part(
          at,
          other,
          `has closed tick ${stamp} without ${textOf(input)}, which instance ${view.id} has`,
        )
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

  emitted(id: InstanceId, number: number): void {
    const source = this.sourceOf(id)
    if (number > source.emitted) source.emitted = number
  }

  /** A source was told that its event is not taken. */
  refused(at: Micros, id: InstanceId, number: number): void {
    const source = this.sourceOf(id)
    this.findings.coverage.refusals++
    source.refused.add(number)
    const inTimeline = number <= source.last && !source.missing.delete(number)
    if (inTimeline)
      this.findings.report('P6', at, `event ${id}.${number} is in the timeline and was refused all the same`)
  }

  /** The session has parted from a member: what it had emitted may still be without a place. */
  left(id: InstanceId): void {
    const source = this.sourceOf(id)
    if (!source.left && source.emitted > source.last) this.findings.coverage.pendingAtDeparture++
    source.left = true
  }

  /** An instance is no more, or was told that it is out: nobody waits for what it had emitted. */
  gone(id: InstanceId): void {
    this.left(id)
    this.sourceOf(id).gone = true
  }

  /** After a quiet time: everything has landed and everybody has everything. */
  finish(at: Micros): void {
    for (const [id, source] of this.sources) {
      for (const n of source.missing)
        this.findings.report('P2', at, `event ${id}.${n} is missing before ${id}.${source.last}`)
      if (source.gone) continue
      for (let n = source.last + 1; n <= source.emitted; n++)
        if (!source.refused.has(n))
          this.findings.report('P6', at, `event ${id}.${n} was emitted, and has neither a tick nor a refusal`)
    }
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

  private sourceOf(id: InstanceId): Source {
    let source = this.sources.get(id)
    if (source === undefined) {
      source = { emitted: 0, last: 0, missing: new Set(), refused: new Set(), left: false, gone: false }
      this.sources.set(id, source)
    }
    return source
  }
}
