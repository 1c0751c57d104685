import { expect, test, vi } from 'vitest'
import { say } from './stage.ts'

/** As where the package is not installed by which peers in Node talk directly. */
vi.mock('../../src/peer/direct-node.ts', () => ({ direct: async () => undefined }))

test('a peer says why a link goes through the server, once for each peer', async () => {
  const ends = [new AbortController(), new AbortController(), new AbortController()] as const
  const heard = ['', '', '']
  const stage = (n: 0 | 1 | 2) => ({
    signal: ends[n].signal,
    hear: (text: string) => {
      heard[n] += text
    },
  })
  const until = async (n: 0 | 1 | 2, what: RegExp): Promise<string> => {
    for (;;) {
      const found = what.exec(heard[n] ?? '')
      if (found) return found[1] ?? ''
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const server = say('serve --port 0', stage(0))
  const url = await until(0, /(ws:\S+) +for programs, and where peers meet/)
  const a = say(`peer ${url}/room --id 7 --forget 60`, stage(1))
  await until(1, /meeting at \S+\/room\n/)
  const b = say(`peer ${url}/room --id 8 --forget never`, stage(2))
  const why = await until(1, /by a server {2}peer 8: (.*)\n/)
  expect(why).toMatch(/^No direct way .* npm install node-datachannel brings it\.$/)
  // Two more lines of how it does: it is not said again.
  await until(1, /by a server {2}peer 8[\s\S]*\ntick[\s\S]*\ntick[\s\S]*\ntick/)
  expect(heard[1]?.match(/by a server {2}peer/g)).toHaveLength(1)
  for (const end of ends) end.abort()
  expect((await Promise.all([server, a, b])).map(({ code }) => code)).toEqual([0, 0, 0])
})
