import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../src/server/server.ts'
import { begin, type Said, type Stage, say } from './stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'sametick-session-'))
let server: Server
let address = ''
let port = 0

beforeAll(async () => {
  server = await createServer({
    ws: 0,
    sessions: (name) => (name.startsWith('lesson') ? { fps: 100 } : undefined),
  })
  address = server.addresses[0] as string
  port = Number(new URL(address).port)
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const joined = (rest: string): Promise<Said> => say(`join ${address}/${rest}`)

describe('what goes wrong is one line that says what to do, and the exit code is 1', () => {
  test.each([
    [
      'another FPS',
      () => joined('lesson --fps 25'),
      /^error: The session runs at another FPS: .* It runs at 100 FPS\.\n$/,
    ],
    [
      'a session that there is not',
      () => joined('other'),
      /^error: There is no session of that name here\.\n$/,
    ],
    [
      'nobody there',
      () => say('join ws://127.0.0.1:1/x'),
      /^error: Nobody listens there: .*127\.0\.0\.1:1.*\n$/,
    ],
    [
      'something else there',
      () => say(`join tcp://127.0.0.1:${port}/lesson`),
      /^error: Something else answers there: .*\n$/,
    ],
    [
      'a port that is taken',
      () => say(`serve --port ${port}`),
      /^error: Another program has that port: .*\n$/,
    ],
  ])('%s', async (_, said, words) => {
    const { code, out, err } = await said()
    expect(err).toMatch(words)
    expect({ code, out }).toEqual({ code: 1, out: '' })
  })
})

describe('what is asked for wrongly ends with 2, before anything is done', () => {
  test.each([
    ['join', "missing required argument 'url'"],
    ['join gopher://x', 'Write it as ws://, tcp:// or udp:// host:port/name.'],
    ['join lesson', 'Write it as ws://, tcp:// or udp:// host:port/name.'],
    ['bridge --server lesson', 'Write it as ws://, tcp:// or udp:// host:port/name.'],
    ['join ws://x --fps 2000', 'It takes a whole number from 1 to 1000.'],
    ['join ws://x --instances 5000', 'It takes a whole number from 1 to 1024.'],
    [`join ws://x --app ${'x'.repeat(65)}`, 'It takes 1 to 64 characters.'],
    ['join ws://x --emit-every 0', 'It takes a whole number from 1.'],
    ['join ws://x --record test/nowhere/a.txt', 'test/nowhere/a.txt cannot be written: ENOENT'],
    ['serve --port 70000', 'A port is a whole number from 0 to 65535.'],
    ['serve --fps 0', 'It takes a whole number from 1.'],
    ['serve --discipline fast', 'there is no discipline called fast: take one of gals, horizon, auto.'],
    ['serve --origin play.example', 'play.example is no origin: write it as https://play.example'],
    ['serve --members 2 --instances 3', 'a session that admits 2 never starts with 3.'],
    ['serve --members 0', 'It takes a whole number from 1.'],
    ['serve --host 127.0.0.1 --open', 'give --host or --open, not both.'],
    ['diff a', "missing required argument 'b'"],
    ['diff nowhere.txt nowhere.txt', 'nowhere.txt cannot be read'],
    ['diff package.json package.json', 'package.json is no recording: line 1 is "{"'],
  ])('sametick %s', async (line, sentence) => {
    const { code, out, err } = await say(line)
    expect(err).toContain(sentence)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })
})

test('two that join see the same, and a recording that was changed differs where it was changed', async () => {
  const [a, b] = ['a', 'b'].map((name) => join(folder, `${name}.txt`)) as [string, string]
  const both = [a, b].map((file) =>
    joined(`lesson-2 --fps 100 --instances 2 --emit-every 50 --ticks 60 --record ${file}`),
  )
  for (const { code, out, err } of await Promise.all(both)) {
    expect(code).toBe(0)
    expect(err).toMatch(/^admitted as instance [12]\n(waiting: 1 of 2 have come\n)?started\n$/)
    expect(out).toMatch(/^ +\d+ ms {2}\d+ join of 0\.1 /)
  }
  expect((await say(`diff ${a} ${b}`)).out).toBe(
    `identical: ${readFileSync(a, 'utf8').split('\n').length - 2} inputs, up to tick 59\n`,
  )
  writeFileSync(b, readFileSync(a, 'utf8').replace('\n30 tick\n', '\n30 event 9 of 1.77\n30 tick\n'))
  const changed = await say(`diff ${a} ${b}`)
  expect(changed.code).toBe(1)
  expect(changed.out).toMatch(
    /^they differ at tick 30 \(300 ms\)\n {2}.*a\.txt: 30 tick\n {2}.*b\.txt: 30 event 9 of 1\.77\n$/,
  )
})

/** A server on a port of its own, until what is to be done with it is done. */
const served = async (options: string, use: (url: string) => Promise<unknown>, stage: Stage = {}) => {
  const server = begin(`serve --port 0 ${options}`, stage)
  try {
    await use(await server.until((heard) => /ws:\/\/[0-9.]+:\d+/.exec(heard)?.[0]))
  } finally {
    server.stop()
  }
  return server.ended
}

describe('serve', () => {
  test('says where it is and what happens, and ends with 0 when it is told to', async () => {
    const { code, out, err } = await served('--session lesson', async (url) => {
      expect((await say(`join ${url}/lesson --ticks 3`)).code).toBe(0)
      expect((await say(`join ${url}/other`)).code).toBe(1)
    })
    expect(out).toContain('Only this machine can connect; --open lets others. Ctrl-C ends it.')
    expect(out).toMatch(
      /session "lesson": instance 1 has come\n(.*\n)*session "lesson": instance 1 has gone\n/,
    )
    expect(out).toMatch(/127\.0\.0\.1:\d+: turned away \(unknown_session\)\n/)
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  test('with --members admits no more', async () => {
    const { out } = await served('--members 1', async (url) => {
      expect((await say(`join ${url}/few -n 2`)).err).toContain('It takes 1.')
    })
    expect(out).toMatch(/session_full/)
  })

  test('with --json writes nothing but a line of JSON for each thing that happens, payloads in hexadecimal', async () => {
    const { out } = await served('--json', (url) => say(`join ${url}/x --ticks 3`))
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(lines[0]).toMatchObject({ kind: 'serving', addresses: [expect.stringMatching(/^ws:/)] })
    expect(out).toContain('"id":-1,"payload":"010000"')
  })

  test('says nothing that a terminal obeys, whatever a session is called', async () => {
    const { out } = await served('', (url) => say(`join ${url}/%1b%5b31m%c2%9b%0aevil --ticks 1`))
    expect(out).toContain('session "\\u{1b}[31m\\u{9b}\\u{a}evil": created')
  })

  test('has colours on a terminal, and none where NO_COLOR says so', async () => {
    const colours = { columns: 100 }
    expect((await served('', async () => {}, colours)).out).toContain('\x1b[1m')
    expect((await served('', async () => {}, { ...colours, env: { NO_COLOR: '1' } })).out).not.toContain(
      '\x1b',
    )
  })
})

/** What can be said after these words. */
const verbsOf = async (words: string): Promise<string[]> => {
  const [, commands = ''] = (await say(`${words} --help`)).out.split('Commands:\n')
  return [...commands.matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb as string)
}

test('every verb explains itself, with examples', async () => {
  const verbs = await verbsOf('')
  expect(verbs).toEqual(expect.arrayContaining(['serve', 'join', 'diff', 'lab']))
  for (const verb of verbs) {
    let { out: help, code } = await say(`${verb} --help`)
    const sub = /^Commands:\n {2}([a-z]+)/m.exec(help)?.[1]
    if (sub !== undefined) ({ out: help, code } = await say(`${verb} ${sub} --help`))
    expect(code).toBe(0)
    expect(help).toMatch(new RegExp(`Examples?:\\n {2}npx sametick ${verb}`))
  }
})

test('the page about the command line names every verb and every option, and no others', async () => {
  const page = readFileSync('docs/cli.md', 'utf8')
  const common = ['help', 'version']
  for (const [, verb = '', text = ''] of page.matchAll(/^## ([a-z ]+)\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)) {
    const { out } = await say(`${verb} --help`)
    const [options = ''] = out.split('\nExamples:')
    const there = [...options.matchAll(/^ {2,6}(?:-\w, )?--([a-z][a-z-]*)/gm)].map(
      ([, name]) => name as string,
    )
    const told = [...text.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name as string)
    expect([verb, ...new Set(told)].sort()).toEqual(
      [verb, ...there.filter((name) => !common.includes(name))].sort(),
    )
  }
  for (const verb of await verbsOf('')) expect(page).toMatch(new RegExp(`^## ${verb}( |$)`, 'm'))
})
