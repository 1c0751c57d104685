import { MEETING_LIMITS } from '../../../src/core/meeting/limits.ts'
import { decode, encode, type MeetingMessage, type Shut } from '../../../src/core/meeting/messages.ts'
import { Room } from '../../../src/core/meeting/room.ts'
import { Random } from '../../../src/core/random.ts'
import type { LinkId, Micros } from '../../../src/core/timeline/tick.ts'
import { MILLISECOND, SECOND } from '../../../src/core/timeline/tick.ts'
import { GuestModel as Guest, type GuestModel, otherEnd, RoomModel } from './model.ts'

/**
 * What holds in a room, whatever peers do:
 * - `M1` whoever is introduced is told of the same new way as the other end, and may meet it;
 * - `M2` what is relayed, or described, reaches the other end as it is, at once and in order, and nobody else;
 * - `M3` a sender is told of what was taken, no more, each once, at its rate and all in the end;
 * - `M4` who comes is told who is there, and who stays of every end: of a way, and of being alone;
 * - `M5` the room is of one piece, as far as may be; everybody has a few links and nobody too many;
 * - `M6` who goes beyond a limit is let go, for that reason, and nobody else is; what is held is bounded.
 */
export type MeetingRule = 'M1' | 'M2' | 'M3' | 'M4' | 'M5' | 'M6'

export interface Broken {
  readonly invariant: MeetingRule
  readonly what: string
}

const LIMITS = {
  ...MEETING_LIMITS,
  ...{ peers_max: 7, all_max: 3, few: 2, near_max: 3, claims_max: 3, signals_max: 3 },
  ...{
    window_bytes: 2_000,
    credit_min: 300,
    rate: 300,
    burst_bytes: 2_000,
    words_rate: 20,
    words_burst: 40,
  },
}
const LINKS = 10
const RULE_OF: Readonly<Record<string, MeetingRule>> = { relay: 'M2', signal: 'M2', refused: 'M6' }

class Story {
  readonly broken: Broken[] = []
  readonly reached = new Map<string, number>()
  private readonly room: Room
  private readonly model = new RoomModel(LIMITS)
  private readonly random: Random
  private now: Micros = 1_000
  /** What has to be said before the step is over, and not a word more of the kind. */
  private due: string[] = []
  private entering: Parameters<typeof encode.enter>[0] | undefined
  private readonly rudeness: number
  private readonly used = new Set<LinkId>()

  constructor(seed: number) {
    this.random = new Random(seed)
    this.room = new Room(this.now, { seed, limits: LIMITS })
    this.rudeness = this.random.chance(0.5) ? 0 : 0.05
  }

  play(): this {
    for (let n = 0; n < 150 && this.broken.length === 0; n++) this.act()
    // Quiet: whatever waits for its time has it, and who never answers is gone.
    this.pass(30 * SECOND)
    this.holds()
    return this
  }

  // --- what peers do

  private act(): void {
    const { random } = this
    const guests = [...this.model.guests.values()]
    const guest = guests[random.below(guests.length)]
    const isRude = random.chance(this.rudeness)
    if (guest === undefined || random.chance(0.12)) return this.enter(isRude)
    if (random.chance(0.15))
      return this.pass(random.below(random.chance(0.1) ? 6 * SECOND : 300 * MILLISECOND))
    if (random.chance(0.03)) return this.close(guest)
    if (random.chance(0.01)) guest.isMute = true
    if (isRude) {
      const bytes = this.rude(guest)
      for (let n = random.chance(0.4) ? 50 : 1; n > 0; n--) this.say(guest.link, bytes)
      return
    }
    const ways = [...guest.ways.values()]
    const way = ways[random.below(ways.length)]
    const id = 1 + random.below(LINKS)
    const isThere = random.chance(0.6) && guest.claims.size < LIMITS.claims_max
    if (way === undefined || random.chance(0.1)) return this.say(guest.link, encode.near(id, isThere))
    const { number } = way
    if (random.chance(0.06)) {
      const how = (['closed', 'cut', 'apart'] as const)[random.below(random.chance(0.3) ? 3 : 2)] as Shut
      return this.say(guest.link, encode.shut(number, how))
    }
    const mine = way.flows.get(guest)
    if (random.chance(0.1) && (mine?.signals ?? 0) < LIMITS.signals_max)
      return this.say(guest.link, encode.signal(number, this.bytes(random.below(20))))
    const theirs = way.flows.get(otherEnd(way, guest))
    const owed = (theirs?.relayed ?? 0) - (theirs?.taken ?? 0)
    if (owed > 0 && random.chance(0.5)) {
      if (random.chance(0.5)) return this.say(guest.link, encode.credit(number, owed))
      // Some of it, or bit by bit.
      const bits = random.chance(0.3) ? Math.min(owed, 12) : 1
      const some = 1 + random.below(Math.min(200, Math.floor(owed / bits)))
      for (let n = 0; n < bits; n++) this.say(guest.link, encode.credit(number, some))
      return
    }
    const left = LIMITS.window_bytes - ((mine?.relayed ?? 0) - (mine?.told ?? 0)) - LIMITS.piece_cost
    if (left >= 0)
      this.say(
        guest.link,
        encode.relay(number, random.chance(0.5), this.bytes(random.below(Math.min(left + 1, 500)))),
      )
  }

