import { LIMITS } from '../limits.ts'
import { type Machine, Outbox, type Outgoing } from '../machine.ts'
import { Random } from '../random.ts'
import { type InstanceId, type LinkId, type Micros, NEVER } from '../timeline/tick.ts'
import { Credits } from './credits.ts'
import { Guest, Way } from './guest.ts'
import { Introductions } from './introductions.ts'
import { MEETING_LIMITS, type MeetingLimits } from './limits.ts'
import { decode, type Enter, encode, type MeetingMessage, type Shut } from './messages.ts'
import type { MeetingCode } from './refusals.ts'

export interface RoomOptions {
  /** Of the chance by which it introduces. */
  readonly seed: number
  /** What is left out is as the first to enter says. */
  readonly fps?: number
  readonly app?: string
  readonly limits?: MeetingLimits
}

/** What a driver should know, or do. */
export type RoomHappening =
  | { readonly kind: 'entered'; readonly id: InstanceId }
  | { readonly kind: 'gone'; readonly id: InstanceId; readonly why: MeetingCode | undefined }
  | { readonly kind: 'refused'; readonly code: MeetingCode }
  /** What was sent over this link is the last: close it once it has left. */
  | { readonly kind: 'close'; readonly link: LinkId }

/**
 * One room of a meeting point. It introduces peers to each other and carries, between any two that it has
 * introduced, bytes that it does not read. It is in nobody's timeline: peers that are linked directly go on
 * without it.
 */
export class Room implements Machine<RoomHappening> {
  private readonly limits: MeetingLimits
  private fps: number | undefined
  private app: string | undefined
  private readonly links = new Map<LinkId, Guest>()
  private readonly guests = new Map<InstanceId, Guest>()
  private readonly ways = new Map<number, Way>()
  private readonly introductions: Introductions
  private lastWay = 0
  private readonly credits: Credits
  private beatAt: Micros = NEVER
  private tendAt: Micros = NEVER
  private now: Micros
  private readonly out = new Outbox<Outgoing>()
  private readonly happened = new Outbox<RoomHappening>()

  constructor(now: Micros, { seed, fps, app, limits = MEETING_LIMITS }: RoomOptions) {
    this.now = now
    this.fps = fps
    this.app = app
    this.limits = limits
    this.credits = new Credits(limits.credit_min, (sender, way, weight) =>
      this.send(sender, encode.credit(way.number, weight)),
    )
    this.introductions = new Introductions(this.guests, limits, new Random(seed), (a, b) =>
      this.introduce(a, b),
    )
  }

  get size(): number {
    return this.guests.size
  }

  /** What is held, and how much may be. */
  sizes(): Record<string, { size: number; limit: number }> {
    const { peers_max, near_max, window_bytes, credit_min } = this.limits
    let flying = 0
    for (const way of this.ways.values())
      for (const end of way.ends) flying = Math.max(flying, way.from(end).flying)
    const nearest = [...this.guests.values()].map(({ ways }) => ways.size)
    return {
      peers: { size: this.guests.size, limit: peers_max },
      ways: { size: Math.max(0, ...nearest), limit: Math.max(near_max, this.guests.size) },
      flying: { size: flying, limit: window_bytes },
      held: { size: this.credits.most, limit: Math.ceil(window_bytes / credit_min) },
    }
  }

  receive(now: Micros, from: LinkId, bytes: Uint8Array): void {
    this.now = now
    const message = decode(bytes)
    const guest = this.links.get(from)
    if (guest === undefined) return this.atTheDoor(from, message)
    guest.heardAt = now
    const wrong = typeof message === 'string' ? message : this.hear(guest, message, bytes)
    if (wrong) this.letGo(guest, wrong)
  }

  closed(now: Micros, link: LinkId): void {
    this.now = now
    const guest = this.links.get(link)
    if (guest) this.forget(guest, undefined)
  }

