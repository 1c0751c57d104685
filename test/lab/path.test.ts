import { expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { Path, type Way } from '../../src/lab/path.ts'

const path = (way: Partial<Way> = {}, seed = 1) =>
  new Path({ base: 5_000, jitter: 2_000, ...way }, new Random(seed))

const datagrams = (p: Path, n: number): number[][] =>
  Array.from({ length: n }, (_, i) => p.arrivals(1_000 * i).map((at) => at - 1_000 * i))

test('an ordered channel keeps its order and takes base and jitter in the mean', () => {
  const p = path()
  let before = 0
  let total = 0
  for (let i = 0; i < 20_000; i++) {
    const at = p.arrival(50_000 * i)
    expect(at).toBeGreaterThanOrEqual(before)
    expect(Number.isInteger(at)).toBe(true)
    total += at - 50_000 * i
    before = at
  }
  expect(total / 20_000).toBeGreaterThan(6_950)
  expect(total / 20_000).toBeLessThan(7_050)
  const burst = Array.from({ length: 1_000 }, () => p.arrival(before))
  expect(burst).toEqual([...burst].sort((a, b) => a - b))
})

test('a path knows what took longest on it, and what waited behind that on an ordered channel', () => {
  const ordered = path()
  const took = Array.from({ length: 1_000 }, (_, i) => ordered.arrival(1_000 * i) - 1_000 * i)
  expect(ordered.slowest).toBe(Math.max(...took))
  const loose = path({ loss: 0.3, duplicate: 0.3, reorder: 0.1 })
  expect(loose.slowest).toBe(0)
  expect(Math.max(...datagrams(loose, 1_000).flat())).toBe(loose.slowest)
})

test('datagrams overtake each other, get lost and arrive twice as often as stated', () => {
  const all = datagrams(path({ loss: 0.02, duplicate: 0.1, reorder: 0.05 }), 50_000)
  const share = (n: number) => all.filter((copies) => copies.length === n).length / all.length
  expect(share(0)).toBeCloseTo(0.02, 2)
  expect(share(2)).toBeCloseTo(0.98 * 0.1, 2)
  const detours = all.flat().filter((took) => took > 10_000).length / all.flat().length
  const far = Math.exp(-5_000 / 2_000)
  expect(detours).toBeGreaterThan(0.95 * far + 0.04)
})

test('losses come one by one, or in bursts of the stated mean length at the same share', () => {
  const bursts = (way: Partial<Way>) => {
    const lost = datagrams(path(way), 200_000).map((copies) => copies.length === 0)
    const starts = lost.filter((is, i) => is && !lost[i - 1]).length
    const share = lost.filter(Boolean).length
    return { share: share / lost.length, mean: share / starts }
  }
  const single = bursts({ loss: 0.02 })
  expect(single.share).toBeCloseTo(0.02, 2)
  expect(single.mean).toBeCloseTo(1.02, 1)
  const burst = bursts({ loss: 0.02, burst: { mean: 3 } })
  expect(burst.share).toBeCloseTo(0.02, 2)
  expect(burst.mean).toBeGreaterThan(2.8)
  expect(burst.mean).toBeLessThan(3.2)
})

test('on an ordered channel a loss costs a resend and nothing is missing', () => {
  const p = path({ jitter: 0, loss: 0.1, resend: 30_000 })
  const took = Array.from({ length: 10_000 }, (_, i) => p.arrival(1_000_000 * i) - 1_000_000 * i)
  expect(took.every((t) => (t - 5_000) % 30_000 === 0)).toBe(true)
  expect(took.filter((t) => t > 5_000).length / 10_000).toBeCloseTo(0.1, 1)
})

test('a clogged path holds what arrives until a moment', () => {
  const p = path()
  p.clog(100_000)
  expect(p.heldUntil(50_000)).toBe(100_000)
  expect(p.datagramHeldUntil(50_000)).toBe(100_000)
  expect(p.heldUntil(150_000)).toBe(150_000)
  p.heal()
  expect(p.heldUntil(50_000)).toBe(50_000)
})

test('a cut path loses datagrams, sent or arriving; an ordered channel brings all when it is whole again', () => {
  const p = path()
  p.cut(100_000)
  expect(p.arrivals(99_999)).toEqual([])
  expect(p.datagramHeldUntil(99_999)).toBe(NEVER)
  expect(p.arrivals(100_000)).toHaveLength(1)
  expect(p.heldUntil(99_999)).toBe(100_000)
  p.cut(NEVER)
  expect(p.heldUntil(200_000)).toBe(NEVER)
})

test('what does not travel still keeps to the order', () => {
  const p = path()
  const last = p.arrival(0)
  expect(p.arrivalAt(1)).toBe(last)
  expect(p.arrivalAt(last + 7)).toBe(last + 7)
  expect(p.arrival(0)).toBeGreaterThanOrEqual(last + 7)
})

test('asking when a message would arrive changes nothing and keeps to the order', () => {
  const plain = path({}, 7)
  const asked = path({}, 7)
  const elsewhere = new Random(3)
  let last = 0
  for (let i = 0; i < 1_000; i++) {
    expect(asked.hypothetical(100 * i, elsewhere)).toBeGreaterThanOrEqual(Math.max(last, 100 * i + 5_000))
    last = asked.arrival(100 * i)
    expect(last).toBe(plain.arrival(100 * i))
  }
})

test('each harm has a source of chance of its own: one that is taken away leaves the others as they were', () => {
  const seen = (way: Partial<Way>) => {
    const p = path(way)
    return Array.from({ length: 500 }, (_, i) => {
      const copies = p.arrivals(1_000_000 * i).map((at) => at - 1_000_000 * i)
      return copies.map((took) => ({ took, cut: p.throughDatagram(new Uint8Array(8)).length < 8 }))
    })
  }
  const shares = { loss: 0.2, duplicate: 0.2, reorder: 0.2, corrupt: 0.2, truncate: 0.2 }
  const without = ({ ...way }: Partial<Way>, harm: keyof typeof shares) => {
    delete way[harm]
    return seen(way)
  }
  const all = seen(shares)
  expect(all.flat().length).toBeGreaterThan(400)
  // Without losses what came comes as before, and more.
  expect(without(shares, 'loss').filter((_, i) => all[i]?.length !== 0)).toEqual(
    all.filter((copies) => copies.length > 0),
  )
  expect(without(shares, 'duplicate')).toEqual(all.map((copies) => copies.slice(0, 1)))
  // Nor does anything else change where nothing is drawn for a double any more.
  const direct = { loss: 0.2, duplicate: 0.2, corrupt: 0.2 }
  expect(without(direct, 'duplicate')).toEqual(seen(direct).map((copies) => copies.slice(0, 1)))
  for (const [i, copies] of without(shares, 'reorder').entries()) {
    const before = all[i] ?? []
    expect(copies.map(({ cut }) => cut)).toEqual(before.map(({ cut }) => cut))
    for (const [n, { took }] of copies.entries()) expect(took).toBeLessThanOrEqual(before[n]?.took ?? 0)
  }
  expect(without(shares, 'corrupt').map((copies) => copies.map(({ took }) => took))).toEqual(
    all.map((copies) => copies.map(({ took }) => took)),
  )
  const whole = all.map((copies) => copies.map(({ took }) => ({ took, cut: false })))
  expect(without(shares, 'truncate')).toEqual(whole)
})
