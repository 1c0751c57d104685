import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runSearch, type Searcher } from '../../src/lab/faults/job.ts'
import { say } from './stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'sametick-'))
afterAll(() => rmSync(folder, { recursive: true }))
const stories = join(folder, 'stories')
const FEW = `lab faults --seeds 4 --from 11 --stories ${stories}`

/** Finds something wrong in some seeds, and makes it smaller by leaving all out that happens. */
const finding = (...seeds: readonly number[]): Searcher => ({
  search: (job) => {
    const part = runSearch(job)
    const { from, count } = job
    const violations = [{ invariant: 'P7' as const, at: 2_500_000, what: 'instance 2 stands' }]
    const found = seeds
      .filter((seed) => seed >= from && seed < from + count)
      .map((seed) => ({ seed, story: { ...JSON.parse(STORY), seed }, violations, error: undefined }))
    return Promise.resolve({ ...part, found })
  },
  shrink: ({ story }) => Promise.resolve({ ...story, deeds: story.deeds.slice(0, 1) }),
})

const WAY = { base: 5_000, jitter: 0 }
const MEMBER = { at: 0, up: WAY, down: WAY, clock: { offset: 0, ppm: 0 }, datagrams: false }
const STORY = JSON.stringify({
  seed: 12,
  session: { fps: 20, discipline: 'gals', size: 2, reference: 'sequencer', limits: {} },
  clock: { offset: 5_000_000, ppm: 0 },
  lateness: 0,
  members: [MEMBER, MEMBER],
  deeds: [
    { kind: 'cut', at: 1_500_000, who: 2, lasts: 900_000, which: 'up' },
    { kind: 'emits', at: 1_000_000, who: 1, count: 5, gap: 0, bytesMax: 16, seed: 3 },
  ],
  length: 3_000_000,
})

describe('lab faults', () => {
  test('says what it came to when nothing is wrong', async () => {
    const { code, out, err } = await say(FEW)
    expect(code).toBe(0)
    expect(out).toMatch(
      /^4 seeds from 11 on: no invariant broken\.\n[\d,]+ events agreed on, [\d,]+ ticks run/,
    )
    expect(out).toMatch(/Of \d+ pairs of a fault and a state, \d+ came up 100 times or more/)
    expect(out).toMatch(/ of virtual time took \d+ s: .* × real time, \d+ seeds a second\.\n$/)
    expect(err).toBe('')
    expect(existsSync(stories)).toBe(true)
  })

  test('prints the shrunk story and the command that repeats it when something is, and ends with 1', async () => {
    const { code, out } = await say(FEW, { searcher: finding(12) })
    expect(code).toBe(1)
    const file = join(stories, '12.json')
    expect(out).toContain('something is wrong in 1 run.')
    expect(out).toContain('   2.500 s  P7 does not hold: instance 2 stands\n')
    expect(out).toContain('(3 of 4):\nSeed 12: 20 FPS in gals, begins with 2\n')
    expect(out).toContain('   1.500 s  2 is cut off on the way up for 900 ms\n')
    expect(out).toContain(
      `Again:      npx sametick lab story ${file}\nAll of it:  npx sametick lab story 12\n`,
    )
    expect(JSON.parse(readFileSync(file, 'utf8')).deeds.length).toBe(1)
  })

  test('with --all says of each at once, and names the others beside the one that it tells', async () => {
    const { out, err } = await say(`${FEW} --all`, { searcher: finding(12, 14) })
    const other = 'Seed 14: 2.500 s  P7 does not hold: instance 2 stands\n'
    expect(err).toContain(`Seed 12: 2.500 s  P7 does not hold: instance 2 stands\n${other}`)
    expect(out).toContain('something is wrong in 2 runs.')
    expect(out).toMatch(new RegExp(`All of it:  .*12\\n\\nAnd in others:\\n${other}$`))
  })

  test('names the discipline in the command that repeats it, if one was chosen', async () => {
    const { out } = await say(`${FEW} --discipline horizon`, { searcher: finding(12) })
    expect(out).toContain('npx sametick lab story 12 --discipline horizon\n')
  })

  test('is one document with --json, the same with however many jobs', async () => {
    const [one, many] = await Promise.all(['1', '3'].map((jobs) => say(`${FEW} --json --jobs ${jobs}`)))
    const document = JSON.parse(one?.out ?? '')
    expect(document).toMatchObject({ from: 11, seeds: 4, runs: 4, complete: true, found: [] })
    expect(document.table.cut.frozen).toBeTypeOf('number')
    expect(one?.out).toBe(many?.out)
  })

  test('prints what befell sessions in which state with --coverage', async () => {
    const { out } = await say(`${FEW} --coverage`)
    expect(out).toMatch(/^ +lobby idle round again gals horizon/)
    expect(out).toMatch(/\nsequencer pauses .*–/)
    expect(out).toMatch(/\nNever: .* while /)
  })

  test('ends with what is done so far when it is stopped', async () => {
    const stop = new AbortController()
    const searcher: Searcher = {
      search: (job) => {
        if (job.from === 1) return Promise.resolve(runSearch({ ...job, count: 2 }))
        stop.abort()
        return new Promise<never>(() => {})
      },
      shrink: () => new Promise<never>(() => {}),
    }
    const line = `lab faults --seeds 500 --jobs 1 --stories ${stories}`
    const { code, out, err } = await say(line, { searcher, signal: stop.signal })
    expect(code).toBe(130)
    expect(out).toContain('2 seeds from 1 on: no invariant broken.')
    expect(err).toBe('Stopped after 2 of 500 seeds.\n')
  })
})

