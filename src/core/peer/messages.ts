import type { RefusalCode } from '../errors.ts'
import { REFUSALS } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { PROTOCOL_VERSION } from '../session/messages.ts'
import { TICK } from '../timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, type Micros, type Tick } from '../timeline/tick.ts'
import { EMPTY, Reader, Writer } from '../wire/bytes.ts'
import { PEER_LIMITS } from './limits.ts'
import type {
  Bound,
  Chunk,
  Claim,
  Fetch,
  Flood,
  Folded,
  Have,
  Meet,
  Message,
  Missed,
  Part,
  PeerEvent,
  Pulse,
  SeenOf,
  Stand,
  Sync,
} from './message-types.ts'

export type * from './message-types.ts'
export { firstOf, inMessages, inParts } from './parts.ts'

/**
 * The messages of peers, laid out by hand like those of a session, with types of their own: whoever calls at the
 * wrong door is told so. docs/protocol.md gives each of them byte by byte.
 *
 * What `decode` returns is one object for each kind, filled anew at every call. Events are not reused; a payload
 * is a view of the bytes that were decoded.
 */

const T = {
  meet: 65,
  have: 66,
  flood: 67,
  missed: 68,
  sync: 69,
  pulse: 70,
  part: 71,
  stand: 72,
  bound: 73,
  claim: 74,
  folded: 75,
  fetch: 76,
  chunk: 77,
} as const

const CODES = Object.keys(REFUSALS) as RefusalCode[]

const w = new Writer()

const open = (type: number): Writer => w.reset().u8(PROTOCOL_VERSION).u8(type)

const writeEvents = (events: readonly PeerEvent[]): Uint8Array => {
  w.varint(events.length)
  for (const e of events)
    w.varint(e.stamp).varint(e.source).varint(e.number).varint(e.lead).zigzag(e.id).block(e.payload)
  return w.take()
}

const writeSeen = (seen: readonly SeenOf[]): Uint8Array => {
  w.varint(seen.length)
  for (const { source, upTo, beyond } of seen) {
    w.varint(source).varint(upTo).varint(beyond.length)
    let before = upTo + 1
    for (const number of beyond) {
      w.varint(number - before)
      before = number
    }
  }
  return w.take()
}

export const encode = {
  meet: (fps: number, app: string, id: InstanceId): Uint8Array =>
    open(T.meet).varint(fps).text(app).varint(id).take(),

  have: (done: boolean, firm: Tick, seen: readonly SeenOf[]): Uint8Array => {
    open(T.have)
      .u8(done ? 1 : 0)
      .zigzag(firm)
    return writeSeen(seen)
  },

  flood: (events: readonly PeerEvent[]): Uint8Array => {
    open(T.flood)
    return writeEvents(events)
  },

  missed: (done: boolean, events: readonly PeerEvent[]): Uint8Array => {
    open(T.missed).u8(done ? 1 : 0)
    return writeEvents(events)
  },

  sync: (
    clock: Micros,
    echo: Micros,
    held: Micros,
    reference: Micros,
    root: InstanceId,
    beat: number,
    error: Micros,
    reach: Micros,
  ): Uint8Array =>
    open(T.sync)
      .varint(clock)
      .varint(echo)
      .varint(held)
      .varint(reference)
      .varint(root)
      .varint(beat)
      .varint(error)
      .varint(reach)
      .take(),

  pulse: (source: InstanceId, number: number, position: Micros, root: InstanceId): Uint8Array =>
    open(T.pulse).varint(source).varint(number).varint(position).varint(root).take(),

  stand: ({ source, number, tick, promise, upTo, settled, view }: Omit<Stand, 'kind'>): Uint8Array =>
    open(T.stand)
      .varint(source)
      .varint(number)
      .zigzag(tick)
      .zigzag(promise)
      .varint(upTo)
      .zigzag(settled)
      .varint(view)
      .take(),

  bound: (tick: Tick): Uint8Array => open(T.bound).zigzag(tick).take(),

  claim: ({ late, source, number, stamp, folded, members, least }: Omit<Claim, 'kind'>): Uint8Array =>
    open(T.claim)
      .u8(late ? 1 : 0)
      .varint(source)
      .varint(number)
      .varint(stamp)
      .u8(folded ? 1 : 0)
      .varint(members)
      .varint(least)
      .take(),

  folded: (done: boolean, tick: Tick, size: number, digest: number, seen: readonly SeenOf[]): Uint8Array => {
    open(T.folded)
      .u8(done ? 1 : 0)
      .varint(tick)
      .varint(size)
      .varint(digest)
    return writeSeen(seen)
  },

  fetch: (offset: number): Uint8Array => open(T.fetch).varint(offset).take(),

  chunk: (offset: number, bytes: Uint8Array): Uint8Array => open(T.chunk).varint(offset).block(bytes).take(),

  part: (code: RefusalCode, hint = ''): Uint8Array => open(T.part).u8(CODES.indexOf(code)).text(hint).take(),
}

const r = new Reader()

