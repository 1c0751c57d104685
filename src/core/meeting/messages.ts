import { LIMITS } from '../limits.ts'
import { PROTOCOL_VERSION } from '../session/messages.ts'
import type { InstanceId } from '../timeline/tick.ts'
import { Reader, Writer } from '../wire/bytes.ts'
import { MEETING_LIMITS } from './limits.ts'
import { MEETING_REFUSALS, type MeetingCode } from './refusals.ts'

/**
 * What a peer and a meeting point say to each other, laid out like the messages of peers, with types of their own.
 * docs/peers.md gives each of them byte by byte. What is relayed is laid out alike in both directions, so that the
 * meeting point passes on the very bytes that came.
 */

/** How a way between two peers ended. */
export const SHUTS = ['closed', 'cut', 'apart', 'gone'] as const
/**
 * `closed`: in order, what was sent before has arrived; `cut`: it broke; `apart`: one of the two wants no other way
 * between them; `gone`: one of the two is not at the meeting point any more, which says nothing of the link.
 */
export type Shut = (typeof SHUTS)[number]

/** The first message of a peer: where it wants in, what it runs, who it is, and whom it is linked with already. */
export interface Enter {
  readonly kind: 'enter'
  readonly room: string
  readonly fps: number
  readonly app: string
  readonly id: InstanceId
  /** The same as long as the peer lives: so it can come again before its old connection is known to be dead. */
  readonly key: number
  readonly linked: readonly InstanceId[]
}

/** The peer is in the room. */
export interface Welcome {
  readonly kind: 'welcome'
  /** How many others are there. */
  readonly others: number
  /** With how many of them it is linked already. If not with all, it is introduced to some. */
  readonly linked: number
}

export type MeetingMessage =
  | Enter
  | Welcome
  /** A way to another peer is there. The one with the higher id offers the direct one. */
  | { readonly kind: 'introduced'; readonly way: number; readonly id: InstanceId }
  /** Where the sender can be reached directly: for the other end of the way alone. */
  | { readonly kind: 'signal'; readonly way: number; readonly bytes: Uint8Array }
  /** A piece of a message for the other end. */
  | { readonly kind: 'relay'; readonly way: number; readonly last: boolean; readonly bytes: Uint8Array }
  /** So much of what was relayed has been taken. */
  | { readonly kind: 'credit'; readonly way: number; readonly bytes: number }
  | { readonly kind: 'shut'; readonly way: number; readonly how: Shut }
  /** A link that needs no way here: there it is, or it has ended. */
  | { readonly kind: 'near'; readonly id: InstanceId; readonly isThere: boolean }
  /** Nobody else is in the room any more. */
  | { readonly kind: 'alone' }
  /** Are you there? The same is the answer. */
  | { readonly kind: 'beat' }
  | { readonly kind: 'refused'; readonly code: MeetingCode; readonly hint: string }

const T = {
  enter: 97,
  welcome: 98,
  introduced: 99,
  signal: 100,
  relay: 101,
  credit: 102,
  shut: 103,
  near: 104,
  alone: 105,
  beat: 106,
  refused: 107,
} as const

const CODES = Object.keys(MEETING_REFUSALS) as MeetingCode[]

const w = new Writer()
const open = (type: number): Writer => w.reset().u8(PROTOCOL_VERSION).u8(type)

export const encode = {
  enter: ({ room, fps, app, id, key, linked }: Omit<Enter, 'kind'>): Uint8Array => {
    open(T.enter).text(room).varint(fps).text(app).varint(id).varint(key).varint(linked.length)
    for (const each of linked) w.varint(each)
    return w.take()
  },
  welcome: (others: number, linked: number): Uint8Array =>
    open(T.welcome).varint(others).varint(linked).take(),
  introduced: (way: number, id: InstanceId): Uint8Array => open(T.introduced).varint(way).varint(id).take(),
  signal: (way: number, bytes: Uint8Array): Uint8Array => open(T.signal).varint(way).block(bytes).take(),
  relay: (way: number, last: boolean, bytes: Uint8Array): Uint8Array =>
    open(T.relay)
      .varint(way)
      .u8(last ? 1 : 0)
      .block(bytes)
      .take(),
  credit: (way: number, bytes: number): Uint8Array => open(T.credit).varint(way).varint(bytes).take(),
  shut: (way: number, how: Shut): Uint8Array => open(T.shut).varint(way).u8(SHUTS.indexOf(how)).take(),
  near: (id: InstanceId, isThere: boolean): Uint8Array =>
    open(T.near)
      .varint(id)
      .u8(isThere ? 1 : 0)
      .take(),
  alone: (): Uint8Array => open(T.alone).take(),
  beat: (): Uint8Array => open(T.beat).take(),
  refused: (code: MeetingCode, hint = ''): Uint8Array =>
    open(T.refused).u8(CODES.indexOf(code)).text(hint).take(),
}

const r = new Reader()

const flag = (): boolean => {
  const value = r.u8()
  if (value > 1) r.bad = true
  return value === 1
}

/** One of a list, by its place in it. */
const oneOf = <V>(list: readonly V[], fallback: V): V => {
  const value = list[r.u8()]
  if (value === undefined) r.bad = true
  return value ?? fallback
}

const idOf = (): InstanceId => {
  const id = r.varint()
  if (id === 0) r.bad = true
  return id
}

const readEnter = (): Enter => {
  const room = r.text(MEETING_LIMITS.text_bytes_max)
  const fps = r.varint()
  const app = r.text(MEETING_LIMITS.text_bytes_max)
  const id = idOf()
  const key = r.varint()
  const count = r.varint()
  if (count > MEETING_LIMITS.claims_max) r.bad = true
  const linked: InstanceId[] = []
  for (let i = 0; i < count && !r.bad; i++) linked.push(idOf())
  return { kind: 'enter', room, fps, app, id, key, linked }
}

const fields = (type: number): MeetingMessage | undefined => {
  switch (type) {
    case T.relay:
      return {
        kind: 'relay',
        way: r.varint(),
        last: flag(),
        bytes: r.block(MEETING_LIMITS.piece_bytes_max),
      }
    case T.credit:
      return { kind: 'credit', way: r.varint(), bytes: r.varint() }
    case T.signal:
      return { kind: 'signal', way: r.varint(), bytes: r.block(MEETING_LIMITS.signal_bytes_max) }
    case T.beat:
      return { kind: 'beat' }
    case T.near:
      return { kind: 'near', id: idOf(), isThere: flag() }
    case T.shut:
      return { kind: 'shut', way: r.varint(), how: oneOf(SHUTS, 'cut') }
    case T.introduced:
      return { kind: 'introduced', way: r.varint(), id: idOf() }
    case T.welcome:
      return { kind: 'welcome', others: r.varint(), linked: r.varint() }
    case T.alone:
      return { kind: 'alone' }
    case T.enter:
      return readEnter()
    case T.refused:
      return { kind: 'refused', code: oneOf(CODES, 'malformed'), hint: r.text(MEETING_LIMITS.text_bytes_max) }
    default:
      return undefined
  }
}

/** Read a message. Never throws: what is no message of this version gives the reason. */
export const decode = (bytes: Uint8Array): MeetingMessage | 'version' | 'malformed' => {
  if (bytes.length < 2 || bytes.length > LIMITS.message_bytes_max) return 'malformed'
  r.over(bytes)
  if (r.u8() !== PROTOCOL_VERSION) return 'version'
  const message = fields(r.u8())
  return message !== undefined && r.ok ? message : 'malformed'
}
