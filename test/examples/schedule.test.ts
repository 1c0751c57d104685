import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServer, type Server } from '../../src/server/server.ts'
import { Program } from './program.ts'

let server: Server
const programs: Program[] = []
beforeAll(async () => {
  server = await createServer()
})
afterAll(async () => {
  for (const program of programs) program.kill()
  await server.close()
})

test('a schedule: two processes emit, and each event lands at the same tick in both', async () => {
  const address = server.addresses[0] as string
  // An hour, which nobody waits for: they are told when to go.
  const begin = (): Program => {
    const program = new Program('schedule', [address, '3600'])
    programs.push(program)
    return program
  }
  const first = begin()
  await first.said(/join +of player 1/g)
  const second = begin()
  await second.said(/beat 1 of player 2/g)
  await first.said(/beat 2 of player 2/g)
  second.interrupt()
  expect(await second.ended).toBe(0)
  await first.said(/leave +of player 2/g)
  first.interrupt()
  expect(await first.ended).toBe(0)
  const lines = (program: Program) => program.text.trimEnd().split('\n')
  const [all, some] = [lines(first), lines(second)]
  expect(some.length).toBeGreaterThan(3)
  expect(all.slice(0, some.length)).toEqual(some)
  expect(all[2]).toMatch(/^ +\d+\.\d\d s {2}tick \d+ +(beat|chime|join)/)
})
