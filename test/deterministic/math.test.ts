import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import {
  acos,
  asin,
  atan,
  atan2,
  cos,
  exp,
  hypot,
  log,
  pow,
  sin,
  tan,
} from '../../src/deterministic/index.ts'
import { impuritiesOf } from '../house/pure.ts'
import { describe as line, readSources } from '../house/source.ts'

const portable = { acos, asin, atan, atan2, cos, exp, hypot, log, pow, sin, tan }

const ONE = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'log'] as const
const TWO = ['atan2', 'pow', 'hypot'] as const
type One = (typeof ONE)[number]
type Two = (typeof TWO)[number]

const words = new Uint32Array(2)
const float = new Float64Array(words.buffer)

/** Numbers of every size: any 64 bits that are one. */
const anyNumber = (random: Random): number => {
  words[0] = random.uint32()
  words[1] = random.uint32()
  return float[0] as number
}

const EDGES = [
  ...[
    0,
    5e-324,
    2.2250738585072014e-308,
    1e-300,
    1e-20,
    1e-9,
    1e-8,
    2 ** -27,
    0.1,
    0.25,
    0.4375,
    0.5,
    0.6744,
  ],
  ...[
    0.6875,
    0.75,
    1 - 2 ** -53,
    1,
    1 + 2 ** -52,
    1.1875,
    1.5,
    2,
    2.4375,
    3,
    4,
    10,
    709.78,
    709.79,
    745.13,
    745.14,
  ],
  ...[1023, 1024, 1074, 1075, 2 ** 20, 1647099, 1647100, 2 ** 31, 2 ** 52, 2 ** 53, 2 ** 64, 1e22, 1e300],
  ...[Math.PI / 4, Math.PI / 2, (3 * Math.PI) / 4, Math.PI, 2 * Math.PI, 1e6 * Math.PI, Number.MAX_VALUE],
  ...[Number.POSITIVE_INFINITY, Number.NaN],
].flatMap((x) => [x, -x])

/** Where a program uses it, and everywhere. */
const WIDTHS: Readonly<Record<One, number>> = {
  ...{ sin: 100, cos: 100, tan: 100, asin: 1, acos: 1, atan: 10, exp: 700, log: 1000 },
}

const POINTS = 6000
/** Powers of two, as products: they are exact. */
const NEAR = [1, 256, 65_536, 16_777_216, 4_294_967_296].map((by) => by * 1_048_576)

const pointsOf = (name: One): number[] => {
  const random = new Random(20_240_229)
  const width = WIDTHS[name]
  const points = [...EDGES]
  for (let i = 0; i < POINTS; i++)
    points.push(
      random.between(-width, width),
      random.between(-1, 1),
      random.between(0, 2 ** 30),
      anyNumber(random),
      // Close to a quarter turn, where little of an angle is left.
      random.below(1_000_000) *
        (Math.PI / 2) *
        (1 + random.between(-1, 1) / (NEAR[i % NEAR.length] as number)),
    )
  return points
}

const pairsOf = (): [number, number][] => {
  const random = new Random(20_240_301)
  const pairs = EDGES.flatMap((x) => EDGES.map((y): [number, number] => [x, y]))
  for (let i = 0; i < POINTS; i++)
    pairs.push(
      [random.between(-50, 50), random.between(-50, 50)],
      [random.between(0, 10), random.between(-100, 100)],
      [random.between(0.99999, 1.00001), random.between(-1e12, 1e12)],
      [random.between(-9, 9), Math.round(random.between(-30, 30))],
      [anyNumber(random), anyNumber(random)],
    )
  return pairs
}

/** The digest of all results: one bit of one of them, and it is another. */
const bitsOf = (results: number[]): number => digest(Float64Array.from(results))

