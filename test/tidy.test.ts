import { expect, test } from 'vitest'
import { describe as line, parse } from './house/source.ts'
import {
  anyTypes,
  brokenLinks,
  checkTidy,
  dead,
  leftOut,
  missingDependencies,
  missingDoors,
  missingFromLock,
  tooLong,
  wordsIn,
} from './house/tidy.ts'

const file = (text: string, path = 'src/a.ts') => ({ path, text })

test('this project is tidy', () => {
  expect(checkTidy(process.cwd()).map(line)).toEqual([])
})

// The words are put together here, since this file may not hold them either.
test.each([
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['XX', 'X'],
  ['see /wo', 'rk/notes.md'],
  ["'/ro", "ot/a'"],
  ['../sha', 'red/design'],
  ['// @ts-ign', 'ore'],
  ['// @ts-noch', 'eck'],
])('no file holds %s%s', (a, b) => {
  const found = wordsIn(file(`first\n${a}${b}`))
  expect(found).toHaveLength(1)
  expect(found[0]?.line).toBe(2)
})

test('a word in another word, and a path of another kind, are no such words', () => {
  expect(wordsIn(file('TODOS fixme ./work/a src/work/ homework/'))).toEqual([])
})

test('a file of src is short, or is listed with the reason why not', () => {
  const long = file('a\n'.repeat(401))
  expect(tooLong(file('a\n'.repeat(400)))).toEqual([])
  expect(tooLong(long)).toHaveLength(1)
  expect(tooLong(long, { 'src/a.ts': 'a table' })).toEqual([])
  expect(tooLong(file('a\n'), { 'src/a.ts': 'a table' })[0]?.message).toContain('no longer')
})

test('no type is any', () => {
  const found = anyTypes(parse('src/a.ts', 'const a = 1\nconst b: any = a as any\nconst any = "any"'))
  expect(found.map(({ line, column }) => [line, column])).toEqual([
    [2, 10],
    [2, 21],
  ])
})

test.each([
  'test.only',
  'it.skip',
  'describe.todo',
  'test.skipIf(true)',
  'describe.concurrent.only',
  'it.runIf(1)',
])('no test is left out by %s', (call) => {
  expect(leftOut(parse('test/a.test.ts', `\n${call}('a', () => {})`))).toHaveLength(1)
})

test('to skip is only forbidden to tests', () => {
  expect(leftOut(parse('test/a.test.ts', "reader.skip(2); test.each([1])('a', () => {})"))).toEqual([])
})

test('every file is reached from a door or a test', () => {
  const sources = [
    parse('src/index.ts', "export * from './a/b.ts'"),
    parse('src/a/b.ts', "import type { C } from './c.ts'"),
    parse('src/a/c.ts', ''),
    parse('src/a/d.ts', "import './c.ts'"),
  ]
  expect(dead(sources, ['src/index.ts']).map(({ path }) => path)).toEqual(['src/a/d.ts'])
})

test('every door opens on a file', () => {
  const doors = ['src/index.ts', 'src/lab/index.ts']
  const found = missingDoors(file('{}', 'package.json'), doors, (path) => path === 'src/index.ts')
  expect(found.map(line).join()).toContain('src/lab/index.ts does not exist')
})

test('every link of a page leads to a file, or out of the project', () => {
  const text = [
    '[a](a.md) [b](../README.md#part) [c](https://example.com/x) [d](#part) [e](mailto:a@b)',
    '<!-- ![not yet](f.svg)',
    ' [nor this](g.md) -->',
    '![gone](h.svg "title")',
  ].join('\n')
  const found = brokenLinks(file(text, 'docs/page.md'), (path) => ['docs/a.md', 'README.md'].includes(path))
  expect(found.map(({ line, message }) => [line, message])).toEqual([[4, 'h.svg leads nowhere']])
})

test('what is published depends on nothing that is not installed with it', () => {
  const text = "import 'ws'\nimport '@a/b/c'\nimport 'node:fs'\nimport './b.ts'\nimport 'vitest'"
  const found = missingDependencies([parse('src/a.ts', text)], {
    dependencies: { '@a/b': '1' },
    peerDependencies: { ws: '8' },
  })
  expect(found.map(({ line, message }) => [line, message])).toEqual([
    [5, 'vitest is not among the dependencies'],
  ])
})

test('the lock file has the packages of every platform', () => {
  const text = JSON.stringify({
    packages: {
      'node_modules/a': { optionalDependencies: { '@a/linux': '1', '@a/darwin': '1' } },
      'node_modules/a/node_modules/@a/linux': {},
    },
  })
  expect(missingFromLock(file(text, 'package-lock.json')).map(({ message }) => message)).toEqual([
    '@a/darwin is named and not locked',
  ])
})
