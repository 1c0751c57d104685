import { expect, test } from 'vitest'
import { app, event } from '../../../src/index.ts'
import type { Subject } from '../../../src/lab/try/subject.ts'
import { tryApp } from '../../../src/lab/try/try.ts'
import { wordsOf } from '../../../src/lab/try/words.ts'
import { game } from '../../app/game.ts'
import { freshly } from './stage.ts'

test.each([
  ['rect', 'wan'],
  ['orbit', 'wan'],
  ['orbit', 'lossy'],
] as const)('%s is sound over %s: no false alarm', async (name, network) => {
  const report = await tryApp(freshly(`../sound/${name}.ts`), { minutes: 0.5, instances: 4, network })
  expect(report, wordsOf(report as never).join('\n')).toMatchObject({
    verdict: 'equal',
    causes: [],
    notes: [],
    instances: 4,
    players: 4,
  })
  if (report.verdict === 'refused') return
  expect(wordsOf(report)[0]).toBe(`${report.app}: 4 instances, ${report.ticks} ticks, equal at every tick.`)
  expect(report.ticks).toBeGreaterThan(30 * report.fps - 2 * report.fps)
  expect(report.events).toBeGreaterThan(100)
})

test.each(['rectangle/rect', 'arena/app', 'watch-party/app'])('the example %s is sound', async (path) => {
  const report = await tryApp(freshly(`../../../examples/${path}.ts`), { minutes: 0.2, instances: 2 })
  expect(report, wordsOf(report).join('\n')).toMatchObject({ verdict: 'equal', causes: [] })
})

test('an application with everything that a state may hold is equal, and what threw alike is said', async () => {
  const report = await tryApp(game, { minutes: 0.2 })
  expect(report).toMatchObject({ verdict: 'equal', causes: [] })
})

/** Each with a class of its own, as in a process of its own. */
const ships = () => {
  class Ship {
    x: number
    constructor(x: number) {
      this.x = x
    }
    move() {
      this.x++
    }
  }
  return {
    app: app({
      id: 'ships@1',
      fps: 20,
      events: { go: event<number>(1) },
      start: () => ({ ship: new Ship(0) }),
      on: { go: (s) => s.ship.move() },
      save: (s) => s.ship.x,
      restore: (x) => ({ ship: new Ship(x) }),
    }) as Subject['app'],
  }
}

test('a class of another process is the same one', async () => {
  expect(await tryApp(ships, { minutes: 0.2 })).toMatchObject({ verdict: 'equal', causes: [], notes: [] })
})

test('what every engine sorts alike is no cause: holes, ties, numbers of a typed array', async () => {
  const sorted = app({
    id: 'sorted@1',
    fps: 20,
    events: { go: event<number>(1) },
    start: () => ({ sparse: [] as number[], views: new Float64Array(9), pairs: [] as number[][], text: '' }),
    on: {
      go(s, e) {
        s.sparse[e.payload] = e.payload
        delete s.sparse[e.payload + 1]
        s.text = JSON.stringify([s.sparse.toSorted(), Object.keys(s.sparse.slice().sort((a, b) => b - a))])
        s.sparse.sort((a, b) => a - b)
        s.views[e.payload % 9] = -e.payload / 3
        s.views.sort()
        s.views.sort((a, b) => b - a)
        s.pairs.push([e.payload % 2, s.pairs.length])
        s.pairs = s.pairs.slice(-9).sort((a, b) => (a[0] as number) - (b[0] as number))
      },
    },
  })
  const report = await tryApp(
    { app: sorted, samples: { go: [5, 3, 9, 1, 7] } },
    { minutes: 0.2, instances: 2 },
  )
  expect(report, wordsOf(report).join('\n')).toMatchObject({ verdict: 'equal', causes: [] })
})

const refused = async (given: Parameters<typeof tryApp>[0], input?: Parameters<typeof tryApp>[1]) => {
  const report = await tryApp(given, input)
  return report.verdict === 'refused' ? `${report.code}: ${report.hint}` : report.verdict
}

const steered = app({
  id: 'steered@1',
  fps: 20,
  events: { steer: event<string>(1, (p) => p === 'nobody guesses this'.toUpperCase()) },
  start: () => ({ dir: '' }),
  on: {
    steer(s, e) {
      s.dir = e.payload
    },
  },
})

const turned = app({ id: 'turned@1', fps: 20, events: { turn: event(1) }, start: () => ({ n: 0 }) })

