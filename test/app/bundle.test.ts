import { resolve } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, test } from 'vitest'
import { freeNames } from '../house/scope.ts'
import { allOf, parse } from '../house/source.ts'

/** What a file imports, in one file for a browser, made small. */
const bundled = async (input: string, format: 'esm' | 'iife' = 'esm'): Promise<string> => {
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' })
  const { output } = await bundle.generate({
    format,
    minify: true,
    name: 'sametick',
    codeSplitting: false,
  })
  await bundle.close()
  return output[0].code
}

/** What a page of this text loads before it does anything, made small; what is imported later is not in it. */
const loaded = async (text: string): Promise<string> => {
  const input = 'page.js'
  const virtual = {
    name: 'virtual',
    resolveId: (id: string) => (id === input ? resolve(input) : null),
    load: (id: string) => (id === resolve(input) ? text : null),
  }
  const bundle = await rolldown({
    input,
    platform: 'browser',
    logLevel: 'silent',
    plugins: [virtual],
    // A page exports nothing that must stay as it is.
    preserveEntrySignatures: 'allow-extension',
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  const chunks = output.filter((part) => part.type === 'chunk')
  const first = new Set(chunks.filter((chunk) => chunk.isEntry).flatMap((c) => [c.fileName, ...c.imports]))
  return chunks
    .filter((chunk) => first.has(chunk.fileName))
    .map((chunk) => chunk.code)
    .join('')
}

const NODE_ONLY = ['process', 'Buffer', 'require', 'module', 'global', 'setImmediate', '__dirname']

describe('what an application imports', () => {
  let code = ''
  beforeAll(async () => {
    code = await bundled('src/index.ts')
  })

  test('runs in a browser: nothing of Node is imported or named', () => {
    const { program } = parse('bundle.js', code)
    expect([...allOf(program)].filter((node) => /^Import/.test(node.type))).toEqual([])
    const used = new Set(freeNames(program).map((node) => node.name))
    expect(NODE_ONLY.filter((name) => used.has(name))).toEqual([])
  })

  test('works where there is nothing but what every browser has', async () => {
    const program = await bundled('src/index.ts', 'iife')
    const page = createContext({
      TextEncoder,
      TextDecoder,
      performance,
      setTimeout,
      clearTimeout,
      queueMicrotask,
    })
    runInContext(program, page)
    const state = runInContext(
      `(() => {
        let micros = 0
        const { app, event, solo } = sametick
        const link = solo(
          app({
            id: 'page@1', fps: 10, events: { add: event(1) },
            start: () => ({ n: 0, dice: 0 }),
            on: { add(s, e) { s.n += e.payload.by } },
            tick(s, t) { s.dice = t.random() },
          }),
          { clock: () => micros },
        )
        link.emit('add', { by: 3 })
        micros = 200000
        return JSON.stringify([link.poll().length, link.state.n, link.state.dice > 0])
      })()`,
      page,
    )
    expect(state).toBe('[3,3,true]')
  })

  // What one does not import is not loaded: names are said one by one, as a page says them.
  test.each([
    ['app, event, loop, solo', 20],
    ['app, event, loop, connect', 25],
    ['app, event, loop, connect, past', 29],
  ])('is small, minified and compressed: %s in %i KiB', async (names, kib) => {
    const code = await loaded(`export { ${names} } from './src/index.ts'`)
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(kib * 1024)
  })
})

test('what a step may use is small by itself, and brings nothing else along', async () => {
  const code = await bundled('src/deterministic/index.ts')
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(6 * 1024)
  expect(code).not.toContain('msgpack')
})
