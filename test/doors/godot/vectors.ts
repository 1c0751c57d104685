import { readFileSync } from 'node:fs'
import { readMsgpack, writeMsgpack } from '../../../src/app/msgpack.ts'
import { encodePayload } from '../../../src/app/payload.ts'
import { readSaid, readTold } from '../../../src/bridge/messages.ts'
import { Random } from '../../../src/core/random.ts'
import { readAsked, readJoin, readLeave } from '../../../src/core/session/membership.ts'
import { decode, encode, type Message, NO_LEASE } from '../../../src/core/session/messages.ts'
import { digest } from '../../../src/core/timeline/digest.ts'
import { dueAt, nowAt, tickAt, tickFrom } from '../../../src/core/timeline/tick.ts'
import { storyOf } from '../../../src/lab/faults/draw.ts'
import { play } from '../../../src/lab/faults/play.ts'
import {
  bytesOf,
  objectOf,
  readBy,
  type Section,
  sectionsOf,
  tableOf,
  withHead,
} from '../../core/session/page.ts'
import { STORIES } from '../../golden/stories.ts'
import { byHand } from './hand.ts'
import { hexOf, record } from './recorder.ts'

/**
 * What the parts of the addon are held against, all of it as the core has it: read from docs/protocol.md, drawn
 * by chance from a fixed seed, or recorded while stories and random worlds are played. Each set is one line.
 */
export interface Vectors {
  readonly kind: string
  readonly name: string
}

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const codes = tableOf(page, 'number').map(([, code = '']) => code.replaceAll('`', ''))

const fieldsOf = (message: Message): object => {
  const { kind: _, ...fields } = message as unknown as Record<string, unknown>
  if (message.kind !== 'sync') return fields
  return {
    ...fields,
    events: message.events.map(
      (e) => `${e.seq} ${e.stamp} ${e.source} ${e.number} ${e.id} ${hexOf(e.payload)}`,
    ),
  }
}

/** Types from here on go to an instance. */
const TO_INSTANCE = 32

const decoded = (bytes: Uint8Array): object => {
  const message = decode(bytes)
  const hex = hexOf(bytes)
  if (typeof message === 'string') return { hex, refusal: message }
  // What only a sequencer gets is none to an instance.
  if ((bytes[1] as number) < TO_INSTANCE) return { hex, refusal: 'malformed' }
  return { hex, refusal: '', fields: fieldsOf(message) }
}

const bytesFrom = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

const syncOf = (count: number, payloadBytes: number, id = 5): Uint8Array =>
  encode.sync(
    7,
    0,
    NO_LEASE,
    Array.from({ length: count }, (_, i) => ({
      seq: 1 + i,
      stamp: 9,
      source: 1,
      number: 1 + i,
      id,
      payload: new Uint8Array(payloadBytes),
    })),
  )

/** Messages at the edges of what may be said, and just beyond. */
const edges = (): Uint8Array[] => [
  ...[256, 257].map((count) => syncOf(count, 0)),
  ...[65_536, 65_537].map((bytes) => syncOf(1, bytes)),
  syncOf(2, 40_000),
  syncOf(1, 0, 0),
  // 2^53 - 1, the largest number, and the next.
  bytesFrom('01 22 ff ff ff ff ff ff ff 0f 02'),
  bytesFrom('01 22 80 80 80 80 80 80 80 10 02'),
  // Events whose sequence numbers would pass it.
  bytesFrom('01 25 07 00 00 00 00 00 02 ff ff ff ff ff ff ff 0f 09 01 01 0a 00 09 01 02 0a 00'),
  ...[256, 257].map((length) => encode.refuse('closing', 'x'.repeat(length))),
]

/** A message, cut off, longer by a byte, and with bytes changed. */
const spoilt = (random: Random, bytes: Uint8Array): Uint8Array[] => {
  const changed = Array.from({ length: 40 }, () => {
    const copy = bytes.slice()
    const times = 1 + random.below(2)
    for (let i = 0; i < times; i++) copy[random.below(copy.length)] = random.below(256)
    return copy
  })
  const cut = Array.from(bytes, (_, i) => bytes.slice(0, i))
  return [bytes, Uint8Array.of(...bytes, 0), ...cut, ...changed]
}

const messages = (): object[] => {
  const random = new Random(6)
  const sections = sectionsOf(page, /^4\./)
  const argumentsOf = (section: Section): unknown[] => {
    const values = Object.values(objectOf(readBy(withHead(section), bytesOf(section.example), codes)))
    return values.map((value) => (value instanceof Uint8Array ? `hex:${hexOf(value)}` : value))
  }
  return [
    {
      kind: 'decode',
      name: 'messages of a sequencer, whole and spoilt',
      vectors: sections
        .flatMap((section) => spoilt(random, bytesOf(section.example)))
        .concat(edges())
        .map(decoded),
    },
    {
      kind: 'encode',
      name: 'messages of an instance',
      vectors: sections
        .filter(({ number }) => number < TO_INSTANCE)
        .map((section) => ({
          name: section.name,
          hex: hexOf(bytesOf(section.example)),
          arguments: argumentsOf(section),
        })),
    },
  ]
}

