import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Acceptor } from '../../../src/core/wire/acceptor.ts'
import { Channel } from '../../../src/core/wire/channel.ts'
import { ADDRESS, hex, NONCE, SECRET } from './line.ts'
import { transcript } from './transcript.ts'

const page = readFileSync(new URL('../../../docs/channel.md', import.meta.url), 'utf8')

/** The bytes of a line such as `00 * 1171   comment`. */
const bytesOf = (line: string): number[] => {
  const [digits = ''] = line.split(/ {2,}/)
  const [byte = '', times] = digits.split(' * ')
  const bytes = byte.split(' ').map((one) => Number.parseInt(one, 16))
  return times === undefined ? bytes : bytes.flatMap((one) => new Array<number>(Number(times)).fill(one))
}

/** Every example of the page by its name. */
const examples = new Map(
  [...page.matchAll(/<!-- (\w+) -->\n```\n([^`]*)```/g)].map(([, name = '', lines = '']) => [
    name,
    Uint8Array.from(lines.trim().split('\n').flatMap(bytesOf)),
  ]),
)

const example = (name: string): Uint8Array => {
  const bytes = examples.get(name)
  if (bytes === undefined) throw new Error(`the page has no example ${name}`)
  return bytes
}

test('the page shows every datagram just as it is made', () => {
  const { datagrams } = transcript()
  expect([...examples.keys()].sort()).toEqual(Object.keys(datagrams).sort())
  for (const [name, bytes] of Object.entries(datagrams)) expect(hex(example(name)), name).toBe(hex(bytes))
})

test('a client that is given the page’s answers opens, is acknowledged and closes', () => {
  const client = Channel.connect(0, { id: 7, nonce: NONCE })
  client.outgoing()
  client.receive(0, example('cookie'))
  expect(client.outgoing().map(hex)).toEqual([hex(example('openAgain'))])
  client.receive(0, example('accept'))
  expect(client.state).toBe('open')
  expect(client.outgoing().map(hex)).toEqual([hex(example('empty'))])
  for (const words of ['tick', 'one', 'two']) {
    client.send(words === 'tick' ? 1_000 : 2_000, new TextEncoder().encode(words))
    client.outgoing()
  }
  client.receive(7_000, example('bits'))
  client.send(7_000, new TextEncoder().encode('three'))
  expect(client.outgoing().map(hex)).toEqual([hex(example('mended'))])
  expect(client.failure).toBeUndefined()
})

test('a client that is given the page’s refusal says why there is no channel', () => {
  const client = Channel.connect(0, { id: 7, nonce: NONCE })
  client.receive(0, example('refuse'))
  expect(client.state).toBe('closed')
  expect(client.failure).toBe('closing')
})

test('a server that is given the page’s datagrams reads its messages', () => {
  const acceptor = new Acceptor(SECRET)
  const cookie = acceptor.receive(0, ADDRESS, example('open'))
  expect(cookie.kind === 'reply' && hex(cookie.bytes)).toBe(hex(example('cookie')))
  const proven = acceptor.receive(0, ADDRESS, example('openAgain'))
  if (proven.kind !== 'proven') throw new Error(proven.kind)
  const server = proven.accept(0)
  server.receive(0, example('openAgain'))
  expect(server.outgoing().map(hex)).toContain(hex(example('accept')))
  expect(server.state).toBe('opening')
  server.receive(0, example('empty'))
  expect(server.state).toBe('open')
  server.receive(0, example('mended'))
  server.receive(0, example('lost'))
  expect(server.delivered().map((bytes) => new TextDecoder().decode(bytes))).toEqual(['tick'])
  server.receive(0, example('close'))
  expect([server.state, server.failure]).toEqual(['closed', undefined])
})
