import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { APP_REFUSALS } from '../../src/app/errors.ts'
import { REFUSALS } from '../../src/core/errors.ts'
import { MEETING_REFUSALS } from '../../src/core/meeting/refusals.ts'
import { SYSTEM_FAILURES } from '../../src/transport/system-failures.ts'
import { FAILURES } from '../../src/transport/transport.ts'

const OUT = join(process.cwd(), 'out/docs-examples')
const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
)

/** What the examples take for given: it is the reader's. */
const GIVEN = `
declare const draw: (x: number, y: number) => void
declare const KEY: Readonly<Record<string, 'left' | 'right' | 'up' | 'down' | undefined>>
declare const sha256: (text: string) => string
interface Drone { id: number; x: number; y: number }
`
/** A part of a program is shown without its imports. */
const IMPORTS = "import { app, event } from 'sametick'\nimport { tryApp } from 'sametick/lab'\n"

interface Example {
  readonly page: string
  readonly file: string
  readonly code: string
}

/** A page's TypeScript, each block by the file that its first line names. */
const examplesOf = (page: string): Example[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ''], i) => ({
    page,
    file: /^\/\/ ([\w-]+\.ts)\b/.exec(code)?.[1] ?? `block-${i + 1}.ts`,
    code,
  }))

const examples = PAGES.flatMap(examplesOf)
/** The programs that several pages build on: that of the first page, and the one that is tried in the lab. */
const SHARED: Readonly<Record<string, string>> = {
  'rect.ts': examples.find(({ page, file }) => page === 'README.md' && file === 'rect.ts')?.code ?? '',
  'market.ts': "export { default } from '../../../test/lab/market.ts'\n",
}

test('every example of the documentation is a program that the compiler accepts', () => {
  expect(examples.length).toBeGreaterThan(8)
  rmSync(OUT, { recursive: true, force: true })
  for (const { page, file, code } of examples) {
    const folder = join(OUT, basename(page, '.md'))
    mkdirSync(folder, { recursive: true })
    // Each is a module, so that names of one are not those of another.
    writeFileSync(join(folder, file), `${/^import /m.test(code) ? '' : IMPORTS}${code}\nexport {}\n`)
    for (const [name, shared] of Object.entries(SHARED))
      if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), shared)
  }
  writeFileSync(join(OUT, 'given.d.ts'), GIVEN)
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      noUnusedLocals: false,
      paths: {
        sametick: ['../../src/node.ts'],
        'sametick/server': ['../../src/server/index.ts'],
        'sametick/deterministic': ['../../src/deterministic/index.ts'],
        'sametick/transport': ['../../src/transport/index.ts'],
        'sametick/lab': ['../../src/lab/index.ts'],
        'sametick/bridge': ['../../src/bridge/index.ts'],
      },
    },
    include: ['.'],
    exclude: [],
  }
  writeFileSync(join(OUT, 'tsconfig.json'), JSON.stringify(config))
  expect(complaintsOf(OUT)).toBe('')
})

const complaintsOf = (folder: string): string => {
  try {
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder], { stdio: 'pipe' })
    return ''
  } catch (error) {
    return String((error as { stdout: Buffer }).stdout)
  }
}

test('the API page names every export that is a value', async () => {
  const page = readFileSync('docs/api.md', 'utf8')
  const faces = [
    await import('../../src/node.ts'),
    await import('../../src/server/index.ts'),
    await import('../../src/deterministic/index.ts'),
    await import('../../src/bridge/index.ts'),
  ]
  const unnamed = faces.flatMap((face) => Object.keys(face)).filter((name) => !page.includes(name))
  expect(unnamed).toEqual([])
})

test('the API page names every code that an error may have', () => {
  const page = readFileSync('docs/api.md', 'utf8')
  const lists = [APP_REFUSALS, FAILURES, SYSTEM_FAILURES, REFUSALS, MEETING_REFUSALS]
  const codes = [...lists.flatMap((list) => Object.keys(list)), 'not_kept', 'no_direct_way']
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})

/** What a heading is called in a link, as GitHub has it. */
const anchorsOf = (page: string): string[] =>
  [
    ...readFileSync(page, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

test('every link of the documentation leads to a file that is there, and to a heading of it', () => {
  const dead: string[] = []
  for (const page of PAGES)
    for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor)))
        dead.push(`${page}: ${target}`)
    }
  expect(dead).toEqual([])
})

test('every page is named by the index, and the index names no other', () => {
  const index = readFileSync('docs/README.md', 'utf8')
  const named = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => `docs/${name}`)
  const pages = PAGES.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
  expect([...named].sort()).toEqual(pages.sort())
})