const READERS = { join: readJoin, leave: readLeave, asked: readAsked } as const

const membership = (): object => {
  const random = new Random(7)
  return {
    kind: 'membership',
    name: 'payloads of membership events, whole and spoilt',
    vectors: sectionsOf(page, /^5\./).flatMap(({ name, example }) => {
      const reader = (name in READERS ? name : 'asked') as keyof typeof READERS
      return spoilt(random, bytesOf(example)).map((bytes) => {
        const read = READERS[reader](bytes) as Record<string, unknown> | undefined
        const fields = Object.entries(read ?? {}).map(([field, value]) => [
          field,
          value instanceof Uint8Array ? hexOf(value) : (value ?? ''),
        ])
        return { name: reader, hex: hexOf(bytes), fields: Object.fromEntries(fields) }
      })
    }),
  }
}

const bridgePage = readFileSync(new URL('../../../docs/bridge.md', import.meta.url), 'utf8')
/** Of what a bridge says, what a program that takes inputs is told. */
const TOLD_MAX = 73

/** A message of the bridge without its length. */
const bodyOf = (example: string): Uint8Array => bytesOf(example).subarray(4)

const shown = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return hexOf(value)
  if (Array.isArray(value)) return Object.fromEntries(value.map(({ name, value }) => [name, value]))
  return value
}

const bridge = (): object[] => {
  const told = sectionsOf(bridgePage, /^4\./).filter(({ number }) => number <= TOLD_MAX)
  const bodies = told.flatMap(({ example }) => {
    const body = bodyOf(example)
    return [body, Uint8Array.of(...body, 0), ...Array.from(body, (_, i) => body.subarray(0, i))]
  })
  return [
    {
      kind: 'told',
      name: 'messages of a bridge, whole, longer and cut',
      vectors: bodies.map((body) => {
        const read = readTold(body)
        const fields = Object.entries(read ?? {}).filter(([name]) => name !== 'kind')
        return {
          hex: hexOf(body),
          fields: Object.fromEntries(fields.map(([name, value]) => [name, shown(value)])),
        }
      }),
    },
    {
      kind: 'said',
      name: 'messages to a bridge',
      vectors: sectionsOf(bridgePage, /^3\./).map(({ name, example }) => {
        const { kind: _, mode: __, ...fields } = (readSaid(bodyOf(example)) ?? {}) as Record<string, unknown>
        const given = Object.values(fields).map((value) =>
          value instanceof Uint8Array ? `hex:${hexOf(value)}` : value,
        )
        return { name, hex: hexOf(bytesOf(example)), arguments: given }
      }),
    },
  ]
}

const TEXTS = ['', 'x', 'hp', 'name', '7', '10', '0', 'Straße', '日本', '😀', '\ufeffx', 'a'.repeat(40)]
const NUMBERS = [
  ...[0, 1, -1, 31, 32, 127, 128, 255, 256, 65_535, 65_536, -32, -33, -128, -129, -32_768, -32_769],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1],
  ...[
    2 ** 53,
    2 ** 60,
    0.1,
    -2.5,
    1e300,
    5e-324,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ],
]

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)] as T

const drawn = (random: Random, depth: number): unknown => {
  switch (random.below(depth > 3 ? 5 : 8)) {
    case 0:
      return pick(random, [null, true, false])
    case 1:
      return pick(random, NUMBERS)
    case 2:
      return random.uint32() - 2 ** 31
    case 3:
      return random.chance(0.3) ? 'é'.repeat(random.below(200)) : pick(random, TEXTS)
    case 4:
      return Uint8Array.from({ length: random.below(random.chance(0.1) ? 400 : 9) }, () => random.below(256))
    case 5:
      return Array.from({ length: random.below(random.chance(0.1) ? 40 : 5) }, () => drawn(random, depth + 1))
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(6) }, () => [pick(random, TEXTS), drawn(random, depth + 1)]),
      )
  }
}

/** A text cannot hold this in Godot, which ends its own texts with it. */
const hasZero = (value: unknown): boolean => JSON.stringify(value)?.includes('\\u0000') ?? false

const DEPTH_MAX = 32

const payloadVector = (bytes: Uint8Array): object => {
  const read = readMsgpack(bytes, DEPTH_MAX)
  if (read === undefined || hasZero(read.value)) return { hex: hexOf(bytes), readable: false }
  return {
    hex: hexOf(bytes),
    readable: true,
    digest: digest(read.value),
    again: hexOf(writeMsgpack(read.value)),
  }
}

