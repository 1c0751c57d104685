import { describe, expect, test } from 'vitest'
import { storyOf } from '../../src/lab/faults/draw.ts'
import { play } from '../../src/lab/faults/play.ts'
import { breaks, shrink } from '../../src/lab/faults/shrink.ts'
import { parseStory, type Story } from '../../src/lab/faults/story.ts'
import { tell } from '../../src/lab/faults/tell.ts'
import { wordsOf } from '../../src/lab/faults/words.ts'

/** As if it were wrong that somebody is killed while somebody else is cut off at some time. */
const isWrong = (story: Story): boolean => {
  const { coverage } = play(story).findings
  return coverage.kills > 0 && coverage.cuts > 0
}

const wrongOnes = (count: number): Story[] => {
  const stories: Story[] = []
  for (let seed = 1; stories.length < count; seed++) {
    const story = storyOf(seed, { always: ['kills', 'cuts', 'limits', 'loss'], trouble: 5_000_000 })
    if (story.deeds.length > 12 && isWrong(story)) stories.push(story)
  }
  return stories
}

describe('a story in which something is wrong', () => {
  const shrunk = wrongOnes(2).map((story) => shrink(story, { isWrong, plays: 300 }))

  test('is shrunk to what it takes', () => {
    for (const story of shrunk) {
      expect(story.deeds.map(({ kind }) => kind).sort()).toSatisfy(
        ([one, two, ...more]: string[]) =>
          /cut|clog|disconnect/.test(one as string) && two === 'kill' && more.length === 0,
      )
      expect(story.members.filter(({ at }) => at !== null).length).toBeLessThanOrEqual(2)
      expect(story.session.limits).toEqual({})
      expect(story.members.every(({ up, down }) => up.loss === undefined && down.jitter === 0)).toBe(true)
    }
  })

  test('and that fits a screen, and is wrong all the same', () => {
    for (const story of shrunk) {
      expect(isWrong(story)).toBe(true)
      expect(wordsOf(story).length).toBeLessThan(24)
      expect(Math.max(...wordsOf(story).map(({ length }) => length))).toBeLessThan(160)
    }
  })

  test('and comes back from a file as it was', () => {
    for (const story of shrunk) {
      const kept = parseStory(JSON.stringify(story))
      expect(kept).toEqual(story)
      expect(play(kept as Story).digest).toBe(play(story).digest)
    }
  })

  test('within the number of plays that it may take', () => {
    const [story] = wrongOnes(1) as [Story]
    let plays = 0
    shrink(story, { plays: 7, isWrong: (each) => ++plays > 0 && isWrong(each) })
    expect(plays).toBe(7)
  })
})

test('a story in which nothing is wrong stays as it is', () => {
  const story = storyOf(5)
  expect(shrink(story, { isWrong: breaks('P1') })).toBe(story)
})

test.each([
  ['no text', 'This file is no JSON'],
  ['{"seed": 1}', 'This file holds no story'],
  ['{"session": {"fps": 10}, "members": [], "deeds": [{"who": 3}]}', 'Nobody in this story is number 3'],
])('a file that is no story is refused with a sentence: %s', (text, words) => {
  expect(parseStory(text)).toContain(words)
})

test('every story can be told in words, a line for each who comes and each thing that happens', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const story = storyOf(seed)
    const words = wordsOf(story)
    expect(words.length).toBe(1 + story.members.length + story.deeds.length + 2)
    expect(words.join('\n')).not.toMatch(/undefined|NaN|null|\[object/)
  }
})

describe('a story that is told', () => {
  const story = storyOf(20)
  const told = tell(story, { from: 1_300_000, lasts: 300_000 })

  test('is the run that it was', () => {
    const { ticks, events } = play(story).findings.coverage
    expect(told.isWrong).toBe(false)
    expect(told.outcome[0]).toContain(`${ticks} ticks run and ${events} events agreed on`)
  })

  test('has the lines of its stretch and no others', () => {
    expect(told.lines.length).toBeGreaterThan(10)
    for (const line of told.lines)
      expect(Number.parseFloat(line)).toSatisfy((ms: number) => ms >= 1_300 && ms <= 1_600)
  })

  test('is drawn: lines, arrows, dots, freezes', () => {
    const { picture } = told
    const count = (what: RegExp): number => picture.match(what)?.length ?? 0
    expect(count(/class="life"/g)).toBe(
      story.members.filter(({ at }) => at !== null && at < 1_600_000).length + 1,
    )
    expect(count(/class="message /g)).toBeGreaterThan(20)
    expect(count(/class="(event|member)"/g)).toBeGreaterThan(1)
    expect(picture).not.toMatch(/NaN|undefined/)
    const frozen = tell(storyOf(20), { from: 5_500_000, lasts: 6_000_000 })
    expect(frozen.picture).toMatch(/<rect class="freeze"[^>]*height="\d{2}/)
    expect(frozen.picture).toMatch(/<rect class="still"/)
  })
})
