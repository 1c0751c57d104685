import { createHash, createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { SametickError } from '../../src/app/errors.ts'
import type { IceServer } from '../../src/peer/channel.ts'
import { direct } from '../../src/peer/direct-node.ts'
import { iceOf } from '../../src/peer/ice.ts'
import { peersBy } from '../../src/peer/peers.ts'
import { MemoryNetwork } from '../../src/transport/memory.ts'

const login = { username: '1790000000:me', credential: 'q+8/2w==%41@:?' }
const GOOD: readonly IceServer[] = [
  { urls: 'stun:stun.example' },
  { urls: 'stun:stun.example:3478' },
  { urls: ['stun:192.0.2.1:19302', 'stuns:[2001:db8::1]:5349'] },
  { urls: 'turn:turn.example:3478', ...login },
  { urls: ['turn:turn.example?transport=udp', 'turns:turn.example:443?transport=tcp'], ...login },
]

const network = new MemoryNetwork()
const peers = peersBy(network.dial, network.listen)
const still = app({ id: 'still@1', fps: 50, start: () => ({}) })

describe('servers that help to find a direct way', () => {
  test.each([
    ['no list', { urls: 'stun:stun.example' }, 'ice is '],
    ['a name alone', 'stun:stun.example', "ice is 'stun:stun.example', and has to be a list"],
    ['names in a list', ['stun:stun.example'], "ice[0] is 'stun:stun.example'"],
    ['nothing in a list', [null], 'ice[0] is null'],
    ['a server without urls', [{ url: 'stun:stun.example' }], 'ice[0].urls names undefined'],
    ['a server with no urls', [{ urls: [] }], 'ice[0].urls is empty'],
    ['a number among urls', [{ urls: ['stun:stun.example', 7] }], 'ice[0].urls names 7'],
    ['an address of the web', [{ urls: 'https://stun.example' }], "names 'https://stun.example'"],
    ['an address with slashes', [{ urls: 'stun://stun.example' }], "names 'stun://stun.example'"],
    ['no address', [{ urls: 'stun.example:3478' }], "names 'stun.example:3478'"],
    ['a scheme alone', [{ urls: 'stun:' }], "names 'stun:'"],
    ['a blank', [{ urls: 'stun:stun.example :1' }], 'ice[0].urls names'],
    ['a port that is none', [{ urls: 'stun:stun.example:99999' }], 'ice[0].urls names'],
    ['port 0', [{ urls: 'stun:stun.example:0' }], 'ice[0].urls names'],
    ['a transport of stun', [{ urls: 'stun:stun.example?transport=udp' }], 'ice[0].urls names'],
    ['another transport', [{ urls: 'turn:turn.example?transport=quic', ...login }], 'ice[0].urls names'],
    ['nobody to log in', [GOOD[0], { urls: 'turn:turn.example' }], 'ice[1].username is no text'],
    ['no password', [{ urls: 'turn:turn.example', username: 'me' }], 'ice[0].credential is no text'],
    [
      'a password of another kind',
      [{ urls: 'turns:turn.example', ...login, credential: 5 }],
      'ice[0].credential is no text',
    ],
  ])(
    'are refused at once if they are %s, with the place and what a good one looks like',
    async (_, ice, says) => {
      const error = await peers({ listen: 'memory://ice' }, still, { ice: ice as never }).catch((e) => e)
      expect(error).toBeInstanceOf(SametickError)
      expect(error).toMatchObject({ code: 'bad_request', retry: false, hint: expect.stringContaining(says) })
      expect(error.hint).toContain("[{ urls: 'stun:stun.example:3478' }]")
      // What it tells, it tells of addresses alone.
      expect(error.message).not.toContain(login.credential)
    },
  )

  test('are handed on as they are, in copies, with the login where one is needed', () => {
    const frozen = Object.freeze(GOOD.map((server) => Object.freeze({ ...server })))
    const copies = iceOf(frozen)
    expect(copies).toEqual(GOOD.map(({ urls, ...rest }) => ({ urls: [urls].flat(), ...rest })))
    expect(iceOf(undefined)).toEqual([])
    expect(iceOf([{ urls: 'stun:stun.example', ...login }])).toEqual([{ urls: ['stun:stun.example'] }])
  })

  test('are taken by the engine at hand, all of them', async (context) => {
    const make = await direct()
    if (make === undefined) return context.skip('It needs a package: npm i node-datachannel')
    for (const server of GOOD) {
      const failed: SametickError[] = []
      const signals: Uint8Array[] = []
      const attempt = make({
        offers: true,
        ice: iceOf([server]),
        signal: (bytes) => signals.push(bytes),
        opened: () => {},
        failed: (error) => failed.push(error),
      })
      while (signals.length === 0 && failed.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5))
      attempt.close()
      expect([failed, signals.length > 0], JSON.stringify(server.urls)).toEqual([[], true])
    }
  })
})

/** A server that carries, as far as the door: it asks who comes, and then holds the answer against the password. */
const turnDoor = async (password: string) => {
  const REALM = 'turn.example'
  const [USERNAME, INTEGRITY] = [0x0006, 0x0008]
  const asked: { username: string; isRight: boolean }[] = []
  const socket = createSocket('udp4')
  const attribute = (type: number, value: Buffer): Buffer => {
    const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
    bytes.writeUInt16BE(type, 0)
    bytes.writeUInt16BE(value.length, 2)
    value.copy(bytes, 4)
    return bytes
  }
  socket.on('message', (bytes, from) => {
    let username: string | undefined
    for (let at = 20; at + 4 <= bytes.length; at += 4 + Math.ceil(bytes.readUInt16BE(at + 2) / 4) * 4) {
      const value = bytes.subarray(at + 4, at + 4 + bytes.readUInt16BE(at + 2))
      if (bytes.readUInt16BE(at) === USERNAME) username = value.toString()
      if (bytes.readUInt16BE(at) !== INTEGRITY || username === undefined) continue
      // What is signed ends before the signature, and its length counts that.
      const signed = Buffer.from(bytes.subarray(0, at))
      signed.writeUInt16BE(at + 4, 2)
      const key = createHash('md5').update(`${username}:${REALM}:${password}`).digest()
      asked.push({ username, isRight: createHmac('sha1', key).update(signed).digest().equals(value) })
    }
    const who = [
      attribute(0x0009, Buffer.from([0, 0, 4, 1])),
      attribute(0x0014, Buffer.from(REALM)),
      attribute(0x0015, Buffer.from('nonce')),
    ]
    const head = Buffer.from(bytes.subarray(0, 20))
    head.writeUInt16BE(0x0113, 0)
    head.writeUInt16BE(Buffer.concat(who).length, 2)
    socket.send(Buffer.concat([head, ...who]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return { asked, port: socket.address().port, close: () => socket.close() }
}

test('a login comes to a turn: server as it was given, whatever is in it', async (context) => {
  const make = await direct()
  if (make === undefined) return context.skip('It needs a package: npm i node-datachannel')
  const door = await turnDoor(login.credential)
  const failed: SametickError[] = []
  const attempt = make({
    offers: true,
    ice: iceOf([{ urls: `turn:127.0.0.1:${door.port}?transport=udp`, ...login }]),
    signal: () => {},
    opened: () => {},
    failed: (error) => failed.push(error),
  })
  while (door.asked.length + failed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  attempt.close()
  door.close()
  expect(door.asked[0]).toEqual({ username: login.username, isRight: true })
})
