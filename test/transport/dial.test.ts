import { expect, test } from 'vitest'
import { dial } from '../../src/transport/dial.ts'
import { dial as dialInPage } from '../../src/transport/dial-browser.ts'
import { SYSTEM_FAILURES } from '../../src/transport/system-failures.ts'
import { listenTcp } from '../../src/transport/tcp.ts'
import { type Connection, ENDINGS, FAILURES, type Listen } from '../../src/transport/transport.ts'
import { listenUdp } from '../../src/transport/udp.ts'
import { listenWebSocket } from '../../src/transport/websocket.ts'
import { failureCode, valueIn } from './heard.ts'

test.each<[string, Listen]>([
  ['udp', listenUdp],
  ['tcp', listenTcp],
  ['ws', listenWebSocket],
])('%s:// leads to its transport', async (scheme, listen) => {
  const accepted: Connection[] = []
  const listener = valueIn(
    await listen(`${scheme}://127.0.0.1:0`, { onConnection: (one) => accepted.push(one) }),
  )
  const connection = valueIn(await dial(listener.addresses[0] as string))
  expect(connection.kind).toBe(listener.kind)
  connection.close()
  await listener.close()
})

test.each<[string, Listen]>([
  ['udp', listenUdp],
  ['tcp', listenTcp],
  ['ws', listenWebSocket],
])(
  '%s: a name that stands for several addresses leads to the one where somebody listens',
  async (scheme, listen) => {
    const listener = valueIn(await listen(`${scheme}://127.0.0.1:0`, { onConnection: () => {} }))
    const url = (listener.addresses[0] as string).replace('127.0.0.1', 'localhost')
    valueIn(await dial(url)).close()
    await listener.close()
  },
)

test('an unknown scheme is answered with those that are known', async () => {
  for (const url of ['gopher://127.0.0.1:70', 'memory://x', '127.0.0.1:70', '', 'constructor://x:1']) {
    const result = await dial(url)
    expect(failureCode(result)).toBe('unknown_scheme')
    expect(!result.ok && result.failure.detail).toContain('udp://, tcp://, ws://, wss://, http://, https://')
  }
  const result = await dialInPage('udp://127.0.0.1:1')
  expect(!result.ok && result.failure.detail).toContain('ws://, wss://, http://, https://')
})

test.each(['udp://127.0.0.1', 'tcp://', 'tcp://127.0.0.1:99999', 'ws://127.0.0.1:1/#part', 'ws://a b:1'])(
  '%s cannot be read',
  async (url) => {
    expect(failureCode(await dial(url))).toBe('bad_url')
  },
)

test('the scheme may be written large', async () => {
  expect(failureCode(await dial('TCP://127.0.0.1:1'))).toBe('refused')
  expect(failureCode(await dial('WS://127.0.0.1:1'))).toBe('refused')
})

test('wss asks for a certificate, and a server without one is told apart', async () => {
  const listener = valueIn(await listenWebSocket('ws://127.0.0.1:0', { onConnection: () => {} }))
  const url = (listener.addresses[0] as string).replace('ws:', 'wss:')
  expect(failureCode(await dial(url))).toBe('not_sametick')
  await listener.close()
})

test('every code has a sentence', () => {
  for (const sentence of [
    ...Object.values(ENDINGS),
    ...Object.values(FAILURES),
    ...Object.values(SYSTEM_FAILURES),
  ])
    expect(sentence).toMatch(/^[A-Z].{20,}\.$/)
})
