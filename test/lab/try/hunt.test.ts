import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { closureOf } from '../../../src/cli/closures.ts'
import { tryApp } from '../../../src/lab/try/try.ts'
import { wordsOf } from '../../../src/lab/try/words.ts'
import { freshly } from './stage.ts'

const page = readFileSync('docs/determinism.md', 'utf8')

/** At which tick they part, and with which values, follows from the protocol's timing: that may change. */
const withoutNumbers = (text: string): string => text.replace(/-?\d+(\.\d+)?/g, 'N')

test.each([1, 2, 3])('docs/determinism.md shows what lab try says, step %i of the hunt', async (step) => {
  const shown = page.split(`<!-- hunt ${step} -->\n\`\`\`\n`)[1]?.split('```')[0] ?? ''
  const report = await tryApp(freshly(`../hunt/${step}/drones.ts`), { closures: closureOf, minutes: 0.5 })
  const [verdict, ...rest] = wordsOf(report, undefined, 'npx sametick lab try drones.ts --seed 1')
  const lines = withoutNumbers(shown.trim()).split('\n')
  expect(withoutNumbers(verdict ?? '')).toBe(lines[0])
  const said = rest.map(withoutNumbers)
  // What was emitted in that tick, and how many events there were, is chance.
  for (const line of lines.slice(1).filter((each) => !each.includes('inputs of that tick')))
    expect(said).toContain(line)
})

test('docs/determinism.md shows the application that is hunted, whole: who copies it gets the same report', () => {
  const code = readFileSync('test/lab/hunt/1/drones.ts', 'utf8')
  expect(page).toContain(`\`\`\`ts\n${code.replace('../../../../src/index.ts', 'sametick')}\`\`\`\n`)
})
