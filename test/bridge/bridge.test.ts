import { afterEach, describe, expect, test } from 'vitest'
import { type Bridge, type BridgeEvent, type BridgeSettings, createBridge } from '../../src/bridge/index.ts'
import { BRIDGE_LIMITS } from '../../src/bridge/limits.ts'
import { MAGIC, MODE, say, VERSION } from '../../src/bridge/messages.ts'
import { connectBy } from '../../src/client/connect.ts'
import { RESERVED } from '../../src/core/timeline/event.ts'
import { createServer, type Server, type ServerSettings } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'
import { Gate } from './gate.ts'
import { answerTo, FirstProgram, LocalProgram } from './program.ts'

const connect = connectBy(dial)
const servers: Server[] = []
const bridges: Bridge[] = []
afterEach(async () => {
  for (const bridge of bridges.splice(0)) await bridge.close()
  for (const server of servers.splice(0)) await server.close()
})

interface Place {
  readonly url: string
  readonly port: number
  readonly bridge: Bridge
  readonly events: BridgeEvent[]
}

const open = async (
  settings: Partial<BridgeSettings> = {},
  server: ServerSettings = { discipline: 'horizon' },
): Promise<Place> => {
  const served = await createServer(server)
  servers.push(served)
  const url = `${served.addresses[0]}/lesson`
  const events: BridgeEvent[] = []
  const bridge = await createBridge({
    server: url,
    ports: [0],
    onEvent: (event) => events.push(event),
    ...settings,
  })
  bridges.push(bridge)
  return { url, bridge, port: bridge.ports[0] as number, events }
}

