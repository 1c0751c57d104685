import { afterEach, describe, expect, test } from 'vitest'
import type { ProgramView } from '../../src/bridge/guest.ts'
import { BRIDGE_LIMITS } from '../../src/bridge/limits.ts'
import { MODE, STATUS, type Told } from '../../src/bridge/messages.ts'
import { RESERVED } from '../../src/core/timeline/event.ts'
import { dueAt } from '../../src/core/timeline/tick.ts'
import { dial } from '../../src/transport/dial.ts'
import { Gate } from './gate.ts'
import { FirstProgram, LocalProgram } from './program.ts'
import { closeAll, connect, open } from './stage.ts'

afterEach(closeAll)

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

  test('is not told of a freeze before it has been given all that may run', async () => {
    const gate = new Gate(dial)
    const { port } = await open({ dial: gate.dial })
    const slow = new LocalProgram(port, { window: 4 })
    await slow.until('input', ({ tick, evt }) => tick === 3 && evt === 0)
    let limit = 0
    let behind = 0
    const hear = async (): Promise<Told> => {
      const told = await slow.next()
      if (told === undefined) throw new Error('the socket was closed')
      // Before that a slow machine may have granted no more than it was given.
      if (limit >= 20) expect(told).not.toMatchObject({ status: STATUS.frozen })
      return told
    }
    const ask = async (): Promise<void> => {
      slow.say('query', {})
      let told = await hear()
      while (told.kind !== 'stats') told = await hear()
      limit = told.numbers.limit ?? limit
      behind = -(told.numbers.offReferenceMicros ?? 0)
    }
    while (limit < 20) await ask()
    gate.close()
    // It has stood still for much longer than the tick after which a freeze is told.
    while (behind < 10 * dueAt(1, 100)) await ask()
    const seen: number[] = []
    for (let ran = 3; ran < limit; ) {
      slow.say('ran', { tick: ran })
      const told = await hear()
      if (told.kind !== 'input') continue
      ran = told.tick
      seen.push(ran)
    }
    expect(seen).toEqual(Array.from({ length: limit - 3 }, (_, i) => 4 + i))
    expect(await slow.until('status')).toEqual({ kind: 'status', status: STATUS.frozen, tick: limit })
    slow.say('ran', { tick: limit })
    gate.open()
    expect(await slow.until('input')).toMatchObject({ tick: limit + 1 })
  })

  test('and does not read leaves no more behind than may wait for it', async () => {
    const { port, bridge } = await open()
    const slow = new LocalProgram(port)
    await slow.until('start')
    slow.line.socket.pause()
    const other = new LocalProgram(port)
    const payload = Buffer.alloc(60_000)
    // What the system's sockets hold comes first, and they may take more later: until it has stood still for long.
    let stands = -1
    for (let still = 0; still < 20; ) {
      other.say('emit', { evt: 1, payload })
      await other.until('landed')
      const { tick, unsentBytes } = bridge.programs[0] as ProgramView
      expect(unsentBytes).toBeLessThan(BRIDGE_LIMITS.unsent_bytes_max + 70_000)
      still = unsentBytes >= BRIDGE_LIMITS.unsent_bytes_max && tick === stands ? still + 1 : 0
      stands = tick
    }
    slow.line.socket.resume()
    await slow.until('input', ({ tick }) => tick > stands + 10)
  })
})

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

  test.each([65, -1, 1.5, Number.POSITIVE_INFINITY])(
    'no trial goes back %s ticks: a bridge is not made for it',
    async (trial) => {
      await expect(open({ trial })).rejects.toMatchObject({
        code: 'bad_request',
        hint: expect.stringContaining('at most 64'),
      })
    },
  )

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