describe('lab story', () => {
  test('tells a seed', async () => {
    const { code, out } = await say('lab story 17 --for 0.2')
    expect(code).toBe(0)
    expect(out).toMatch(/^Seed 17: \d+ FPS in /)
    expect(out).toContain('All invariants hold.')
    expect(out).toMatch(/\nFrom \d+\.\d{3} to \d+\.\d{3} s/)
  })

  test('says so where nothing happens any more, and takes no seed that is none', async () => {
    const { out } = await say('lab story 17 --from 9000')
    expect(out).toContain('Nothing happens here: the run is over, or everybody is silent.')
    const { code, err } = await say('lab story 99999999999999999999')
    expect(code).toBe(2)
    expect(err).toContain("'99999999999999999999' is not a whole number from 0 to 9007199254740991.")
  })

  test('tells limits that are lengths of time in seconds, and what lasts for good as that', async () => {
    const { out } = await say('lab story 17 --from 4.1 --for 0.1')
    expect(out).toMatch(/, silence_max = \d\.\d+ s\n/)
    expect(out).toMatch(/ 1 is cut off for good\n/)
    expect(out).not.toContain('Infinity')
  })

  test('tells a file, and draws it', async () => {
    const file = join(folder, 'story.json')
    const svg = join(folder, 'new', 'story.svg')
    writeFileSync(file, STORY)
    const { code, out } = await say(`lab story ${file} --svg ${svg} --from 1 --for 2`)
    expect(code).toBe(0)
    expect(out).toContain('   1.500 s  2 is cut off on the way up for 900 ms\n')
    expect(out).toContain(`The drawing is in ${svg}.`)
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*class="cut"[\s\S]*<\/svg>\n$/)
  })

  test('gives the story itself with --json, which is told as the seed is', async () => {
    const file = join(folder, '17.json')
    writeFileSync(file, (await say('lab story 17 --json')).out)
    expect((await say(`lab story ${file} --for 0.1`)).out).toBe((await say('lab story 17 --for 0.1')).out)
  })

  test('refuses a story with something missing with a sentence', async () => {
    const file = join(folder, 'half.json')
    writeFileSync(file, STORY.replaceAll('"up":', '"op":'))
    const { code, err } = await say(`lab story ${file}`)
    expect(code).toBe(2)
    expect(err).toContain('Something is missing in this story')
  })

  test.each([
    [
      'nowhere.json',
      'nowhere.json cannot be read (ENOENT): name a seed, or a story that lab faults has kept.',
    ],
    ['package.json', 'This file holds no story: name one that lab faults has kept.'],
  ])('refuses %s with a sentence', async (file, words) => {
    const { code, err } = await say(`lab story ${file}`)
    expect(code).toBe(2)
    expect(err).toContain(words)
  })
})
