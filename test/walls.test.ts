import { describe, expect, test } from 'vitest'
import { describe as line, parse } from './house/source.ts'
import { brokenWalls, checkWalls } from './house/walls.ts'

/** What the walls say about one made-up file, each finding as `line:column message`. */
const findings = (path: string, text: string): string[] =>
  brokenWalls([parse(path, text)]).map(({ line, column, message }) => `${line}:${column} ${message}`)

test('the walls of this project stand', () => {
  expect(checkWalls(process.cwd()).map(line)).toEqual([])
})

test('a finding names its file, line and column', () => {
  const [finding] = brokenWalls([parse('src/core/a.ts', '\n\n  Date.now()')])
  expect(finding && line(finding)).toBe('src/core/a.ts:3:3  pure  uses Date: time comes in as an argument')
})

describe('core', () => {
  test.each([
    ["import { readFile } from 'node:fs'", 'core imports node:fs'],
    ["import fs from 'fs'", 'core imports fs'],
    ["import type { Socket } from 'node:net'", 'core imports node:net'],
    ["import { encode } from '@msgpack/msgpack'", 'core imports @msgpack/msgpack'],
    ["import type { Lab } from '../lab/lab.ts'", 'core imports lab'],
    ["export * from '../transport/udp.ts'", 'core imports transport'],
    ["export { a } from '../index.ts'", 'core imports src/index.ts'],
    ["export type A = import('node:net').Socket", 'core imports node:net'],
    ["import a = require('node:net')", 'core imports node:net'],
    ["import a from '../../test/a.ts'", 'what is in src may not leave src'],
  ])('may not import from outside itself: %s', (text, message) => {
    expect(findings('src/core/a.ts', text).join('\n')).toContain(message)
  })

  test('a module named by an expression is refused, whatever it turns out to be', () => {
    expect(findings('src/core/a.ts', 'export const f = (n: string) => import(n)')).toEqual([
      '1:33 core imports (computed): it may import nothing from outside the project',
      '1:33 imports while it runs',
    ])
  })

  test.each([
    ['Date', 'new Date()'],
    ['Date', 'Date.now()'],
    ['performance', 'performance.now()'],
    ['process', 'process.hrtime()'],
    ['setTimeout', 'setTimeout(() => 0, 1)'],
    ['setInterval', 'setInterval(() => 0, 1)'],
    ['setImmediate', 'setImmediate(() => 0)'],
    ['queueMicrotask', 'queueMicrotask(() => 0)'],
    ['Promise', 'Promise.resolve()'],
    ['Promise', 'new Promise(() => 0)'],
    ['crypto', 'crypto.getRandomValues(a)'],
    ['fetch', "fetch('a')"],
    ['console', "console.log('a')"],
    ['globalThis', 'globalThis.Date.now()'],
    ['globalThis', "globalThis['Da' + 'te']"],
    ['Intl', 'new Intl.NumberFormat()'],
    ['Buffer', "Buffer.from('a')"],
    ['WeakRef', 'new WeakRef(a)'],
    ['eval', "eval('1')"],
    ['Function', "new Function('1')"],
    ['require', "require('node:fs')"],
    ['structuredClone', 'structuredClone(a)'],
    ['somethingNew', 'somethingNew()'],
  ])('may not use %s: %s', (name, expression) => {
    const found = findings(
      'src/core/a.ts',
      `const a = new Uint8Array(1)\nexport const b = ${expression}, c = a`,
    )
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(new RegExp(`^2:\\d+ uses ${name}`))
  })

  test.each([
    'random',
    'sin',
    'cos',
    'tan',
    'atan2',
    'exp',
    'expm1',
    'pow',
    'log',
    'log2',
    'hypot',
    'cbrt',
    'tanh',
  ])('may not use Math.%s', (name) => {
    expect(findings('src/core/a.ts', `export const a = 1 + Math.${name}(1)`).join('\n')).toMatch(
      new RegExp(`^1:22 uses Math\\.${name}: `),
    )
  })

  test.each([
    ['const { sin } = Math', 'uses Math other than by the name of one of its functions'],
    ["Math['sin'](1)", 'uses Math other than by the name of one of its functions'],
    ['const m = Math', 'uses Math other than by the name of one of its functions'],
    ['export const a = 2 ** 3', 'uses **'],
    ['let a = 2; a **= 3', 'uses **'],
    ['export const a = async () => 1', 'is async'],
    ['export async function a() {}', 'is async'],
    ['export class A { async a() {} }', 'is async'],
    ['await 1', 'awaits'],
    ['for await (const a of []) a', 'awaits'],
    ["export const a = 'a'.localeCompare('b')", 'uses localeCompare'],
    ["export const a = ['a'].map(b => b.toLocaleUpperCase())", 'uses toLocaleUpperCase'],
    ['export const a = import.meta.url', 'uses import.meta'],
    ['declare const process: { exit(): void }', 'declares a name from outside'],
    ['declare function now(): number', 'declares a name from outside'],
    ['declare global { const now: number }', 'declares a name from outside'],
  ])('may not do what differs between machines or between calls: %s', (text, message) => {
    expect(findings('src/core/a.ts', text).join('\n')).toContain(message)
  })

  test('a name that is only bound elsewhere in the file does not hide the global', () => {
    const text = 'export const a = (process: number) => process\nexport const b = () => process.exit()'
    expect(findings('src/core/a.ts', text)).toEqual(['2:24 uses process: settings come in as arguments'])
  })

  test.each([
    'Date.now()',
    'class A { b = Date.now() }',
    'class A { [Date.now()] = 1 }',
    'const a = { [Date.now()]: 1 }',
    'const a = (b = Date.now()) => b',
    'const { a = Date.now() } = { a: 1 }',
    'let a = 0\n;({ a = Date.now() } = { a })',
    'const a = (1 as unknown as typeof Date) ?? Date',
    'const a = { Date }',
    'class A extends Date {}',
    'switch (1) { case Date.now(): }',
    'for (const a of [Date.now()]) a',
    'const a = `$' + '{Date.now()}`',
    'const a = Date!',
    'const a = <number>Date.now()',
    'const a = Date.now satisfies () => number',
    'label: while (true) { Date.now(); break label }',
    'try {} catch { Date.now() }',
    'export default Date',
  ])('a use is seen wherever it stands: %s', (text) => {
    expect(findings('src/core/a.ts', text).join('\n')).toContain('uses Date')
  })

  test.each([
    "import { b } from './b.ts'\nexport const a = b",
    "import { tickAt } from './timeline/tick.ts'\nexport const a = tickAt",
    'export const a = Math.floor(Math.sqrt(2)) * Math.LN2',
    'export const a = (Date: number, process = Date) => Date + process',
    'export const a = { Date: 1, process() {}, console: 2 }.Date',
    'export class A { fetch() { return this.fetch } static process = 1 }',
    'export interface Date { fetch: number; performance(): Promise<void> }',
    "// Date.now()\nexport const a = 'Math.random()'",
    'export const a = /Date.now()/.test(`process`)',
    'export const a = (...[b, { c: process }]: readonly any[]) => b + process',
    'export const a = () => b()\nfunction b() { return new Error(`c`) }',
    'try {} catch (fetch) { throw fetch }',
    'for (const process of []) process',
    'export const a = function self(): unknown { return self }',
    'export const a = class Self { b = Self }',
    'switch (1) { case 1: let a = 1; a++ }',
    'outer: for (;;) break outer',
    'export function f(a: string): string\nexport function f(a: unknown) { return a }',
    'export enum E {}',
  ])('what is pure passes: %s', (text) => {
    expect(findings('src/core/a.ts', text)).toEqual([])
  })
})

