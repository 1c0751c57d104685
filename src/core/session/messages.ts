import type { RefusalCode } from '../errors.ts'
import { REFUSALS } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { type StampedEvent, TICK } from '../timeline/event.ts'
import type { InstanceId, Micros, Tick } from '../timeline/tick.ts'
import { EMPTY, Reader, Writer } from '../wire/bytes.ts'
import type {
  Ack,
  Ask,
  Beat,
  Bye,
  Denied,
  Emit,
  Grant,
  Hello,
  Lobby,
  Message,
  Propose,
  Pulse,
  Refuse,
  Start,
  Sync,
  Welcome,
} from './message-types.ts'

export type * from './message-types.ts'

/**
 * The messages of a session, laid out by hand: a version, a type, then the fields in the order of their types.
 * docs/protocol.md gives each of them byte by byte.
 *
 * What `decode` returns is one object for each kind, filled anew at every call: it lives until the next
 * message of its kind is decoded. Events and payloads are not reused; a payload is a view of the bytes that
 * were decoded, and lives as long as these are not written to, which drivers never do.
 */

export const PROTOCOL_VERSION = 1

const T = {
  hello: 1,
  emit: 2,
  ack: 3,
  pulse: 4,
  bye: 5,
  ask: 6,
  welcome: 33,
  lobby: 34,
  start: 35,
  propose: 36,
  sync: 37,
  grant: 38,
  beat: 39,
  refuse: 40,
  denied: 41,
} as const

/** No lease in this message. */
export const NO_LEASE: Tick = -2

/** In `denied`, in place of an event's number: something that was asked for. */
export const AN_ASK = 0

const CODES = Object.keys(REFUSALS) as RefusalCode[]

const w = new Writer()

/** A message's first two bytes. */
const open = (type: number): Writer => w.reset().u8(PROTOCOL_VERSION).u8(type)

/** What an instance says. It stands alone: a page loads nothing of the rest. */
export const encodeUp = {
  hello: (fps: number, app: string, session: string, instances: number, data: Uint8Array): Uint8Array =>
    open(T.hello).varint(fps).text(app).text(session).varint(instances).block(data).take(),

  emit: (number: number, want: Micros, at: Tick, id: number, payload: Uint8Array): Uint8Array =>
    open(T.emit)
      .varint(number)
      .varint(want)
      .varint(at + 1)
      .varint(id)
      .block(payload)
      .take(),

  ack: (epoch: number, round: number, deadline: Tick, local: Tick): Uint8Array =>
    open(T.ack)
      .u32(epoch)
      .varint(round)
      .varint(deadline)
      .varint(local + 1)
      .take(),

  pulse: (
    clock: Micros,
    echo: Micros,
    held: Micros,
    local: Tick,
    position: Micros,
    down: Micros,
    spread: Micros,
    late: number,
  ): Uint8Array =>
    open(T.pulse)
      .varint(clock)
      .varint(echo)
      .varint(held)
      .varint(local + 1)
      .zigzag(position)
      .varint(down)
      .varint(spread)
      .varint(late)
      .take(),

  bye: (tick: Tick): Uint8Array =>
    open(T.bye)
      .varint(tick + 1)
      .take(),

  ask: (id: number, data: Uint8Array): Uint8Array => open(T.ask).u8(-id).block(data).take(),
}

/** What a sequencer says. */
const encodeDown = {
  welcome: (id: InstanceId, epoch: number, fps: number): Uint8Array =>
    open(T.welcome).varint(id).u32(epoch).varint(fps).take(),

  lobby: (have: number, need: number): Uint8Array => open(T.lobby).varint(have).varint(need).take(),

  start: (clock: Micros, reference: Micros): Uint8Array =>
    open(T.start).varint(clock).zigzag(reference).take(),

  propose: (epoch: number, round: number, want: Micros, reach: Micros): Uint8Array =>
    open(T.propose).u32(epoch).varint(round).varint(want).varint(reach).take(),

  /** The sequence numbers of the events follow each other. */
  sync: (epoch: number, round: number, lease: Tick, events: readonly StampedEvent[]): Uint8Array => {
    open(T.sync)
      .u32(epoch)
      .varint(round)
      .varint(lease + 2)
      .varint(events.length)
    if (events.length > 0) w.varint((events[0] as StampedEvent).seq)
    for (const e of events) w.varint(e.stamp).varint(e.source).varint(e.number).zigzag(e.id).block(e.payload)
    return w.take()
  },

  grant: (tick: Tick, lead: Micros): Uint8Array =>
    open(T.grant)
      .varint(tick + 1)
      .zigzag(lead)
      .take(),

  beat: (
    clock: Micros,
    echo: Micros,
    held: Micros,
    reference: Micros,
    interval: Micros,
    lease: Tick,
  ): Uint8Array =>
    open(T.beat)
      .varint(clock)
      .varint(echo)
      .varint(held)
      .zigzag(reference)
      .varint(interval)
      .varint(lease + 2)
      .take(),

  refuse: (code: RefusalCode, hint = ''): Uint8Array =>
    open(T.refuse).u8(CODES.indexOf(code)).text(hint).take(),

  denied: (number: number, code: RefusalCode): Uint8Array =>
    open(T.denied).varint(number).u8(CODES.indexOf(code)).take(),
}

export const encode = /* @__PURE__ */ Object.assign({}, encodeUp, encodeDown)

const r = new Reader()

