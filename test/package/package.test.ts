import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** The package as it is published, installed into a project that has nothing else. */
const run = promisify(execFile)
const ROOT = process.cwd()
let folder = ''
let project = ''
let packed: string[] = []

interface Manifest {
  readonly files: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}
const manifestOf = async (at: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(at, 'package.json'), 'utf8')) as Manifest

/** The packages that these need, and no others, as an installer would put them there. */
const install = async (names: readonly string[]): Promise<void> => {
  for (const name of names) {
    const to = join(project, 'node_modules', name)
    const from = join(ROOT, 'node_modules', name)
    await mkdir(dirname(to), { recursive: true })
    const isThere = await symlink(from, to).catch((error: { code?: string }) => error.code === 'EEXIST')
    if (isThere !== true) await install(Object.keys((await manifestOf(from)).dependencies ?? {}))
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sametick-package-'))
  const staged = join(folder, 'staged')
  project = join(folder, 'project')
  // Built beside, so that what is built in this folder stays as it is.
  const dist = join(staged, 'dist')
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  await run(execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', dist])
  await run(execPath, ['src/page/build.mjs', join(dist, 'page')])
  const { files, dependencies } = await manifestOf(ROOT)
  const more = files.filter((name) => name !== 'dist')
  for (const name of ['package.json', 'README.md', 'LICENSE', ...more])
    await cp(resolve(ROOT, name), join(staged, name), { recursive: true })
  // Nor may npm ask the network for a newer npm, and wait for its answer.
  const quiet = ['--ignore-scripts', '--no-update-notifier', '--offline']
  const pack = ['pack', '--json', ...quiet, '--pack-destination', folder]
  const { stdout } = await run('npm', pack, { cwd: staged, maxBuffer: 1e8 })
  const [{ filename, files: inside }] = JSON.parse(stdout) as [
    { filename: string; files: { path: string }[] },
  ]
  packed = inside.map(({ path }) => path)
  const at = join(project, 'node_modules/sametick')
  await mkdir(at, { recursive: true })
  await run('tar', ['xzf', join(folder, filename), '-C', at, '--strip-components', '1'])
  await install(Object.keys(dependencies ?? {}))
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
})

afterAll(() => rm(folder, { recursive: true }))

/** Runs a program in the project, and gives what it prints. */
const runs = async (text: string): Promise<string> => {
  const { stdout } = await run(execPath, ['--input-type=module', '-e', text], { cwd: project })
  return stdout.trim()
}

/** Every name that may be imported: whoever adds or takes away one says so here, and in the changelog. */
const FACES: Readonly<Record<string, readonly string[]>> = {
  sametick: [
    'P2P_EVT_NEXT',
    'P2P_EVT_START',
    'P2P_EVT_TICK',
    'SametickError',
    'StateRefused',
    'app',
    'connect',
    'connectBy',
    'dial',
    'digest',
    'direct',
    'event',
    'firstDifference',
    'loop',
    'mid_connect',
    'mid_disconnect',
    'mid_emit',
    'mid_wait',
    'p2p_link',
    'p2p_loop',
    'p2p_unlink',
    'past',
    'peers',
    'peersBy',
    'solo',
  ],
  'sametick/server': ['SametickError', 'createServer'],
  'sametick/bridge': ['BRIDGE_PORT', 'createBridge'],
  'sametick/deterministic': [
    'NotDeterministic',
    'Random',
    'acos',
    'asin',
    'atan',
    'atan2',
    'cos',
    'exp',
    'guard',
    'guarded',
    'hypot',
    'log',
    'pow',
    'sin',
    'tan',
  ],
  'sametick/transport': ['Impairment', 'MemoryNetwork'],
  'sametick/lab': [
    'ALL_KINDS',
    'BOUNDS',
    'Checks',
    'Clock',
    'Coverage',
    'Findings',
    'Path',
    'Schedule',
    'World',
    'breaks',
    'exhaust',
    'experimentNetwork',
    'lossyWan',
    'measuredRtt',
    'parseStory',
    'play',
    'rehearse',
    'search',
    'shrink',
    'storyOf',
    'tell',
    'tryApp',
    'wanNominal',
    'wordsOf',
  ],
}

describe('the package', () => {
  test('has faces with these names and no others', async () => {
    const faces = Object.keys((await manifestOf(ROOT)).exports).filter((face) => face !== './package.json')
    expect(faces.map((face) => face.replace('.', 'sametick'))).toEqual(Object.keys(FACES))
    for (const [face, names] of Object.entries(FACES)) {
      const found = await runs(`console.log(JSON.stringify(Object.keys(await import('${face}')).sort()))`)
      expect([face, JSON.parse(found)]).toEqual([face, [...names].sort()])
    }
  })

  test('works: a server and two instances of it, and a program that runs alone', async () => {
    const said = await runs(`
      import { app, connect, event, solo } from 'sametick'
      import { createServer } from 'sametick/server'
      const counter = app({
        id: 'count@1', fps: 100, events: { add: event(1) },
        start: () => ({ n: 0 }), on: { add(s, e) { s.n += e.payload } },
      })
      const server = await createServer({ ws: 0, udp: 0 })
      const links = await Promise.all(server.addresses.map((address) => connect(address + '/x', counter)))
      links[0].emit('add', 5)
      while (links.some((link) => link.state.n < 5)) {
        for (const link of links) link.poll()
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      console.log(links.map((link) => link.state.n).join(), solo(counter).state.n)
      await server.close()`)
    expect(said).toBe('5,5 0')
  })

  test('has types that a strict program is checked by, for Node and for bundlers', async () => {
    await writeFile(
      join(project, 'program.ts'),
      `import { app, connect, event, loop, type Link, mid_wait, SametickError, type Status } from 'sametick'
      import { cos } from 'sametick/deterministic'
      import { createServer, type Server } from 'sametick/server'
      import { createBridge } from 'sametick/bridge'
      import 'sametick/lab'
      const rect = app({
        id: 'rect@1', fps: 40, events: { steer: event<'left' | 'right'>(1) },
        start: () => ({ x: 0 }),
        on: { steer(s, e) { s.x += e.payload === 'left' ? -1 : cos(0) } },
      })
      const server: Server = await createServer({ udp: 0 })
      const link = await connect(server.addresses[0] ?? '', rect)
      const status: Status = link.status
      link.emit('steer', 'left')
      // @ts-expect-error no such payload
      link.emit('steer', 'up')
      // @ts-expect-error no such event
      link.emit('jump')
      loop(link, { render: (s, { alpha }) => void (s.x + alpha) })
      const [now, evt]: readonly [number, number, unknown] = await mid_wait()
      const general: Link = link as unknown as Link
      export { createBridge, evt, general, now, SametickError, status }`,
    )
    await install(['@types/node'])
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022']
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const how = ['--module', module, '--moduleResolution', resolution, '--types', 'node']
      const { stdout } = await run(execPath, [tsc, ...strict, ...how, 'program.ts'], { cwd: project }).catch(
        (error: { stdout: string }) => error,
      )
      expect(stdout).toBe('')
    }
  })

  test('gives a page a face without anything of Node', async () => {
    const input = join(project, 'page.js')
    await writeFile(
      input,
      [
        `export * from 'sametick'`,
        `export * as deterministic from 'sametick/deterministic'`,
        `export * as transport from 'sametick/transport'`,
      ].join('\n'),
    )
    const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' })
    const { output } = await bundle.generate({ format: 'esm' })
    await bundle.close()
    for (const part of output) {
      if (part.type !== 'chunk') continue
      const { imports, dynamicImports, fileName } = part
      const own = new Set(output.map((each) => each.fileName))
      expect([fileName, ...[...imports, ...dynamicImports].filter((name) => !own.has(name))]).toEqual([
        fileName,
      ])
      expect(part.code).not.toMatch(/from ["']node:|require\(/)
    }
  })

  test('brings the command, its page, and what people read; no sources but those for other languages', async () => {
    const { stdout } = await run(execPath, ['node_modules/sametick/dist/cli/main.js', '--help'], {
      cwd: project,
    })
    expect(stdout).toContain('Usage: sametick')
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/README.md', 'dist/page/index.html'])
      expect(packed).toContain(name)
    expect(packed.filter((path) => /^(test|examples|out|\.)|^src\/(?!bindings\/)|\.tgz$/.test(path))).toEqual(
      [],
    )
  })
})