describe('lab', () => {
  test.each([
    ["import '../transport/udp.ts'", 'lab imports transport'],
    ["import '../server/server.ts'", 'lab imports server'],
    ["import 'node:fs'", 'lab imports node:fs'],
    ['export const a = Date.now()', 'uses Date'],
    ['export const a = Math.random()', 'uses Math.random'],
    ['setTimeout(() => 0, 1)', 'uses setTimeout'],
  ])('runs in virtual time, from a seed: %s', (text, message) => {
    expect(findings('src/lab/a.ts', text).join('\n')).toContain(message)
  })

  test('tries applications, and so imports what an application is and what its steps may use', () => {
    const text = "import '../app/runner.ts'\nimport '../deterministic/guard.ts'"
    expect(findings('src/lab/try/a.ts', text)).toEqual([])
  })

  test('imports core and itself, and may use all of Math for what it reports', () => {
    const text = "import '../core/random.ts'\nimport './gals/cell.ts'\nexport const a = Math.log10(2)"
    expect(findings('src/lab/a.ts', text)).toEqual([])
  })

  test.each(['src/server/a.ts', 'src/client/a.ts', 'src/transport/a.ts', 'src/index.ts'])(
    'is not imported by %s',
    (path) => {
      expect(findings(path, `import '${path === 'src/index.ts' ? './' : '../'}lab/index.ts'`)).toHaveLength(1)
    },
  )
})

describe('cli', () => {
  test('may import anything', () => {
    const text = "import '../lab/index.ts'\nimport '../server/server.ts'\nimport 'commander'\nDate.now()"
    expect(findings('src/cli/a.ts', text)).toEqual([])
  })

  test.each(['core', 'lab', 'transport', 'server', 'client', 'app'])('is not imported by %s', (room) => {
    expect(findings(`src/${room}/a.ts`, "import '../cli/main.ts'")).toHaveLength(1)
  })
})

describe('transport', () => {
  test.each([
    'session/messages.ts',
    'session/sequencer.ts',
    'peer/flood.ts',
    'machine/snapshot.ts',
    'wire/codec.ts',
  ])('knows nothing of core/%s', (path) => {
    expect(findings('src/transport/udp.ts', `import '../core/${path}'`).join('\n')).toContain(
      'a transport knows bytes and addresses',
    )
  })

  test('knows bytes, limits, Node and packages', () => {
    const text =
      "import '../core/wire/bytes.ts'\nimport '../core/limits.ts'\nimport 'node:dgram'\nimport 'ws'"
    expect(findings('src/transport/udp.ts', text)).toEqual([])
  })
})

test('a module of Node is imported by its full name', () => {
  expect(findings('src/server/a.ts', "import 'fs'")).toEqual(['1:1 imports fs: write node:fs'])
})
