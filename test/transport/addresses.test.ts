import dns, { type LookupAddress } from 'node:dns'
import { Socket, type TcpNetConnectOpts } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { dial } from '../../src/transport/dial.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import { listenTcp } from '../../src/transport/tcp.ts'
import type { Listener } from '../../src/transport/transport.ts'
import { listenWebSocket } from '../../src/transport/websocket.ts'
import { failureCode, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'

const listeners: Listener[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

/** A host by that name has these addresses, all of this machine. */
const namesOf = (addresses: readonly string[]) => {
  const found: LookupAddress[] = addresses.map((address) => ({ address, family: 4 }))
  vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, _options: unknown, then: unknown) => {
    ;(then as (error: null, all: LookupAddress[]) => void)(null, found)
  }) as typeof dns.lookup)
}

const portOf = async (scheme: string): Promise<string> => {
  const listen = scheme === 'tcp' ? listenTcp : listenWebSocket
  const listener = valueIn(
    await listen(`${scheme === 'tcp' ? 'tcp' : 'ws'}://127.0.0.1:0`, { onConnection: () => {} }),
  )
  listeners.push(listener)
  return listener.addresses[0]?.split(':').at(-1) as string
}

/** What sockets are told when they are to connect to a host: by `net` in a list, by `tls` as it is. */
const toldOf = (host: string) => {
  const connect = vi.spyOn(Socket.prototype, 'connect')
  return (): TcpNetConnectOpts[] =>
    connect.mock.calls
      .map(([first]) => (Array.isArray(first) ? first[0] : first) as TcpNetConnectOpts)
      .filter((options) => options.host === host)
}

describe.each(['tcp', 'ws', 'wss'])('a host with several addresses, over %s', (scheme) => {
  test('has time at each for a lost packet and a long way: a quarter of the time for opening', async () => {
    const told = toldOf('two.example')
    const url = `${scheme}://two.example:${await portOf(scheme)}`
    namesOf(['127.0.0.2', '127.0.0.1'])
    for (const opening_max of [TRANSPORT_LIMITS.opening_max, 20_000_000, NEVER, 0]) {
      const opened = await dial(url, { limits: limitsOf({ opening_max }) })
      if (opened.ok) opened.value.destroy()
    }
    // A time that Node does not take would be an exception, and not an outcome.
    const times = told().map((options) => options.autoSelectFamilyAttemptTimeout)
    expect(times).toEqual([2_500, 5_000, 2 ** 31 - 1, 1])
  })

  test('is reached at the second, if nobody is at the first', async () => {
    const url = `${scheme}://two.example:${await portOf(scheme)}`
    namesOf(['127.0.0.3', '127.0.0.1'])
    const opened = await dial(url)
    // Somebody answers, who has no certificate.
    if (scheme === 'wss') expect(failureCode(opened)).not.toBe('refused')
    else valueIn(opened).destroy()
  })

  test('and where nobody is at any is named with all of them', async () => {
    const port = await portOf(scheme)
    namesOf(['127.0.0.2', '127.0.0.3'])
    const opened = await dial(`${scheme}://two.example:${port}`)
    for (const address of ['127.0.0.2', '127.0.0.3'])
      expect(!opened.ok && opened.failure.detail).toContain(`${address}:${port}`)
  })
})
