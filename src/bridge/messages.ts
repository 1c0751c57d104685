import { decode, encode, type Fields, type ValuesOf } from './layout.ts'

/** What a program sends first, before its messages: by these bytes its protocol is told from the first one. */
export const MAGIC = Buffer.from('SAME')
export const VERSION = 1

/** In which form a program gets its inputs. */
export const MODE = { inputs: 0, requests: 1 } as const
export const STATUS = { running: 0, frozen: 1, catchingUp: 2 } as const

/** What a program says. Types below 64. */
export const SAID = {
  /** The first message: what session, as what, and in which form. */
  hello: {
    type: 1,
    fields: [
      ['mode', 'u8'],
      ['fps', 'i32'],
      ['window', 'i32'],
      ['instances', 'i32'],
      ['app', 'text'],
      ['session', 'text'],
      ['data', 'bytes'],
    ],
  },
  emit: {
    type: 2,
    fields: [
      ['evt', 'i32'],
      ['payload', 'bytes'],
    ],
  },
  /** All inputs up to this tick have been run. */
  ran: { type: 3, fields: [['tick', 'i64']] },
  /** Asks for `pause`, `resume` or `end` in the name of the session. */
  ask: {
    type: 4,
    fields: [
      ['evt', 'i32'],
      ['data', 'bytes'],
    ],
  },
  leave: { type: 5, fields: [] },
  query: { type: 6, fields: [] },
  /** The answer to `save`. */
  saved: {
    type: 7,
    fields: [
      ['tick', 'i64'],
      ['digest', 'bytes'],
      ['state', 'bytes'],
    ],
  },
} as const

/** What the bridge says. Types from 64. */
export const TOLD = {
  welcome: {
    type: 65,
    fields: [
      ['player', 'i32'],
      ['fps', 'i32'],
    ],
  },
  lobby: {
    type: 66,
    fields: [
      ['have', 'i32'],
      ['need', 'i32'],
    ],
  },
  start: { type: 67, fields: [] },
  input: {
    type: 68,
    fields: [
      ['tick', 'i64'],
      ['now', 'i64'],
      ['evt', 'i32'],
      ['player', 'i32'],
      ['number', 'i32'],
      ['seq', 'i64'],
      ['payload', 'bytes'],
    ],
  },
  status: {
    type: 69,
    fields: [
      ['status', 'u8'],
      ['tick', 'i64'],
    ],
  },
  landed: {
    type: 70,
    fields: [
      ['number', 'i32'],
      ['tick', 'i64'],
    ],
  },
  denied: {
    type: 71,
    fields: [
      ['number', 'i32'],
      ['code', 'text'],
      ['words', 'text'],
    ],
  },
  stats: { type: 72, fields: [['numbers', 'numbers']] },
  /** Nothing comes after it. */
  ended: {
    type: 73,
    fields: [
      ['code', 'text'],
      ['words', 'text'],
    ],
  },
  step: {
    type: 74,
    fields: [
      ['tick', 'i64'],
      ['now', 'i64'],
      ['inputs', 'inputs'],
    ],
  },
  save: { type: 75, fields: [['tick', 'i64']] },
  load: {
    type: 76,
    fields: [
      ['tick', 'i64'],
      ['state', 'bytes'],
    ],
  },
} as const

type Tables = Readonly<Record<string, { readonly type: number; readonly fields: Fields }>>
type Message<T extends Tables> = {
  [K in keyof T]: { readonly kind: K } & ValuesOf<T[K]['fields']>
}[keyof T]

export type Said = Message<typeof SAID>
export type Told = Message<typeof TOLD>

const encoderOf =
  <T extends Tables>(tables: T) =>
  <K extends keyof T>(kind: K, values: ValuesOf<T[K]['fields']>): Buffer => {
    const { type, fields } = tables[kind] as T[K]
    return encode(type, fields, values)
  }

const decoderOf = <T extends Tables>(tables: T): ((message: Uint8Array) => Message<T> | undefined) => {
  const byType = new Map(Object.entries(tables).map(([kind, { type, fields }]) => [type, { kind, fields }]))
  return (message) => {
    const found = byType.get(message[0] ?? 0)
    const values = found && decode(found.fields, message)
    return values && ({ ...values, kind: found?.kind } as unknown as Message<T>)
  }
}

export const say = encoderOf(SAID)
export const tell = encoderOf(TOLD)
/** A message without its length; undefined if it is none that a program sends. */
export const readSaid = decoderOf(SAID)
/** A message without its length; undefined if it is none that a bridge sends. */
export const readTold = decoderOf(TOLD)

/** The first bytes of a program, and its hello. */
export const greeting = (hello: ValuesOf<(typeof SAID)['hello']['fields']>): Buffer =>
  Buffer.concat([MAGIC, Buffer.of(VERSION), say('hello', hello)])