const payloads = (): object[] => {
  const random = new Random(8)
  const values = Array.from({ length: 400 }, () => encodePayload(drawn(random, 0)))
  const nested = [DEPTH_MAX, DEPTH_MAX + 1].map((depth) => Uint8Array.of(...Array(depth).fill(0x91), 0xc0))
  const heads = Array.from({ length: 256 }, (_, head) => Uint8Array.of(head, 1, 2, 3, 4, 5, 6, 7, 8))
  const short = heads.flatMap((bytes) => [1, 2, 3, 5].map((n) => bytes.slice(0, n)))
  const texts = ['80', 'c0af', 'eda080', 'f4908080', 'efbbbf61', 'c3a9', 'e282', '6100', 'f09f9880'].map(
    (hex) => Uint8Array.of(0xa0 + hex.length / 2, ...Buffer.from(hex, 'hex')),
  )
  const broken = values.slice(0, 100).flatMap((bytes) =>
    bytes.length === 0 || bytes.length > 300
      ? []
      : Array.from({ length: 5 }, () => {
          const copy = bytes.slice()
          copy[random.below(copy.length)] = random.below(256)
          return copy
        }),
  )
  // Names that objects keep for themselves, and more words than are mixed at once.
  const proto = Uint8Array.of(0x81, 0xa9, ...Buffer.from('__proto__'), 1)
  const long = [0, 1, 2].map((fractions) =>
    encodePayload(Array.from({ length: 5_000 }, (_, i) => (i < fractions ? 0.5 : i))),
  )
  const minusZero = Uint8Array.of(0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0)
  return [
    {
      kind: 'payload',
      name: 'payloads',
      vectors: [...values, ...nested, ...texts, minusZero, proto, ...long]
        .filter(({ length }) => length > 0)
        .map(payloadVector),
    },
    {
      kind: 'payload',
      name: 'bytes that are no payloads, or other ones',
      vectors: [...heads, ...short, ...broken].map(payloadVector),
    },
    {
      kind: 'floats',
      name: 'numbers as floats',
      vectors: [...NUMBERS, -0].map((number) => ({
        hex: hexOf(new Uint8Array(Float64Array.of(number).buffer)),
        digest: digest(number),
        payload: hexOf(encodePayload(number)),
      })),
    },
  ]
}

const VIEWS = { Uint8Array, Int32Array, Float32Array, Float64Array }

const packed = (): object => {
  const random = new Random(9)
  return {
    kind: 'packed',
    name: 'digests of packed arrays',
    vectors: Object.entries(VIEWS).flatMap(([view, Kind]) =>
      [0, 1, 2, 3, 7, 5_000].map((length) => {
        const some = Kind === Uint8Array || Kind === Int32Array ? 1e6 : Number.NaN
        const numbers = Array.from({ length }, () => (random.chance(0.2) ? some : random.uint32() / 7))
        // A copy in two places is two arrays: in Godot such an array is a value.
        const [a, b] = [Kind.from(numbers), Kind.from(numbers)]
        return { view, hex: hexOf(new Uint8Array(a.buffer)), digest: digest({ a, b: [b] }) }
      }),
    ),
  }
}

const shapes = (): object => {
  const one = [1]
  return {
    kind: 'shapes',
    name: 'digests of shapes that no payload has',
    digests: {
      shared: digest([one, one]),
      equal: digest([[1], [1]]),
      map: digest(
        new Map([
          [3, 'c'],
          [1, 'a'],
        ]),
      ),
      'names like numbers': digest({ b: 1, '10': 2, '9': 3, '01': 4 }),
      nested: digest({ players: new Map([[7, { x: 1 }]]), empty: {} }),
    },
  }
}

const ticks = (): object => {
  const random = new Random(10)
  return {
    kind: 'ticks',
    name: 'ticks and positions',
    vectors: Array.from({ length: 500 }, (_, i) => {
      const fps = 1 + random.below(1_000)
      const tick = random.below(i % 2 ? 1_000 : 2 ** 32) - 1
      const at = Math.floor(random.unit() * 2 ** (10 + random.below(36))) - 5
      return [fps, tick, dueAt(tick, fps), at, tickAt(at, fps), tickFrom(at, fps), nowAt(tick, fps)]
    }),
  }
}

const chance = (): object => ({
  kind: 'random',
  name: 'the source of chance',
  vectors: [0, 1, 77, 2 ** 32, 2 ** 53 - 1].map((seed, stream) => {
    const random = new Random(seed, stream)
    const numbers = Array.from({ length: 50 }, () => random.uint32())
    const state = random.save()
    return { seed, stream, numbers, state, unit: random.unit() }
  }),
})

/** Everything but the transcripts. */
export const vectors = (): Vectors[] =>
  [
    ...messages(),
    ...bridge(),
    membership(),
    ...payloads(),
    packed(),
    shapes(),
    ticks(),
    chance(),
  ] as Vectors[]

/** What instances of the core did in every golden story, and in so many random worlds. */
export const transcripts = (worlds: number): Vectors[] => [
  ...byHand(),
  ...Object.entries(STORIES).flatMap(([name, tell]) => record(name, () => void tell())),
  ...Array.from({ length: worlds }, (_, seed) =>
    record(`random world ${seed}`, () => void play(storyOf(seed))),
  ).flat(),
]