describe('the first protocol', () => {
  test('byte for byte: the FPS, the own number at the start, inputs of 24 bytes, events of 16', async () => {
    const { port } = await open()
    const a = new FirstProgram(port, 40)
    expect((await a.take(4)).toString('hex')).toBe('00000000')
    const first = '0'.repeat(48)
    let next = (await a.take(24)).toString('hex')
    expect(next).toBe(first)
    // On a machine that stands still the last tick comes once more, as is said of freezes.
    while (next === first) next = (await a.take(24)).toString('hex')
    expect(next).toBe(`0000000000000019${'0'.repeat(32)}`)
    a.line.socket.write(Buffer.from('00000005fffffff90000000000000003', 'hex'))
    let input = await a.input()
    while (input.evt === 0) input = await a.input()
    expect(input).toMatchObject({ evt: 5, payload: [-7, 0, 3] })
    // The event and the tick that closes it have one time.
    expect(await a.input()).toEqual({ now: input.now, evt: 0, payload: [0, 0, 0] })
  })

  test('programs count themselves from 0, and membership is hidden from them', async () => {
    const { port, url } = await open({ instances: 2 })
    const a = new FirstProgram(port)
    const b = new FirstProgram(port)
    expect([await a.self(), await b.self()].sort()).toEqual([0, 1])
    const link = await connect(url, { id: 'mid@1', fps: 100 })
    link.leave()
    b.line.socket.end()
    a.emit(9)
    const seen: number[] = []
    for (let input = await a.input(); input.evt !== 9; input = await a.input()) seen.push(input.evt)
    expect(new Set(seen)).toEqual(new Set([0]))
  })

  test('its three numbers are a list everywhere else, and the other way round', async () => {
    const { port, url } = await open()
    const a = new FirstProgram(port)
    const link = await connect(url, { id: 'mid@1', fps: 100 })
    await a.self()
    const payloads: unknown[] = [undefined, 7, [1, -2], [1, 2, 2 ** 31], 'text', [1, 2, 3, 4], { a: 1 }]
    for (const payload of payloads) link.emit(2, payload)
    const triples: string[] = []
    while (triples.length < payloads.length) {
      const { evt, payload } = await a.input()
      if (evt === 2) triples.push(payload.join())
    }
    expect(triples).toEqual(['0,0,0', '7,0,0', '1,-2,0', '0,0,0', '0,0,0', '0,0,0', '0,0,0'])
    a.emit(3, 1, -2, 0x7fff_ffff)
    a.emit(3, 0, 0, 0)
    const seen: unknown[] = []
    for await (const input of link) {
      if (input.id === 3) seen.push(input.payload)
      if (seen.length === 2) break
    }
    expect(seen).toEqual([[1, -2, 0x7fff_ffff], undefined])
    link.leave()
  })

  test('a freeze repeats the last tick input at the rate of ticks, and never an event', async () => {
    const gate = new Gate(dial)
    const { port } = await open({ dial: gate.dial })
    const a = new FirstProgram(port)
    await a.self()
    a.emit(5, 1, 2, 3)
    let input = await a.input()
    while (input.evt !== 5) input = await a.input()
    let last = await a.input()
    gate.close()
    let repeats = 0
    const from = performance.now()
    for (let next = await a.input(); repeats < 12; next = await a.input()) {
      expect({ ...next, now: 0 }).toEqual({ now: 0, evt: 0, payload: [0, 0, 0] })
      if (next.now === last.now) repeats++
      last = next
    }
    // Not faster than ticks: 11 ticks of 10 ms lie between the 12.
    expect(performance.now() - from).toBeGreaterThan(105)
    gate.open()
    let now = last.now
    for (let next = await a.input(); now < last.now + 50; next = await a.input()) {
      expect([now, now + 10]).toContain(next.now)
      now = next.now
    }
  })

  test('what it emits beyond what may wait is kept back, in order, and nothing is lost', async () => {
    const gate = new Gate(dial)
    const { port } = await open({ dial: gate.dial })
    const a = new FirstProgram(port)
    await a.self()
    gate.close()
    const count = 700
    for (let i = 1; i <= count; i++) a.emit(1, i)
    gate.open()
    const seen: number[] = []
    while (seen.length < count) {
      const { evt, payload } = await a.input()
      if (evt === 1) seen.push(payload[0])
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => i + 1))
  })

  test.each([
    ['an event 0', Buffer.alloc(16)],
    ['an event below 0', Buffer.alloc(16, 0xff)],
  ])('%s closes its socket, and the bridge says why', async (_, bytes) => {
    const { port, events } = await open()
    const a = new FirstProgram(port)
    await a.self()
    a.line.socket.write(bytes)
    await a.line.untilClosed()
    expect(events.at(-1)).toMatchObject({ kind: 'left', player: 1, code: 'malformed' })
  })
})