/** How many doubles lie between two. */
const steps = (a: number, b: number): number => {
  if (Object.is(a, b)) return 0
  const place = (x: number): bigint => {
    float[0] = x
    const bits = (BigInt(words[1] as number) << 32n) | BigInt(words[0] as number)
    return bits >> 63n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY
  const between = place(a) - place(b)
  return a === b ? Number.POSITIVE_INFINITY : Number(between < 0n ? -between : between)
}

describe('the same bits in every engine', () => {
  // Found once, and compared wherever this runs. Who changes a function changes them, and with them every replay.
  test.each<[One, number]>([
    ['sin', 7588184367995714],
    ['cos', 6139697252388478],
    ['tan', 566085212165245],
    ['asin', 3461374679091900],
    ['acos', 7724998415790279],
    ['atan', 8989263243756934],
    ['exp', 5752924066571776],
    ['log', 1186283522668482],
  ])('%s', (name, bits) => {
    expect(bitsOf(pointsOf(name).map((x) => portable[name](x)))).toBe(bits)
  })

  test.each<[Two, number]>([
    ['atan2', 4386542517296480],
    ['pow', 7875812084689388],
    ['hypot', 4963704493170988],
  ])('%s', (name, bits) => {
    expect(bitsOf(pairsOf().map(([x, y]) => portable[name](x, y)))).toBe(bits)
  })

  test('since nothing but exact operations is used: no function of Math that an engine makes as it likes', () => {
    const sources = readSources(process.cwd(), 'src/deterministic').filter(
      ({ path }) => !path.endsWith('guard.ts'),
    )
    expect(sources.length).toBeGreaterThan(5)
    expect(sources.flatMap(impuritiesOf).map(line)).toEqual([])
  })

  test('and nothing of the kind is called when they run', () => {
    const exact = new Set([
      'abs',
      'sign',
      'ceil',
      'floor',
      'round',
      'trunc',
      'min',
      'max',
      'sqrt',
      'fround',
      'imul',
      'clz32',
    ])
    const math = Math as unknown as Record<string, unknown>
    const others = Object.getOwnPropertyNames(Math).filter(
      (name) => typeof math[name] === 'function' && !exact.has(name),
    )
    expect(others).toContain('sin')
    const originals = others.map((name) => [name, math[name]] as const)
    try {
      for (const name of others)
        math[name] = () => {
          throw new Error(`Math.${name} was called`)
        }
      for (const name of ONE) for (const x of EDGES) portable[name](x)
      for (const name of TWO) for (const x of EDGES) for (const y of EDGES) portable[name](x, y)
    } finally {
      for (const [name, original] of originals) math[name] = original
    }
  })

  test('no file of the folder is left out of these tests', () => {
    expect(readdirSync(new URL('../../src/deterministic/', import.meta.url)).sort()).toEqual(
      [
        'guard.ts',
        'index.ts',
        'inverse.ts',
        'power.ts',
        'remainder.ts',
        'trigonometry.ts',
        'words.ts',
      ].sort(),
    )
  })
})

describe('as exact as those of an engine', () => {
  test.each(ONE)('%s', (name) => {
    let worst = 0
    for (const x of pointsOf(name)) worst = Math.max(worst, steps(portable[name](x), Math[name](x)))
    expect(worst).toBeLessThanOrEqual(2)
  })

  test.each(TWO)('%s', (name) => {
    let worst = 0
    let at = ''
    for (const [x, y] of pairsOf()) {
      const off = steps(portable[name](x, y), Math[name](x, y))
      if (off > worst) at = `${name}(${x}, ${y}) is ${portable[name](x, y)}, not ${Math[name](x, y)}`
      worst = Math.max(worst, off)
    }
    expect([worst <= 3, at]).toEqual([true, expect.anything()])
  })

  test('the length of three is that of two and one', () => {
    expect(portable.hypot(2, 3, 6)).toBe(7)
    expect(portable.hypot(3 * 2 ** 700, 4 * 2 ** 700)).toBe(5 * 2 ** 700)
    expect(portable.hypot(3 * 2 ** -700, 4 * 2 ** -700)).toBe(5 * 2 ** -700)
    expect(portable.hypot(5e-324, 0)).toBe(5e-324)
    expect(portable.hypot(Number.NaN, Number.NEGATIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
    expect(portable.hypot(1, Number.NaN)).toBeNaN()
  })
})

describe('chance', () => {
  test('goes on from its saved state with the same numbers', () => {
    const random = new Random(7)
    for (let i = 0; i < 10; i++) random.unit()
    const saved = random.save()
    const next = Array.from({ length: 20 }, () => random.uint32())
    const other = new Random(0)
    other.restore(saved)
    expect(Array.from({ length: 20 }, () => other.uint32())).toEqual(next)
    expect(saved.every((word) => word >>> 0 === word)).toBe(true)
    other.restore(JSON.parse(JSON.stringify(saved)))
    expect(other.uint32()).toBe(next[0])
  })
})