const hello: Hello = { kind: 'hello', fps: 0, app: '', session: '', instances: 0, data: EMPTY }
const emit: Emit = { kind: 'emit', number: 0, want: 0, at: -1, id: 0, payload: EMPTY }
const ack: Ack = { kind: 'ack', epoch: 0, round: 0, deadline: 0, local: 0 }
const pulse: Pulse = {
  kind: 'pulse',
  clock: 0,
  echo: 0,
  held: 0,
  local: 0,
  position: 0,
  down: 0,
  spread: 0,
  late: 0,
}
const bye: Bye = { kind: 'bye', tick: 0 }
const ask: Ask = { kind: 'ask', id: 0, data: EMPTY }
const welcome: Welcome = { kind: 'welcome', id: 0, epoch: 0, fps: 0 }
const lobby: Lobby = { kind: 'lobby', have: 0, need: 0 }
const start: Start = { kind: 'start', clock: 0, reference: 0 }
const propose: Propose = { kind: 'propose', epoch: 0, round: 0, want: 0, reach: 0 }
const sync: Sync = { kind: 'sync', epoch: 0, round: 0, lease: NO_LEASE, events: [] }
const grant: Grant = { kind: 'grant', tick: 0, lead: 0 }
const beat: Beat = { kind: 'beat', clock: 0, echo: 0, held: 0, reference: 0, interval: 0, lease: NO_LEASE }
const refuse: Refuse = { kind: 'refuse', code: 'malformed', hint: '' }
const denied: Denied = { kind: 'denied', number: 0, code: 'malformed' }

const codeOf = (index: number): RefusalCode => {
  const code = CODES[index]
  if (code === undefined) r.bad = true
  return code ?? 'malformed'
}

const readEvents = (): StampedEvent[] => {
  const count = r.varint()
  if (count > LIMITS.sync_events_max) {
    r.bad = true
    return []
  }
  const events: StampedEvent[] = []
  if (count === 0) return events
  const first = r.varint()
  if (first > Number.MAX_SAFE_INTEGER - (count - 1)) r.bad = true
  for (let i = 0; i < count && !r.bad; i++) {
    const event = {
      seq: first + i,
      stamp: r.varint(),
      source: r.varint(),
      number: r.varint(),
      id: r.zigzag(),
      payload: r.block(LIMITS.payload_bytes_max),
    }
    // Only the tick itself has the id 0, and it is never sent.
    if (event.id === TICK) r.bad = true
    events.push(event)
  }
  return events
}

const fields = (type: number): Message | undefined => {
  switch (type) {
    case T.emit:
      emit.number = r.varint()
      emit.want = r.varint()
      emit.at = r.varint() - 1
      emit.id = r.varint()
      emit.payload = r.block(LIMITS.payload_bytes_max)
      return emit
    case T.ack:
      ack.epoch = r.u32()
      ack.round = r.varint()
      ack.deadline = r.varint()
      ack.local = r.varint() - 1
      return ack
    case T.pulse:
      pulse.clock = r.varint()
      pulse.echo = r.varint()
      pulse.held = r.varint()
      pulse.local = r.varint() - 1
      pulse.position = r.zigzag()
      pulse.down = r.varint()
      pulse.spread = r.varint()
      pulse.late = r.varint()
      return pulse
    case T.propose:
      propose.epoch = r.u32()
      propose.round = r.varint()
      propose.want = r.varint()
      propose.reach = r.varint()
      return propose
    case T.sync:
      sync.epoch = r.u32()
      sync.round = r.varint()
      sync.lease = r.varint() - 2
      sync.events = readEvents()
      return sync
    case T.grant:
      grant.tick = r.varint() - 1
      grant.lead = r.zigzag()
      return grant
    case T.beat:
      beat.clock = r.varint()
      beat.echo = r.varint()
      beat.held = r.varint()
      beat.reference = r.zigzag()
      beat.interval = r.varint()
      beat.lease = r.varint() - 2
      return beat
    case T.hello:
      hello.fps = r.varint()
      hello.app = r.text(LIMITS.text_bytes_max)
      hello.session = r.text(LIMITS.text_bytes_max)
      hello.instances = r.varint()
      hello.data = r.block(LIMITS.member_bytes_max)
      return hello
    case T.bye:
      bye.tick = r.varint() - 1
      return bye
    case T.ask:
      ask.id = 0 - r.u8()
      ask.data = r.block(LIMITS.member_bytes_max)
      return ask
    case T.welcome:
      welcome.id = r.varint()
      welcome.epoch = r.u32()
      welcome.fps = r.varint()
      return welcome
    case T.lobby:
      lobby.have = r.varint()
      lobby.need = r.varint()
      return lobby
    case T.start:
      start.clock = r.varint()
      start.reference = r.zigzag()
      return start
    case T.refuse:
      refuse.code = codeOf(r.u8())
      refuse.hint = r.text(LIMITS.text_bytes_max)
      return refuse
    case T.denied:
      denied.number = r.varint()
      denied.code = codeOf(r.u8())
      return denied
    default:
      return undefined
  }
}

/** Read a message. Never throws: what is no message of this version gives the reason. */
export const decode = (bytes: Uint8Array): Message | RefusalCode => {
  if (bytes.length < 2 || bytes.length > LIMITS.message_bytes_max) return 'malformed'
  r.over(bytes)
  if (r.u8() !== PROTOCOL_VERSION) return 'version'
  const message = fields(r.u8())
  return message !== undefined && r.ok ? message : 'malformed'
}