describe('the local protocol', () => {
  test('tells of members, of events of every size, and of where the own ones landed', async () => {
    const { port } = await open()
    const a = new LocalProgram(port, { data: Buffer.from('ann') })
    expect(await a.next()).toEqual({ kind: 'welcome', player: 1, fps: 100 })
    await a.until('start')
    expect(await a.until('input')).toMatchObject({ tick: 0, now: 0, evt: RESERVED.join, player: 1 })
    const b = new LocalProgram(port, { data: Buffer.from('ben') })
    const join = await a.until('input', ({ evt }) => evt !== 0)
    expect(join).toMatchObject({ evt: RESERVED.join, player: 2, payload: Buffer.from('\0\0\0\x01ben') })
    const sizes = [0, 1, 1000, 65_536]
    for (const size of sizes) b.say('emit', { evt: 7, payload: Buffer.alloc(size, size) })
    for (const [i, size] of sizes.entries()) {
      const input = await a.until('input', ({ evt }) => evt !== 0)
      expect(input).toMatchObject({ evt: 7, player: 2, number: i + 1 })
      expect(Buffer.alloc(size, size).equals(input.payload)).toBe(true)
      expect(await b.until('landed')).toEqual({ kind: 'landed', number: i + 1, tick: input.tick })
    }
    b.say('leave', {})
    expect(await b.until('ended')).toMatchObject({ code: 'left' })
    expect(await a.until('input', ({ evt }) => evt < 0)).toMatchObject({ evt: RESERVED.leave, player: 2 })
  })

  test('closes every tick with evt 0, in order, with the time of the tick', async () => {
    const { port } = await open()
    const a = new LocalProgram(port, { fps: 30 })
    for (let tick = 0; tick < 20; tick++)
      expect(await a.until('input', ({ evt }) => evt === 0)).toMatchObject({
        tick,
        now: Math.floor((tick * 1000) / 30),
        payload: Buffer.alloc(0),
      })
  })

  test('has a lobby, pauses, figures, and an end that everybody asks for', async () => {
    const { port } = await open()
    const a = new LocalProgram(port, { session: 'other', app: 'game@2', instances: 2 })
    expect(await a.until('lobby')).toEqual({ kind: 'lobby', have: 1, need: 2 })
    const b = new LocalProgram(port, { session: 'other', app: 'game@2' })
    await a.until('start')
    a.say('ask', { evt: RESERVED.pause, data: Buffer.from('tea') })
    expect(await b.until('input', ({ evt }) => evt === RESERVED.pause)).toMatchObject({
      player: 1,
      payload: Buffer.from('tea'),
    })
    b.say('query', {})
    expect((await b.until('stats')).numbers).toMatchObject({ frozenTicks: expect.any(Number) })
    b.say('ask', { evt: RESERVED.end, data: Buffer.alloc(0) })
    const end = await a.until('input', ({ evt }) => evt === RESERVED.end)
    expect(await a.until('input')).toMatchObject({ evt: 0, tick: end.tick })
    expect(await a.next()).toMatchObject({ kind: 'ended', code: 'end' })
    expect(await a.next()).toBeUndefined()
  })

  test('figures may be asked for at any time: those that are not known yet are left out', async () => {
    const { port } = await open()
    const a = new LocalProgram(port)
    const seen: Readonly<Record<string, number>>[] = []
    for (;;) {
      a.say('query', {})
      const { numbers } = await a.until('stats')
      seen.push(numbers)
      if ('errorMicros' in numbers) break
    }
    expect(seen.flatMap((numbers) => Object.values(numbers)).every(Number.isSafeInteger)).toBe(true)
    expect(seen[0]).not.toHaveProperty('errorMicros')
  })

  test('says that it is frozen and that it goes on, and repeats nothing', async () => {
    const gate = new Gate(dial)
    const { port } = await open({ dial: gate.dial })
    const a = new LocalProgram(port)
    await a.until('input', ({ tick }) => tick === 5)
    gate.close()
    const frozen = await a.until('status', ({ status }) => status === 1)
    gate.open()
    expect(await a.next()).toMatchObject({ kind: 'status' })
    expect(await a.until('input')).toMatchObject({ tick: frozen.tick + 1 })
  })

  test('refusals of the session come in words', async () => {
    const { port, url } = await open()
    const a = new LocalProgram(port)
    await a.until('start')
    const b = new LocalProgram(port, { fps: 50 })
    const ended = await b.until('ended')
    expect(ended).toMatchObject({ code: 'fps_differs' })
    expect(ended.words).toContain('100')
    expect(await b.next()).toBeUndefined()
    expect(await new LocalProgram(port, { app: 'game@1' }).until('ended')).toMatchObject({
      code: 'app_differs',
    })
    const nowhere = await open({ server: url.replace(/:\d+/, ':1') })
    expect(await new LocalProgram(nowhere.port).until('ended')).toMatchObject({ code: 'refused' })
    const first = new FirstProgram(nowhere.port)
    await first.line.untilClosed()
    expect(nowhere.events.at(-1)).toMatchObject({ kind: 'left', player: undefined, code: 'refused' })
  })
})

