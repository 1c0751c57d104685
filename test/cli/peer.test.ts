import { expect, test } from 'vitest'
import { say } from './stage.ts'

test.each([
  ['peer', 'Nobody could ever meet it: name an address, or --listen.'],
  ['peer tcp://127.0.0.1:1 --fps 5000', 'It takes a whole number from 1 to 1000.'],
  ['peer tcp://127.0.0.1:1 --emit often', 'It takes a number from 0.1 to 60000.'],
  ['peer tcp://127.0.0.1:1 --late 1', 'It takes a number from 0.000001 to 0.5.'],
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

test('explains itself, with examples', async () => {
  const { code, out } = await say('peer --help')
  expect(code).toBe(0)
  expect(out).toContain('npx sametick peer --listen tcp://127.0.0.1:5000 --emit 30')
})