  wake(now: Micros): void {
    this.now = now
    this.credits.pass(now)
    if (now >= this.beatAt) {
      this.beatAt = now + this.limits.beat
      for (const guest of [...this.links.values()])
        if (now - guest.heardAt > this.limits.silence_max) this.letGo(guest, 'silent')
        else this.send(guest, encode.beat())
    }
    if (now >= this.tendAt) this.tend()
  }

  nextWake(): Micros {
    if (this.guests.size === 0) return NEVER
    return Math.min(this.beatAt, this.tendAt, this.credits.next)
  }

  /** Everybody is told that it is over, and why. */
  close(now: Micros, code: MeetingCode): void {
    this.now = now
    for (const guest of [...this.links.values()]) {
      this.links.delete(guest.link)
      this.refuse(guest.link, code)
    }
    this.guests.clear()
    this.ways.clear()
    this.credits.clear()
  }

  outgoing(): readonly Outgoing[] {
    return this.out.take()
  }

  happenings(): readonly RoomHappening[] {
    return this.happened.take()
  }

  // --- who is there

  private atTheDoor(link: LinkId, message: ReturnType<typeof decode>): void {
    const entering = typeof message === 'string' || message.kind === 'enter' ? message : 'malformed'
    const refusal = typeof entering === 'string' ? { code: entering, hint: '' } : this.refusal(entering)
    if (refusal) {
      this.happened.push({ kind: 'refused', code: refusal.code })
      return this.refuse(link, refusal.code, refusal.hint)
    }
    this.admit(link, entering as Enter)
  }

  private refusal({ fps, app, id, key }: Enter): { code: MeetingCode; hint: string } | undefined {
    if (fps < 1 || fps > LIMITS.fps_max)
      return { code: 'bad_request', hint: `FPS from 1 to ${LIMITS.fps_max}` }
    if (this.fps !== undefined && fps !== this.fps)
      return { code: 'fps_differs', hint: `There it is ${this.fps}, here ${fps}.` }
    if (this.app !== undefined && app !== this.app)
      return { code: 'app_differs', hint: `There it is ${this.app}, here ${app}.` }
    const same = this.guests.get(id)
    if (same) return same.key === key ? undefined : { code: 'same_id', hint: '' }
    if (this.guests.size >= this.limits.peers_max)
      return { code: 'room_full', hint: `It takes ${this.limits.peers_max}.` }
    return undefined
  }

  private admit(link: LinkId, entering: Enter): void {
    const { id, fps, app } = entering
    const before = this.guests.get(id)
    if (before) this.letGo(before, 'replaced')
    this.fps ??= fps
    this.app ??= app
    const guest = new Guest(this.now, link, entering, this.limits)
    this.links.set(link, guest)
    this.guests.set(id, guest)
    if (this.guests.size === 1) this.beatAt = this.now + this.limits.beat
    this.happened.push({ kind: 'entered', id })
    let linked = 0
    for (const each of guest.claims) if (this.guests.get(each)?.isLinked(guest)) linked++
    this.send(guest, encode.welcome(this.guests.size - 1, linked))
    this.tend()
  }

  private letGo(guest: Guest, code: MeetingCode): void {
    this.refuse(guest.link, code)
    this.forget(guest, code)
  }

  private refuse(link: LinkId, code: MeetingCode, hint = ''): void {
    this.out.push({ to: link, bytes: encode.refused(code, hint) })
    this.happened.push({ kind: 'close', link })
  }

  private forget(guest: Guest, why: MeetingCode | undefined): void {
    const { id, link } = guest
    this.links.delete(link)
    this.guests.delete(id)
    for (const way of guest.ways.values()) {
      this.end(way)
      this.send(way.other(guest), encode.shut(way.number, 'gone'))
    }
    for (const { apart } of this.guests.values()) apart.delete(id)
    this.happened.push({ kind: 'gone', id, why })
    if (this.guests.size === 1) for (const last of this.guests.values()) this.send(last, encode.alone())
    this.tend()
  }

  // --- what they say