  private rude(guest: GuestModel): Uint8Array {
    const { random } = this
    const number = 1 + random.below(this.model.lastWay + 2)
    const flow = this.model.wayOf(guest, number)?.flows.get(guest)
    const [way] = guest.ways.values()
    const theirs = way?.flows.get(otherEnd(way, guest))
    const owed = (theirs?.relayed ?? 0) - (theirs?.taken ?? 0)
    return [
      () => encode.credit(way?.number ?? number, owed + 1 + random.below(100)),
      () => encode.relay(number, true, this.bytes(random.below(2_500))),
      () => encode.credit(number, random.below(1_500)),
      () => encode.signal(number, this.bytes((flow?.signals ?? 0) + 1)),
      () => encode.shut(number, random.chance(0.5) ? 'gone' : 'cut'),
      () => encode.near(100 + random.below(9), true),
      () => encode.welcome(1, 1),
      () => Uint8Array.of(9, 106),
      () => this.bytes(random.below(9)),
    ][random.below(9)]?.() as Uint8Array
  }

  private enter(isRude: boolean): void {
    const { random } = this
    const link = 1 + random.below(1_000_000)
    if (this.used.has(link)) return
    this.used.add(link)
    const id = 1 + random.below(LINKS)
    const key = isRude ? 99 : id
    const linked = Array.from({ length: random.below(3) }, () => 1 + random.below(LINKS))
    const fps = isRude ? ([0, 25, 50][random.below(3)] ?? 0) : 50
    const app = isRude && random.chance(0.3) ? 'b@1' : 'a@1'
    if (isRude && random.chance(0.2)) this.say(link, encode.beat())
    else this.say(link, encode.enter({ room: 'r', fps, app, id, key, linked }))
  }

