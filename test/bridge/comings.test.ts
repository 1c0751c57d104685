import { afterEach, describe, expect, test } from 'vitest'
import { createBridge } from '../../src/bridge/index.ts'
import { BRIDGE_LIMITS } from '../../src/bridge/limits.ts'
import { MAGIC, say, VERSION } from '../../src/bridge/messages.ts'
import { RESERVED } from '../../src/core/timeline/event.ts'
import { answerTo, FirstProgram, LocalProgram } from './program.ts'
import { closeAll, open, servers } from './stage.ts'

afterEach(closeAll)

describe('a program that goes', () => {
  test('leaves the session at once, and another may come to the same port', async () => {
    const { port, bridge } = await open()
    const watcher = new LocalProgram(port)
    await watcher.until('start')
    for (let player = 2; player < 5; player++) {
      const program = player % 2 === 0 ? new FirstProgram(port) : new LocalProgram(port)
      await watcher.until('input', (input) => input.evt === RESERVED.join && input.player === player)
      if (player === 3) program.line.socket.end()
      else program.line.socket.resetAndDestroy()
      expect(await watcher.until('input', ({ evt }) => evt < 0)).toMatchObject({
        evt: RESERVED.leave,
        player,
        payload: Buffer.alloc(0),
      })
    }
    expect(bridge.programs).toHaveLength(1)
  })

  test('before the session took it in leaves nothing behind', async () => {
    const { port, bridge } = await open({ instances: 3 })
    const a = new FirstProgram(port)
    const b = new LocalProgram(port)
    await b.until('lobby', ({ have }) => have === 2)
    a.line.socket.destroy()
    expect(await b.until('lobby')).toEqual({ kind: 'lobby', have: 1, need: 3 })
    expect(bridge.programs).toHaveLength(1)
  })
})

const hello = (more: object): Buffer =>
  say('hello', {
    ...{ mode: 0, fps: 100, window: 0, instances: 0, app: '', session: '', data: Buffer.alloc(0) },
    ...more,
  })
const opened = (...messages: Uint8Array[]): Buffer => Buffer.concat([MAGIC, Buffer.of(VERSION), ...messages])

describe('garbage gets an error and a closed socket', () => {
  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'malformed'],
    [
      'a page that calls its method as the protocol begins',
      Buffer.from('SAME / HTTP/1.1\r\n\r\n'),
      'version',
    ],
    ['no ticks a second', Buffer.alloc(4), 'malformed'],
    ['too many of them', Buffer.from('000003e9', 'hex'), 'malformed'],
    ['a version from the future', Buffer.from('SAME\x09'), 'version'],
    ['an empty message', opened(Buffer.alloc(4)), 'malformed'],
    ['a message without end', opened(Buffer.from('7fffffff', 'hex')), 'malformed'],
    ['a message of the bridge', opened(Buffer.from('0000000143', 'hex')), 'malformed'],
    ['an event before hello', opened(say('leave', {})), 'malformed'],
    ['hello twice', opened(hello({}), hello({})), 'bad_request'],
    ['hello with an FPS of 0', opened(hello({ fps: 0 })), 'bad_request'],
    ['hello with a window below 0', opened(hello({ window: -1 })), 'bad_request'],
    ['hello in a mode that is none', opened(hello({ mode: 2 })), 'bad_request'],
    ['hello with a long name', opened(hello({ app: 'x'.repeat(257) })), 'bad_request'],
    ['hello with much data', opened(hello({ data: Buffer.alloc(1025) })), 'bad_request'],
    ['ticks run that were not given', opened(hello({}), say('ran', { tick: 5 })), 'bad_request'],
    ['a state that nobody asked for', opened(hello({}), savedState()), 'bad_request'],
  ])('%s', async (_, bytes, code) => {
    const { port, bridge } = await open()
    const told = await answerTo(port, bytes)
    expect(told.at(-1)).toMatchObject({ kind: 'ended', code })
    expect((told.at(-1) as { words: string }).words).toMatch(/\.$/)
    expect(bridge.programs).toEqual([])
  })

  test('an event that is none, and one that is too large', async () => {
    const { port } = await open()
    const a = new LocalProgram(port)
    await a.until('welcome')
    a.say('emit', { evt: -1, payload: Buffer.alloc(0) })
    expect(await a.until('ended')).toMatchObject({ code: 'bad_request' })
    const b = new LocalProgram(port)
    await b.until('welcome')
    b.say('emit', { evt: 1, payload: Buffer.alloc(65_537) })
    expect(await b.until('ended')).toMatchObject({ code: 'payload_too_large' })
  })

  test('one that says nothing is not waited for', async () => {
    const { port } = await open({ limits: { ...BRIDGE_LIMITS, opening_max: 1_000 } })
    expect(await answerTo(port, Buffer.from('SA'))).toEqual([])
  })
})

const savedState = (): Buffer => say('saved', { tick: 0, digest: Buffer.alloc(0), state: Buffer.alloc(0) })

describe('the bridge itself', () => {
  test('tells every program when it closes, and its ports are free again', async () => {
    const { port, bridge } = await open()
    const a = new LocalProgram(port)
    const b = new FirstProgram(port)
    await a.until('start')
    await b.self()
    await bridge.close()
    expect(await a.until('ended')).toMatchObject({ code: 'closing' })
    await b.line.untilClosed()
    const again = await createBridge({ server: 'ws://127.0.0.1:1', ports: [port] })
    await again.close()
  })

  test('opens several ports, says so when one is taken, and listens at this machine only', async () => {
    const { bridge, url } = await open({ ports: [0, 0, 0] })
    expect(new Set(bridge.ports).size).toBe(3)
    await expect(createBridge({ server: url, ports: [0, bridge.ports[1] as number] })).rejects.toMatchObject({
      code: 'port_in_use',
    })
    await expect(createBridge({ server: url, ports: [0], host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'address_not_here',
    })
  })

  test('a program that is one too many is told so, in its own protocol', async () => {
    const { port, events } = await open({ limits: { ...BRIDGE_LIMITS, programs_max: 1 } })
    const a = new LocalProgram(port)
    await a.until('welcome')
    expect(await new LocalProgram(port).until('ended')).toMatchObject({ code: 'server_full' })
    await new FirstProgram(port).line.untilClosed()
    expect(events.at(-1)).toMatchObject({ code: 'server_full' })
  })

  test('a server that goes away ends every program, with a reason', async () => {
    const { port } = await open()
    const a = new LocalProgram(port)
    const b = new FirstProgram(port)
    await a.until('start')
    await b.self()
    await servers.splice(0)[0]?.close()
    expect(await a.until('ended')).toMatchObject({ code: 'closing' })
    await b.line.untilClosed()
  })
})