  private hear(guest: Guest, message: MeetingMessage, bytes: Uint8Array): MeetingCode | undefined {
    if (message.kind === 'relay') return this.relay(guest, message.way, message.bytes.length, bytes)
    if (guest.words.when(this.now, 1) > this.now) return 'overflow'
    guest.words.spend(this.now, 1)
    switch (message.kind) {
      case 'beat':
        return undefined
      case 'credit':
        return this.credit(guest, message.way, message.bytes)
      case 'signal':
        return this.signal(guest, message.way, bytes)
      case 'shut':
        return this.shut(guest, message.way, message.how)
      case 'near':
        return this.claim(guest, message.id, message.isThere)
      default:
        return 'malformed'
    }
  }

  /** A way that this one has a hand in; one that has ended is of no interest, since word of that may be on its way. */
  private wayOf(guest: Guest, number: number): Way | undefined {
    const way = this.ways.get(number)
    return way?.has(guest) ? way : undefined
  }

  private relay(guest: Guest, number: number, length: number, bytes: Uint8Array): MeetingCode | undefined {
    const way = this.wayOf(guest, number)
    // Also what leads nowhere any more costs its sender a word: else it could be sent without end.
    if (way === undefined) return this.spendWord(guest)
    const flow = way.from(guest)
    flow.flying += length + this.limits.piece_cost
    // P8: the window is what the other end may cost here.
    if (flow.flying > this.limits.window_bytes) return 'overflow'
    this.send(way.other(guest), bytes)
    return undefined
  }

  private spendWord(guest: Guest): MeetingCode | undefined {
    if (guest.words.when(this.now, 1) > this.now) return 'overflow'
    guest.words.spend(this.now, 1)
    return undefined
  }

  /** The other end has taken so much: its sender hears of it as soon as it may send so much again. */
  private credit(guest: Guest, number: number, weight: number): MeetingCode | undefined {
    const way = this.wayOf(guest, number)
    if (way === undefined) return undefined
    return this.credits.take(this.now, way, way.other(guest), weight) ? undefined : 'malformed'
  }

  private signal(guest: Guest, number: number, bytes: Uint8Array): MeetingCode | undefined {
    const way = this.wayOf(guest, number)
    if (way === undefined) return undefined
    if (++way.from(guest).signals > this.limits.signals_max) return 'overflow'
    this.send(way.other(guest), bytes)
    return undefined
  }

  private shut(guest: Guest, number: number, how: Shut): MeetingCode | undefined {
    if (how === 'gone') return 'malformed'
    const way = this.wayOf(guest, number)
    if (way === undefined) return undefined
    const other = way.other(guest)
    this.end(way)
    this.send(other, encode.shut(number, how))
    // All that was sent before has been passed on.
    this.send(guest, encode.shut(number, how))
    guest.apart.set(other.id, how === 'apart' ? NEVER : this.now + this.limits.apart_min)
    this.tend()
    return undefined
  }

  private claim(guest: Guest, id: InstanceId, isThere: boolean): MeetingCode | undefined {
    if (isThere) guest.claims.add(id)
    else if (guest.claims.delete(id)) this.tend()
    return guest.claims.size > this.limits.claims_max ? 'malformed' : undefined
  }

  // --- who meets whom

  private tend(): void {
    this.tendAt = this.introductions.tend(this.now)
  }

  private introduce(a: Guest, b: Guest): void {
    const way = new Way(++this.lastWay, [a, b])
    this.ways.set(way.number, way)
    a.ways.set(b.id, way)
    b.ways.set(a.id, way)
    this.send(a, encode.introduced(way.number, b.id))
    this.send(b, encode.introduced(way.number, a.id))
  }

  private end(way: Way): void {
    this.ways.delete(way.number)
    const [a, b] = way.ends
    a.ways.delete(b.id)
    b.ways.delete(a.id)
    this.credits.drop(way)
  }

  private send({ link }: Guest, bytes: Uint8Array): void {
    this.out.push({ to: link, bytes })
  }
}