  private bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.below(256))
  }

  // --- what should come of it

  private say(link: LinkId, bytes: Uint8Array): void {
    const message = decode(bytes)
    const guest = this.model.guests.get(link)
    if (guest) {
      guest.heardAt = this.now
      const code = typeof message === 'string' ? message : this.expected(guest, message, bytes)
      if (code) this.due.push(`${link} refused ${code}`)
    } else this.knocks(link, message)
    this.room.receive(this.now, link, bytes)
    this.look()
  }

  private knocks(link: LinkId, message: ReturnType<typeof decode>): void {
    const code =
      typeof message === 'string' ? message : message.kind === 'enter' ? this.atTheDoor(message) : 'malformed'
    if (code) this.due.push(`${link} refused ${code}`)
    else {
      const entering = message as Parameters<typeof encode.enter>[0]
      const before = this.model.byId(entering.id)
      if (before) this.due.push(`${before.link} refused replaced`)
      this.entering = entering
      this.due.push(`${link} welcome`)
    }
  }

  private atTheDoor({ fps, app, id, key }: Parameters<typeof encode.enter>[0]): string | undefined {
    if (fps < 1) return 'bad_request'
    if (fps !== (this.model.fps ?? fps)) return 'fps_differs'
    if (app !== (this.model.app ?? app)) return 'app_differs'
    const same = this.model.byId(id)
    if (same) return same.key === key ? undefined : 'same_id'
    return this.model.guests.size >= LIMITS.peers_max ? 'room_full' : undefined
  }

  /** Why it is to be let go, if it is; and what is due otherwise. */
  private expected(guest: GuestModel, message: MeetingMessage, bytes: Uint8Array): string | undefined {
    const way = 'way' in message ? this.model.wayOf(guest, message.way) : undefined
    const isPassed = message.kind === 'relay' && way !== undefined
    if (!isPassed && !guest.says(this.now)) return 'overflow'
    const flow = way?.flows.get(guest)
    const other = way && otherEnd(way, guest)
    switch (message.kind) {
      case 'beat':
        return undefined
      case 'near':
        if (message.isThere) guest.claims.add(message.id)
        else guest.claims.delete(message.id)
        return guest.claims.size > LIMITS.claims_max ? 'malformed' : undefined
      case 'relay':
        if (!flow || !other) return undefined
        flow.relayed += message.bytes.length + LIMITS.piece_cost
        if (flow.relayed - flow.told > LIMITS.window_bytes) return 'overflow'
        this.due.push(`${other.link} relay ${bytes}`)
        return undefined
      case 'signal':
        if (!flow || !other) return undefined
        if (++flow.signals > LIMITS.signals_max) return 'overflow'
        this.due.push(`${other.link} signal ${bytes}`)
        return undefined
      case 'credit': {
        const theirs = other && way.flows.get(other)
        if (!theirs) return undefined
        if (message.bytes === 0 || message.bytes > theirs.relayed - theirs.taken) return 'malformed'
        theirs.taken += message.bytes
        return undefined
      }
      case 'shut':
        if (message.how === 'gone') return 'malformed'
        if (!way || !other) return undefined
        this.model.end(way)
        this.model.partedBy(guest, other, message.how, this.now)
        for (const { link } of way.ends) this.due.push(`${link} shut ${way.number} ${message.how}`)
        return undefined
      default:
        return 'malformed'
    }
  }

  private close(guest: GuestModel): void {
    this.goes(guest)
    this.room.closed(this.now, guest.link)
    this.look()
  }

  private goes(guest: GuestModel): void {
    for (const [{ link }, { number }] of this.model.remove(guest))
      this.due.push(`${link} shut ${number} gone`)
    const [last, ...others] = this.model.guests.values()
    if (last && others.length === 0) this.due.push(`${last.link} alone`)
  }

  private pass(time: Micros): void {
    const end = this.now + time
    for (let at = this.room.nextWake(); at <= end && this.broken.length === 0; at = this.room.nextWake()) {
      this.now = Math.max(this.now, at)
      this.room.wake(this.now)
      this.look()
    }
    this.now = end
  }

  // --- what came of it

  private look(): void {
    const introduced = new Map<number, [GuestModel, number][]>()
    const asked: LinkId[] = []
    const refused: LinkId[] = []
    for (const { to, bytes } of this.room.outgoing()) {
      const message = decode(bytes)
      if (typeof message === 'string') return this.breaks('M2', `${to} was told what is ${message}`)
      this.reached.set(message.kind, (this.reached.get(message.kind) ?? 0) + 1)
      if (message.kind === 'refused') refused.push(to)
      if (message.kind === 'beat') asked.push(to)
      this.told(to, message, bytes, introduced)
    }
    for (const [way, ends] of introduced) if (ends.length !== 2) this.breaks('M1', `${way} has one end`)
    for (const left of this.due.splice(0))
      this.breaks(RULE_OF[left.split(' ')[1] ?? ''] ?? 'M4', `not told: ${left}`)
    const closed = this.room.happenings().flatMap((each) => (each.kind === 'close' ? [each.link] : []))
    if (`${closed}` !== `${refused}`) this.breaks('M6', `refused ${refused}, closed ${closed}`)
    for (const [name, { size, limit }] of Object.entries(this.room.sizes()))
      if (size > limit) this.breaks('M6', `${size} ${name}, ${limit} may be`)
    for (const link of asked) if (this.model.guests.get(link)?.isMute === false) this.say(link, encode.beat())
  }

  private told(
    to: LinkId,
    message: MeetingMessage,
    bytes: Uint8Array,
    introduced: Map<number, [GuestModel, number][]>,
  ): void {
    const guest = this.model.guests.get(to)
    switch (message.kind) {
      case 'introduced':
        return this.meets(guest, message, introduced)
      case 'credit':
        return this.hears(guest, message.way, message.bytes)
      case 'beat':
        if (guest === undefined) this.breaks('M4', `${to} is asked, and is not there`)
        return
      case 'refused': {
        if (message.code === 'silent' && guest && this.now - guest.heardAt > LIMITS.silence_max)
          this.due.push(`${to} refused silent`)
        this.takes(`${to} refused ${message.code}`, 'M6')
        if (guest) this.goes(guest)
        return
      }
      case 'welcome':
        this.takes(`${to} welcome`, 'M4')
        return this.comes(to, message.others, message.linked)
      case 'shut':
        return this.takes(`${to} shut ${message.way} ${message.how}`, 'M4')
      case 'alone':
        return this.takes(`${to} alone`, 'M4')
      default:
        return this.takes(`${to} ${message.kind} ${bytes}`, 'M2')
    }
  }

  private takes(what: string, rule: MeetingRule): void {
    const at = this.due.indexOf(what)
    if (at < 0) this.breaks(rule, `told for no reason: ${what}`)
    else this.due.splice(at, 1)
  }

  private comes(link: LinkId, others: number, linked: number): void {
    const { entering, model } = this
    if (entering === undefined) return
    model.fps ??= entering.fps
    model.app ??= entering.app
    const guest = new Guest(this.now, link, entering, LIMITS)
    model.guests.set(link, guest)
    const near = model.near(guest).length
    if (others !== model.guests.size - 1 || linked !== near)
      this.breaks(
        'M4',
        `${link} hears of ${others} others, ${linked} linked: ${model.guests.size - 1}, ${near}`,
      )
  }

  private meets(
    guest: GuestModel | undefined,
    { way, id }: { way: number; id: number },
    introduced: Map<number, [GuestModel, number][]>,
  ): void {
    if (guest === undefined) return this.breaks('M1', `one who is not there is introduced to ${id}`)
    const ends = introduced.get(way) ?? []
    introduced.set(way, [...ends, [guest, id]])
    const [first] = ends
    if (first === undefined) {
      if (way <= this.model.lastWay) this.breaks('M1', `way ${way} is not new`)
      this.model.lastWay = way
      return
    }
    const [other, theirs] = first
    if (ends.length > 1 || theirs !== guest.id || other.id !== id)
      return this.breaks('M1', `${other.id} is introduced to ${theirs}, ${guest.id} to ${id}`)
    if (!this.model.mayMeet(this.now, guest, other)) this.breaks('M1', `${guest.id} and ${id} may not meet`)
    const isFull = [guest, other].some((each) => this.model.near(each).length >= LIMITS.near_max)
    if (isFull && this.model.reach(guest).has(other)) this.breaks('M5', `${guest.id} and ${id} have enough`)
    this.model.open(way, guest, other)
  }

  private hears(guest: GuestModel | undefined, number: number, bytes: number): void {
    const flow = guest && this.model.wayOf(guest, number)?.flows.get(guest)
    if (!flow) return this.breaks('M3', `a credit of ${bytes} by a way that has ended`)
    flow.told += bytes
    guest.told += bytes
    if (flow.told > flow.taken || bytes === 0)
      this.breaks('M3', `${guest.id} hears of ${flow.told} bytes, ${flow.taken} were taken`)
    const most = LIMITS.burst_bytes + ((this.now - guest.cameAt) / SECOND) * LIMITS.rate
    if (guest.told > most + 1)
      this.breaks('M3', `${guest.id} hears of ${guest.told} bytes, at most ${most} by now`)
  }

  /** After a while in which nothing was said. */
  private holds(): void {
    if (this.broken.length > 0) return
    const { model, now } = this
    const guests = [...model.guests.values()]
    for (const { ends, flows, number } of model.ways.values())
      for (const end of ends) {
        const { taken = 0, told = 0 } = flows.get(end) ?? {}
        if (taken !== told) this.breaks('M3', `${taken} bytes were taken on way ${number}, ${told} told`)
      }
    const wanted = guests.length - 1 <= LIMITS.all_max ? guests.length - 1 : LIMITS.few
    for (const guest of guests) {
      if (now - guest.heardAt > LIMITS.silence_max + LIMITS.beat) this.breaks('M6', `${guest.id} is silent`)
      const reached = model.reach(guest)
      const isFew = model.near(guest).length < wanted
      for (const other of guests) {
        if (!model.mayMeet(now, guest, other)) continue
        if (!reached.has(other)) this.breaks('M5', `${guest.id} does not reach ${other.id}`)
        if (isFew && model.near(other).length < LIMITS.near_max) this.breaks('M5', `${guest.id} has too few`)
      }
    }
    this.reached.set('quiet', guests.length)
  }

  private breaks(invariant: MeetingRule, what: string): void {
    this.broken.push({ invariant, what })
  }
}

export const playMeeting = (seed: number): Pick<Story, 'broken' | 'reached'> => new Story(seed).play()
