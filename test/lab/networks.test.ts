import { expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { INSTANCES } from '../../src/lab/gals/cell.ts'
import { experimentNetwork, lossyWan, measuredRtt, NETS, wanNominal } from '../../src/lab/networks.ts'
import { Path, type Way } from '../../src/lab/path.ts'

/** The largest round trip of a round, mean over rounds, as the paths of a run would draw it. */
const sessionRtt = (ways: readonly Way[], rounds: number): number => {
  const chance = new Random(11)
  const down = ways.map((way) => new Path(way, chance.fork(1)))
  const up = ways.map((way) => new Path(way, chance.fork(2)))
  let sum = 0
  for (let round = 0; round < rounds; round++) {
    const now = round * 10_000_000
    let last = now
    down.forEach((path, i) => {
      last = Math.max(last, up[i]?.arrival(path.arrival(now)) ?? 0)
    })
    sum += last - now
  }
  return sum / rounds
}

const measured: Record<string, number[]> = {
  loopback: [1.8, 2.3, 3.4, 5.1, 7.1, 12],
  lan: [7.8, 7.3, 7.5, 8.8, 13, 20],
  wan: [31, 35, 40, 104, 128, 360],
}

for (const net of NETS)
  test(`the session round trip of ${net} is the measured one at every size`, () => {
    INSTANCES.forEach((instances, i) => {
      const { rtt, ways } = experimentNetwork(net, instances)
      expect(ways).toHaveLength(instances)
      expect(rtt).toBe((measured[net]?.[i] ?? 0) * 1000)
      const drawn = sessionRtt(ways, 2_000)
      expect(Math.abs(drawn / rtt - 1), `${net} ${instances}: ${drawn}`).toBeLessThan(0.015)
    })
  })

test('base round trips are evenly spaced from 0.3 B to B, with a jitter of 0.04 B each way', () => {
  const { b, ways } = experimentNetwork('wan', 11)
  ways.forEach((way, i) => {
    expect(Math.abs(2 * way.base - b * (0.3 + 0.07 * i))).toBeLessThanOrEqual(1)
    expect(Math.abs(way.jitter - 0.04 * b)).toBeLessThanOrEqual(1)
  })
})

test('sizes between the measured ones lie on the straight line, those outside at the nearest', () => {
  expect(measuredRtt('wan', 75)).toBe(244_000)
  expect(measuredRtt('lan', 3)).toBe(7_633)
  expect(measuredRtt('lan', 1)).toBe(7_800)
  expect(measuredRtt('lan', 400)).toBe(20_000)
  expect(experimentNetwork('lan', 1).ways).toHaveLength(1)
})

test('the nominal wide area network is the one of the words, the lossy one the measured with bursts', () => {
  const nominal = wanNominal(1_000, new Random(1))
  const mean = nominal.reduce((sum, way) => sum + 2 * way.base, 0) / 1_000
  expect(mean).toBeGreaterThan(23_500)
  expect(mean).toBeLessThan(26_500)
  expect(nominal.every((way) => way.base <= 25_000 && way.jitter === 2_000)).toBe(true)
  expect(lossyWan(10)[3]).toEqual({
    ...experimentNetwork('wan', 10).ways[3],
    loss: 0.02,
    burst: { mean: 3 },
  })
})
