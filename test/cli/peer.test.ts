import { expect, test } from 'vitest'
import { type Begun, begin, say } from './stage.ts'

test.each([
  ['peer', 'Nobody could ever meet it: name an address, or --listen.'],
  ['peer tcp://127.0.0.1:1 --fps 5000', 'It takes a whole number from 1 to 1000.'],
  ['peer tcp://127.0.0.1:1 --emit often', 'It takes a number from 0.1 to 60000.'],
  ['peer tcp://127.0.0.1:1 --late 1', 'It takes a number from 0.000001 to 0.5.'],
  ['peer tcp://127.0.0.1:1 --forget 0.5', 'It takes a number of seconds from 1 to 31536000, or never.'],
  ['peer tcp://127.0.0.1:1 --forget soon', 'It takes a number of seconds from 1 to 31536000, or never.'],
])('%s is called wrongly, and it is said what to do', async (line, what) => {
  const { code, err } = await say(line)
  expect(code).toBe(2)
  expect(err).toContain(what)
})

test('an address that no transport knows is refused with those that are known', async () => {
  const { code, err } = await say('peer carrier://pigeon:1')
  expect(code).toBe(1)
  expect(err).toContain('carrier://pigeon:1 is none of udp://, tcp://, ws://')
})

test('peers that are met at a server come to the same, through it, and the server says who comes and goes', async () => {
  const server = begin('serve --port 0')
  const url = await server.until((heard) => /(ws:\S+) +for programs, and where peers meet/.exec(heard)?.[1])
  const a = begin(`peer ${url}/room --relay --emit 3000`)
  await a.until((heard) => /meeting at \S+\/room\n/.test(heard))
  const b = begin(`peer ${url}/room --relay`)
  await b.until((heard) => /links 1 \(1 by a server\b.*\) {2}peers 2 {2}events [1-9]/.test(heard))
  const digests = ({ heard }: Begun) => [...heard.matchAll(/digest \w+ at \d+/g)].map(([words]) => words)
  await a.until(() => digests(a).some((words) => digests(b).includes(words)))
  b.stop()
  await server.until((heard) => /room "room": peer \d+ has gone/.test(heard))
  expect(server.heard.match(/room "room": peer \d+ has come/g)).toHaveLength(2)
  a.stop()
  server.stop()
  expect((await Promise.all([server, a, b].map(({ ended }) => ended))).map(({ code }) => code)).toEqual([
    0, 0, 0,
  ])
})

test('a server may let no peers meet', async () => {
  const end = new AbortController()
  const heard = say('serve --port 0 --no-rooms', {
    signal: end.signal,
    hear: (text) => {
      const url = /(ws:\S+) +for programs\n/.exec(text)?.[1]
      if (url) void say(`peer ${url}/room`).then(({ err }) => end.abort(err))
    },
  })
  expect((await heard).code).toBe(0)
  expect(end.signal.reason).toMatch(/No peer listens at ws:.*perhaps it is a server that lets none meet/)
})

test('explains itself, with examples', async () => {
  const { code, out } = await say('peer --help')
  expect(code).toBe(0)
  expect(out).toContain('npx sametick peer --listen tcp://127.0.0.1:5000 --emit 30')
})
