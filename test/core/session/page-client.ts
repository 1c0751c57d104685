import { objectOf, readBy, type Section, type Value, withHead, writeBy } from './page.ts'

/** What was run: an event, or a tick that was closed. */
export interface Ran {
  readonly tick: number
  readonly id: number
  readonly source: number
  readonly number: number
  readonly payload: readonly number[]
}

interface Event {
  readonly seq: number
  readonly stamp: number
  readonly source: number
  readonly number: number
  readonly id: number
  readonly payload: Uint8Array
}

type Message = Readonly<Record<string, number>> & { readonly events: readonly Event[]; readonly code: string }

/**
 * An instance written from docs/protocol.md and nothing else, as somebody would in another language: plain, with
 * no corrected pace. It imports nothing of the product.
 */
export class PageClient {
  readonly ran: Ran[] = []
  readonly out: Uint8Array[] = []
  /** Why it ended. */
  ended = ''
  local = -1
  id = 0
  /** How long its next tick was due and might not run. */
  frozen = 0
  private readonly sections: readonly Section[]
  private readonly codes: readonly string[]
  private readonly fps: number
  private epoch = 0
  private grant = -1
  private readonly armed = new Map<number, number>()
  private events: Event[] = []
  private last = Number.POSITIVE_INFINITY
  private emitted = 0
  private running = false
  /** The latest beat: its clock, when it came, and where the reference was. */
  private beatClock = 0
  private beatAt = 0
  private clock = 0
  private reference = 0
  private readonly samples: { offset: number; trip: number; at: number }[] = []
  private interval = Number.POSITIVE_INFINITY
  private pulseAt = Number.POSITIVE_INFINITY
  private stood = Number.NEGATIVE_INFINITY
  private turnedAt = 0

  constructor(sections: readonly Section[], codes: readonly string[], fps: number) {
    this.sections = sections
    this.codes = codes
    this.fps = fps
  }

  open(app: string, instances: number): void {
    this.send('hello', { fps: this.fps, app, session: '', instances, data: Uint8Array.of(7) })
  }

  emit(now: number, id: number, payload: Uint8Array): void {
    const want = Math.max(0, this.position(now))
    this.send('emit', { number: ++this.emitted, want, at: -1, id, payload })
  }

  leave(): void {
    this.send('bye', { tick: this.local })
    this.ended = 'left'
  }

  receive(now: number, bytes: Uint8Array): void {
    const section = this.sections.find(({ number }) => number === bytes[1])
    if (this.ended !== '' || section === undefined) return
    const message = objectOf(readBy(withHead(section), bytes, this.codes)) as Message
    switch (section.name) {
      case 'welcome':
        this.id = message.id as number
        this.epoch = message.epoch as number
        return
      case 'start':
        this.place(message)
        if (this.samples.length === 0) this.sample(now, message.clock as number, 0, 0)
        this.stood = Math.min(0, this.referenceNow(now))
        this.running = true
        return
      case 'grant':
        if (this.running) this.grant = Math.max(this.grant, message.tick as number)
        return
      case 'beat':
        return this.onBeat(now, message)
      case 'propose':
        return this.onPropose(now, message)
      case 'sync':
        return this.onSync(message)
      case 'refuse':
        this.ended = message.code
    }
  }

  /** Pulse and run what is due. */
  turn(now: number): void {
    if (this.ended !== '') return
    if (now >= this.pulseAt) this.pulse(now)
    while (this.running && this.local < this.limit() && this.position(now) >= this.due(this.local + 1))
      this.run()
    if (this.running && this.referenceNow(now) >= this.due(this.limit() + 1))
      this.frozen += now - this.turnedAt
    this.turnedAt = now
  }

  private onBeat(now: number, beat: Message): void {
    const first = this.beatAt === 0
    this.beatClock = beat.clock as number
    this.beatAt = now
    const trip = now - (beat.echo as number) - (beat.held as number)
    if (beat.echo !== 0 && trip <= 5_000_000) this.sample(now, this.beatClock, trip, beat.held as number)
    this.place(beat)
    this.grant = Math.max(this.grant, beat.lease as number)
    this.interval = Math.max(1_000, beat.interval as number)
    if (first) this.pulse(now)
    else this.pulseAt = Math.min(this.pulseAt, now + this.interval)
  }

  private onPropose(now: number, propose: Message): void {
    if (!this.running || propose.epoch !== this.epoch) return
    const round = propose.round as number
    const farthest = Math.max(this.position(now), propose.want as number) + (propose.reach as number)
    const first = farthest <= 0 ? 0 : Math.ceil((farthest * this.fps) / 1e6)
    const deadline = this.armed.get(round) ?? Math.max(this.local + 1, first)
    this.armed.set(round, deadline)
    this.send('ack', { epoch: this.epoch, round, deadline, local: this.local })
  }

  private onSync(sync: Message): void {
    if (sync.epoch !== this.epoch) return
    for (const event of sync.events) {
      if (event.stamp <= this.local) this.ended = 'rewritten'
      if (event.id === -7) this.last = event.stamp
      this.events.push({ ...event, payload: event.payload.slice() })
    }
    this.events.sort((a, b) => a.stamp - b.stamp || a.seq - b.seq)
    this.armed.delete(sync.round as number)
    if (sync.lease !== -2) this.grant = sync.lease as number
    if (this.grant < this.local) this.ended = 'rewritten'
  }

  private pulse(now: number): void {
    this.pulseAt = now + this.interval
    this.send('pulse', {
      clock: now,
      echo: this.beatClock,
      held: now - this.beatAt,
      local: this.local,
      position: this.position(now),
      down: 0,
      spread: 0,
      late: 0,
    })
  }

  private run(): void {
    const tick = this.local + 1
    while (this.events[0]?.stamp === tick) {
      const { id, source, number, payload } = this.events.shift() as Event
      this.ran.push({ tick, id, source, number, payload: [...payload] })
    }
    this.ran.push({ tick, id: 0, source: 0, number: 0, payload: [] })
    this.local = tick
    if (tick === this.last) this.ended = 'end'
  }

  private limit(): number {
    return Math.min(this.grant, this.last, ...[...this.armed.values()].map((deadline) => deadline - 1))
  }

  private due(tick: number): number {
    return Math.ceil((tick * 1e6) / this.fps)
  }

  /** The reference, as far as the limit lets it, and never back. */
  private position(now: number): number {
    if (!this.running) return 0
    this.stood = Math.max(this.stood, Math.min(this.referenceNow(now), this.due(this.limit() + 1)))
    return Math.min(this.stood, this.due(this.limit() + 1))
  }

  private place(message: Message): void {
    this.clock = message.clock as number
    this.reference = message.reference as number
  }

  private sample(now: number, clock: number, trip: number, held: number): void {
    this.samples.push({ offset: clock + Math.max(0, trip) / 2 - now, trip: Math.abs(trip), at: now - held })
    if (this.samples.length > 8) this.samples.shift()
  }

  private referenceNow(now: number): number {
    const error = (sample: { trip: number; at: number }) => sample.trip / 2 + 0.0002 * (now - sample.at)
    const best = this.samples.reduce((a, b) => (error(b) < error(a) ? b : a))
    return Math.round(this.reference + now + best.offset - this.clock)
  }

  private send(name: string, values: Readonly<Record<string, Value>>): void {
    const section = this.sections.find((each) => each.name === name) as Section
    this.out.push(writeBy(section, values, this.codes))
  }
}