test('what cannot be tried is refused with a sentence that says what to do', async () => {
  expect(await refused(steered)).toBe(
    'samples: No payload for the event steer is known: its check refuses all that were tried. Export some: export const samples = { steer: [ … ] }',
  )
  expect(await refused({ app: steered, samples: { steer: ['left'] } })).toBe(
    'samples: samples.steer has "left", which the check of the event refuses.',
  )
  expect(await refused({ app: steered, samples: { steer: (random) => random.below(9) } })).toMatch(
    /^samples: samples\.steer gives \d, which the check of the event refuses\.$/,
  )
  expect(await refused({ app: steered, samples: { stear: ['left'] } })).toBe(
    'samples: samples.stear: the application has no event of this name. It has steer.',
  )
  const given = (samples: unknown) => refused({ app: turned, samples } as never)
  expect(await given(null)).toBe(
    'samples: samples is an object: the name of each event, and payloads for it.',
  )
  expect(await given({ turn: 5 })).toBe(
    'samples: samples.turn is 5: give a list of payloads, or a function that makes one.',
  )
  expect(await given({ turn: [() => 1] })).toMatch(
    /^samples: samples\.turn has what no event carries: .*function/,
  )
  expect(await given({ turn: ['x'.repeat(70_000)] })).toContain('It has 70005 bytes of 65536.')
  const failing = () => {
    throw new RangeError('no level')
  }
  expect(await given({ turn: failing })).toBe('samples: samples.turn gives no payload: no level')
  expect(await refused(steered, { input: [{ tick: 1, event: 'stear' }] })).toBe(
    'script: Entry 1 of the script: there is no event stear. There are steer.',
  )
  expect(await refused(steered, { input: [{ tick: 1, event: 'steer', payload: 1 }] })).toBe(
    'script: Entry 1 of the script: the check of steer refuses its payload.',
  )
  expect(await refused(steered, { input: [{ tick: 1, event: 'steer', player: 9 }] })).toBe(
    'script: Entry 1 of the script: there is no player 9: there are 3.',
  )
  const classy = app({ id: 'classy@1', fps: 20, start: () => ({ at: new Date(0) }) })
  expect(await refused(classy)).toContain(
    'state: state.at is of the class Date: keep a tick or a number of milliseconds.',
  )
  const thrown = app({
    id: 'thrown@1',
    fps: 20,
    start: () => {
      throw new RangeError('no state today')
    },
  })
  expect(await refused(thrown)).toContain('no state today')
})

test('what cannot be watched, or made no difference with these inputs, is a note', async () => {
  const doubtful = app({
    id: 'doubtful@1',
    fps: 20,
    events: { grow: event(1) },
    start: () => ({ x: 1, whole: 0 }),
    on: {
      grow(s) {
        s.x = s.x ** 1.5
      },
    },
    tick(s) {
      s.whole = Math.round(100 * Math.sin(0.3))
    },
  })
  const report = await tryApp(doubtful, { minutes: 0.1 })
  expect(report).toMatchObject({ verdict: 'equal' })
  const notes = report.verdict === 'refused' ? [] : report.notes
  expect(notes[0]).toMatch(
    /^tick calls Math\.sin at sound\.test\.ts:\d+:\d+ \(\d+ times\)\. It made no difference here, and may elsewhere\.$/,
  )
  expect(notes[1]).toMatch(/^on\.grow uses \*\*, which cannot be watched/)
})

test('payloads are guessed from what check and handler speak of', async () => {
  const guessed = app({
    id: 'guessed@1',
    fps: 20,
    events: { steer: event<string>(1) },
    start: () => ({ x: 0 }),
    on: {
      steer(s, e) {
        const by = ({ west: -1, east: 1 } as Record<string, number>)[e.payload]
        if (by === undefined) throw new RangeError(`no direction ${e.payload}`)
        s.x += by
      },
    },
  })
  const report = await tryApp(guessed, { minutes: 0.2 })
  expect(report).toMatchObject({ verdict: 'equal' })
  // Nothing was thrown; and where all share one module it is said that not all is seen.
  expect(report.verdict === 'refused' ? [] : report.notes).toEqual([
    expect.stringMatching(/^All instances shared one module: .* a function that loads the module anew/),
  ])
})

test('what comes after the end of a session is not said to be tried, nor what a save leaves out', async () => {
  const ends = app({
    id: 'ends@1',
    fps: 20,
    start: () => ({ n: 0, cached: 0 }),
    tick(s, t) {
      s.cached = ++s.n
      if (s.n === 70) t.end()
    },
    save: ({ n }) => n,
    restore: (n) => ({ n, cached: 0 }),
  })
  const report = await tryApp(() => ({ app: { ...ends } }) as Subject, { minutes: 0.1 })
  expect(report).toMatchObject({ verdict: 'equal' })
  const notes = report.verdict === 'refused' ? [] : report.notes
  expect(notes[0]).toMatch(
    /^cached does not come through save and restore as it was \(tick \d+: \d+ before and 0 after\)\. It made no difference here/,
  )
  expect(notes[1]).toBe('The session ended with tick 69: what comes after it was not tried.')
})

test('a check that lets the same through at times only is refused', async () => {
  let asked = 0
  const moody = app({
    id: 'moody@1',
    fps: 20,
    events: { go: event(1, () => asked++ % 3 === 0) },
    start: () => ({ n: 0 }),
    on: { go: (s) => void s.n++ },
  })
  expect(await refused({ app: moody, samples: { go: [7] } })).toBe(
    'samples: The check of go lets 7 through at one time and not at another: it may look at the payload only.',
  )
})

test('whoever throws at times only is not said to throw alike', async () => {
  const throwing = () =>
    app({
      id: 'throwing@1',
      fps: 20,
      start: () => ({ n: 0 }),
      tick() {
        if (Math.random() < 0.5) throw new RangeError('at times')
      },
    })
  const report = await tryApp(() => ({ app: throwing() }) as Subject, { minutes: 0.1 })
  const notes = report.verdict === 'refused' ? [] : report.notes
  expect(notes[0]).toMatch(
    /^tick threw \d+ times in instance 1, \d+ times in instance 2, .*; first at tick \d+: RangeError: at times$/,
  )
})