const meet: Meet = { kind: 'meet', fps: 0, app: '', id: 0 }
const have: Have = { kind: 'have', done: true, firm: 0, seen: [] }
const flood: Flood = { kind: 'flood', events: [] }
const missed: Missed = { kind: 'missed', done: true, events: [] }
const sync: Sync = {
  kind: 'sync',
  clock: 0,
  echo: 0,
  held: 0,
  reference: 0,
  root: 0,
  beat: 0,
  error: 0,
  reach: 0,
}
const pulse: Pulse = { kind: 'pulse', source: 0, number: 0, position: 0, root: 0 }
const stand: Stand = {
  kind: 'stand',
  source: 0,
  number: 0,
  tick: 0,
  promise: 0,
  upTo: 0,
  settled: 0,
  view: 0,
}
const bound: Bound = { kind: 'bound', tick: 0 }
const claim: Claim = {
  kind: 'claim',
  late: false,
  source: 0,
  number: 0,
  stamp: 0,
  folded: false,
  members: 0,
  least: 0,
}
const folded: Folded = { kind: 'folded', done: true, tick: 0, size: 0, digest: 0, seen: [] }
const fetch: Fetch = { kind: 'fetch', offset: 0 }
const chunk: Chunk = { kind: 'chunk', offset: 0, bytes: EMPTY }
const part: Part = { kind: 'part', code: 'malformed', hint: '' }

const flag = (): boolean => {
  const value = r.u8()
  if (value > 1) r.bad = true
  return value === 1
}

/** A tick, or the one before the first. */
const tick = (): Tick => {
  const value = r.zigzag()
  if (value < BEFORE_FIRST) r.bad = true
  return value
}

const readEvents = (): PeerEvent[] => {
  const count = r.varint()
  if (count > PEER_LIMITS.flood_events_max) r.bad = true
  const events: PeerEvent[] = []
  for (let i = 0; i < count && !r.bad; i++) {
    const event = {
      seq: 0,
      stamp: r.varint(),
      source: r.varint(),
      number: r.varint(),
      lead: r.varint(),
      id: r.zigzag(),
      payload: r.block(LIMITS.payload_bytes_max),
    }
    // Numbers begin with 1, nobody is the sequencer, and the tick itself is never sent.
    if (event.id === TICK || event.source === 0 || event.number === 0) r.bad = true
    events.push(event)
  }
  return events
}

const readSeen = (): SeenOf[] => {
  const count = r.varint()
  if (count > PEER_LIMITS.have_sources_max) r.bad = true
  const seen: SeenOf[] = []
  for (let i = 0; i < count && !r.bad; i++) {
    const source = r.varint()
    const upTo = r.varint()
    const gaps = r.varint()
    if (source === 0 || gaps > PEER_LIMITS.beyond_max) r.bad = true
    const beyond: number[] = []
    let before = upTo + 1
    for (let j = 0; j < gaps && !r.bad; j++) {
      const step = r.varint()
      before += step
      // The first number that is lacking is not among those that are there, and each is there once.
      if (step === 0 || before > Number.MAX_SAFE_INTEGER) r.bad = true
      beyond.push(before)
    }
    seen.push({ source, upTo, beyond })
  }
  return seen
}

const fields = (type: number): Message | undefined => {
  switch (type) {
    case T.sync:
      sync.clock = r.varint()
      sync.echo = r.varint()
      sync.held = r.varint()
      sync.reference = r.varint()
      sync.root = r.varint()
      sync.beat = r.varint()
      sync.error = r.varint()
      sync.reach = r.varint()
      return sync
    case T.flood:
      flood.events = readEvents()
      return flood
    case T.pulse:
      pulse.source = r.varint()
      pulse.number = r.varint()
      pulse.position = r.varint()
      pulse.root = r.varint()
      return pulse
    case T.missed:
      missed.done = flag()
      missed.events = readEvents()
      return missed
    case T.meet:
      meet.fps = r.varint()
      meet.app = r.text(LIMITS.text_bytes_max)
      meet.id = r.varint()
      return meet
    case T.have:
      have.done = flag()
      have.firm = tick()
      have.seen = readSeen()
      return have
    case T.stand:
      stand.source = r.varint()
      stand.number = r.varint()
      stand.tick = tick()
      stand.promise = tick()
      stand.upTo = r.varint()
      stand.settled = tick()
      stand.view = r.varint()
      if (stand.source === 0 || stand.promise > stand.tick) r.bad = true
      return stand
    case T.bound:
      bound.tick = tick()
      return bound
    case T.claim:
      claim.late = flag()
      claim.source = r.varint()
      claim.number = r.varint()
      claim.stamp = r.varint()
      claim.folded = flag()
      claim.members = r.varint()
      claim.least = r.varint()
      return claim
    case T.folded:
      folded.done = flag()
      folded.tick = r.varint()
      folded.size = r.varint()
      folded.digest = r.varint()
      folded.seen = readSeen()
      return folded
    case T.fetch:
      fetch.offset = r.varint()
      return fetch
    case T.chunk:
      chunk.offset = r.varint()
      chunk.bytes = r.block(PEER_LIMITS.chunk_bytes_max)
      return chunk
    case T.part: {
      const code = CODES[r.u8()]
      if (code === undefined) r.bad = true
      part.code = code ?? 'malformed'
      part.hint = r.text(LIMITS.text_bytes_max)
      return part
    }
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