describe('a program that is slow', () => {
  test('is given as many ticks as its window, and its instance stands still there', async () => {
    const { port, bridge } = await open()
    const slow = new LocalProgram(port, { window: 4 })
    const other = new LocalProgram(port)
    await slow.until('input', ({ tick, evt }) => tick === 3 && evt === 0)
    await other.until('input', ({ tick }) => tick > 60)
    expect(bridge.programs[0]).toMatchObject({ player: 1, tick: 3, unsentBytes: 0 })
    slow.say('ran', { tick: 3 })
    await slow.until('input', ({ tick, evt }) => tick === 7 && evt === 0)
    expect(bridge.programs[0]).toMatchObject({ tick: 7 })
  })

  test('and does not read leaves no more behind than may wait for it', async () => {
    const { port, bridge } = await open()
    const slow = new LocalProgram(port)
    await slow.until('start')
    slow.line.socket.pause()
    const other = new LocalProgram(port)
    const payload = Buffer.alloc(60_000)
    const unsent = (): number => bridge.programs[0]?.unsentBytes ?? 0
    // What the system's sockets hold comes first.
    while (unsent() < BRIDGE_LIMITS.unsent_bytes_max) {
      other.say('emit', { evt: 1, payload })
      await other.until('landed')
    }
    const stands = bridge.programs[0]?.tick
    for (let i = 0; i < 20; i++) {
      other.say('emit', { evt: 1, payload })
      await other.until('landed')
    }
    expect(unsent()).toBeLessThan(BRIDGE_LIMITS.unsent_bytes_max + 70_000)
    expect(bridge.programs[0]?.tick).toBe(stands)
    slow.line.socket.resume()
    await slow.until('input', ({ tick }) => tick > (stands as number) + 10)
  })
})

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

describe('requests', () => {
  /** The least program that can be rolled back: it adds up ticks and events. */
  const play = async (program: LocalProgram, steps: number, hidden: () => number): Promise<string[]> => {
    let state = Buffer.alloc(8)
    const asked: string[] = []
    for (let told = await program.next(); told !== undefined; told = await program.next()) {
      if (told.kind === 'ended') return [...asked, `${told.code}: ${told.words}`]
      if (told.kind === 'step') {
        asked.push(`step ${told.tick}`)
        state = Buffer.from(state)
        state.writeInt32BE(state.readInt32BE(0) + 1, 0)
        for (const { evt } of told.inputs) state.writeInt32BE(state.readInt32BE(4) + evt + hidden(), 4)
        if (told.tick === steps) return asked
      } else if (told.kind === 'save') {
        asked.push(`save ${told.tick}`)
        program.say('saved', { tick: told.tick, digest: Buffer.alloc(0), state })
      } else if (told.kind === 'load') {
        asked.push(`load ${told.tick}`)
        state = Buffer.from(told.state)
      }
    }
    return asked
  }

  test('a tick is one step with all its events', async () => {
    const { port } = await open()
    const a = new LocalProgram(port, { mode: MODE.requests })
    expect(await a.until('step')).toMatchObject({ tick: 0, inputs: [{ evt: RESERVED.join, player: 1 }] })
    a.say('emit', { evt: 4, payload: Buffer.from('x') })
    const step = await a.until('step', ({ inputs }) => inputs.length > 0)
    expect(step.inputs).toEqual([{ evt: 4, player: 1, number: 1, seq: 2, payload: Buffer.from('x') }])
  })

  test('in a trial it goes back and comes to the same states', async () => {
    const { port } = await open({ trial: 2 })
    const a = new LocalProgram(port, { mode: MODE.requests })
    expect(await play(a, 4, () => 0)).toEqual([
      ...['save -1', 'step 0', 'save 0', 'step 1', 'save 1'],
      ...['load -1', 'step 0', 'save 0', 'step 1', 'save 1'],
      ...['step 2', 'save 2', 'step 3', 'save 3'],
      ...['load 1', 'step 2', 'save 2', 'step 3', 'save 3'],
      'step 4',
    ])
  })

  test('and one whose steps depend on more than the state is told at which tick', async () => {
    const { port } = await open({ trial: 2 })
    const a = new LocalProgram(port, { mode: MODE.requests })
    let calls = 0
    const asked = await play(a, 100, () => calls++)
    expect(asked.at(-1)).toMatch(/^step_differs: .*Tick 0 came to another state when it was run again/)
  })
})

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
