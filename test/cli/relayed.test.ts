import { afterAll, expect, test } from 'vitest'
import { endAll, run, sametick } from './process.ts'

afterAll(endAll)

test('a peer says why a link goes through the server, once for each peer', async () => {
  const server = await sametick('serve', '--port', '0')
  const url = await server.until(() => /(ws:\S+) +for programs, and where peers meet/.exec(server.out)?.[1])
  const a = await run('without-webrtc', 'peer', `${url}/room`, '--id', '7', '--forget', '60')
  await a.until(() => /meeting at \S+\/room\n/.test(a.out))
  const b = await run('without-webrtc', 'peer', `${url}/room`, '--id', '8', '--forget', 'never')
  const why = await a.until(() => /by a server {2}peer 8: (.*)\n/.exec(a.out)?.[1])
  expect(why).toMatch(/^No direct way .* npm install node-datachannel brings it\.$/)
  // Three more lines of how it does: it is not said again.
  await a.until(() => /by a server {2}peer 8[\s\S]*\ntick[\s\S]*\ntick[\s\S]*\ntick/.test(a.out))
  expect(a.out.match(/by a server {2}peer/g)).toHaveLength(1)
  for (const each of [a, b, server]) each.kill('SIGINT')
  expect((await Promise.all([a, b, server].map(({ ended }) => ended))).map(({ code }) => code)).toEqual([
    0, 0, 0,
  ])
})
