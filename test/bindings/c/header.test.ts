import { rm } from 'node:fs/promises'
import { createServer as listen, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Bridge, createBridge } from '../../../src/bridge/index.ts'
import { STATUS, tell } from '../../../src/bridge/messages.ts'
import { createServer, type Server } from '../../../src/server/server.ts'
import { dial } from '../../../src/transport/dial.ts'
import { Gate } from '../../bridge/gate.ts'
import { LocalProgram } from '../../bridge/program.ts'
import { C99, compile, compiler, HOW_TO_GET_ONE, onPath, STRICT, workFolder } from '../../doors/c/compile.ts'
import { until } from '../../until.ts'
import { Spoken } from './program.ts'

const SOURCE = fileURLToPath(new URL('./header.c', import.meta.url))
/** Ticks that a program which runs at 100 FPS may be behind: a quarter of a second. */
const WINDOW = 25
const SANITIZED = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

const servers: Server[] = []
const bridges: Bridge[] = []
const listeners: TcpServer[] = []
const programs: Spoken[] = []
afterEach(async () => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL')
  for (const bridge of bridges.splice(0)) await bridge.close()
  for (const server of servers.splice(0)) await server.close()
  for (const server of listeners.splice(0)) server.close()
})

let folder = ''
let program = ''
const speak = (...words: (string | number)[]): Spoken => {
  const spoken = new Spoken(program, words.map(String))
  programs.push(spoken)
  return spoken
}

const open = async (gate = new Gate(dial), instances = 0): Promise<number> => {
  const server = await createServer({ discipline: 'horizon' })
  servers.push(server)
  const bridge = await createBridge({
    server: `${server.addresses[0]}/c`,
    ports: [0],
    dial: gate.dial,
    instances,
  })
  bridges.push(bridge)
  return bridge.ports[0] as number
}

/** A bridge that is none: it sends these bytes, and then closes or stays silent. */
const pretend = async (bytes: Uint8Array, then: 'end' | 'reset' | 'stay'): Promise<number> => {
  const server = listen((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(bytes, () => {
        if (then === 'end') socket.end()
        if (then === 'reset') socket.resetAndDestroy()
      })
    })
  })
  listeners.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

const welcome = tell('welcome', { player: 3, fps: 40 })

if (compiler() === undefined) {
  test('sametick.h', (context) => {
    console.warn(`sametick.h was not tested. ${HOW_TO_GET_ONE}`)
    context.skip(HOW_TO_GET_ONE)
  })
} else {
  beforeAll(async () => {
    folder = await workFolder()
    program = await compile(SOURCE, join(folder, 'header'), [...C99, ...SANITIZED])
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  describe('sametick.h compiles without a word of complaint', () => {
    test.each([
      ['C99, with all that it uses converted by hand', [...C99, '-Wconversion', '-Wshadow', '-O2']],
      ['C11', ['-std=c11', '-fsyntax-only', ...STRICT]],
      ['C++11', ['-x', 'c++', '-std=c++11', '-fsyntax-only', ...STRICT]],
      ['C++20', ['-x', 'c++', '-std=c++20', '-fsyntax-only', ...STRICT]],
    ])('as %s', async (_, flags) => {
      await compile(SOURCE, join(folder, 'other'), flags)
    })

    // What a machine without that compiler cannot look at is looked at wherever there is one.
    const windows = onPath('x86_64-w64-mingw32-gcc')
    test(`for Windows${windows === undefined ? ' (not looked at: apt-get install gcc-mingw-w64-x86-64)' : ''}`, async () => {
      if (windows === undefined) return
      const was = process.env.CC
      process.env.CC = windows
      try {
        await compile(SOURCE, join(folder, 'header.exe'), C99, ['-lws2_32'])
      } finally {
        if (was === undefined) delete process.env.CC
        else process.env.CC = was
      }
    })
  })

  describe('in a session', () => {
    test('the paper’s four: ticks in their time, and an event that was emitted', async () => {
      const port = await open()
      const spoken = speak('connect', port, 40, 'wait', 'wait', 'emit', 5, 'event', 'wait', 'disconnect')
      expect(await spoken.line()).toBe('connect 1 ')
      expect(await spoken.line()).toBe('wait 0 now 0 evt 0 ')
      expect(await spoken.line()).toBe('wait 0 now 25 evt 0 ')
      expect(await spoken.line()).toBe('emit 0')
      const [, tick, now] =
        /^1 tick (\d+) now (\d+) evt 5 player 1 slot 0 frozen 0 data $/.exec(await spoken.line()) ?? []
      expect(Number(now)).toBe(25 * Number(tick))
      expect(await spoken.line()).toBe(`wait 0 now ${now} evt 0 `)
      expect(await spoken.rest()).toEqual({ lines: ['disconnect 0'], code: 0, trouble: '' })
    })

    test('members, payloads of every size, and the tick that closes them', async () => {
      const port = await open()
      const spoken = speak(
        'connect',
        port,
        100,
        'event',
        'event',
        'data',
        'hello',
        'large',
        'event',
        'event',
        'event',
      )
      expect(await spoken.line()).toBe('connect 1 ')
      expect(await spoken.line()).toBe('1 tick 0 now 0 evt -1 player 1 slot 0 frozen 0 data ')
      const other = new LocalProgram(port, { data: Buffer.from('ben') })
      expect(await spoken.line()).toMatch(/evt -1 player 2 slot 1 frozen 0 data ben$/)
      expect([await spoken.line(), await spoken.line()]).toEqual(['data 0', 'large 0'])
      expect(await spoken.line()).toMatch(/evt 7 player 1 slot 0 frozen 0 data hello$/)
      expect(await spoken.line()).toMatch(/evt 8 player 1 slot 0 frozen 0 data \(65536\)$/)
      other.say('leave', {})
      expect(await spoken.line()).toMatch(/evt -4 player 2 slot 0 frozen 0 data $/)
    })

    test('while it is frozen mid_wait stays pending, and mid_next has the last tick once more', async () => {
      const gate = new Gate(dial)
      const port = await open(gate)
      const spoken = speak('connect', port, 100, 'wait', 'line', 'frozen', 'wait', 'next', -1)
      await spoken.line()
      await spoken.line()
      // What it finds is this freeze, and none of before by a machine that stood still.
      gate.close()
      spoken.goOn()
      const [, tick] = /^0 tick (\d+) .* evt 0 .* frozen 1 data $/.exec(await spoken.line()) ?? []
      // Now it waits. Whoever looks for a while finds that nothing has come.
      const woken = spoken.line()
      expect(await Promise.race([woken, new Promise((resolve) => setTimeout(resolve, 100, 'pending'))])).toBe(
        'pending',
      )
      gate.open()
      expect(await woken).toBe(`wait 0 now ${10 * (Number(tick) + 1)} evt 0 `)
      expect(await spoken.line()).toMatch(new RegExp(`^1 tick ${Number(tick) + 2} .* frozen 0 data $`))
    })

    test('a program that was behind when the session froze finds out when it has caught up', async () => {
      const gate = new Gate(dial)
      gate.upTo(60)
      const port = await open(gate)
      const spoken = speak('connect', port, 100, 'wait', 'line', 'frozen', 'wait')
      await spoken.line()
      await spoken.line()
      const other = new LocalProgram(port)
      await other.until('status', ({ status, tick }) => status === STATUS.frozen && tick === 60)
      await until(() => bridges[0]?.programs[0]?.tick === WINDOW - 1)
      spoken.goOn()
      expect(await spoken.line()).toMatch(/^0 tick 60 now 600 evt 0 .* frozen 1 data $/)
      gate.open()
      expect(await spoken.line()).toBe('wait 0 now 610 evt 0 ')
    })

    test('one that does not ask for more stands still after its window', async () => {
      const port = await open()
      const spoken = speak('connect', port, 100, 'wait', 'line', ...Array<string>(80).fill('wait'))
      await spoken.line()
      await spoken.line()
      const other = new LocalProgram(port)
      await until(() => bridges[0]?.programs[0]?.tick === WINDOW - 1)
      await other.until('input', ({ tick }) => tick > 80)
      expect(bridges[0]?.programs[0]).toMatchObject({ player: 1, tick: WINDOW - 1 })
      spoken.goOn()
      for (let tick = 1; tick <= 80; tick++)
        expect(await spoken.line()).toBe(`wait 0 now ${10 * tick} evt 0 `)
    })

    test('one that is killed leaves the session at once', async () => {
      const port = await open()
      const watcher = new LocalProgram(port)
      await watcher.until('start')
      const spoken = speak('connect', port, 100, 'event', 'event')
      await watcher.until('input', ({ evt, player }) => evt === -1 && player === 2)
      spoken.child.kill('SIGKILL')
      expect(await watcher.until('input', ({ evt }) => evt === -4)).toMatchObject({ player: 2 })
    })

    test('floods are turned down, and what was taken arrives', async () => {
      const gate = new Gate(dial)
      const port = await open(gate)
      const spoken = speak('connect', port, 100, 'wait', 'line', 'flood', 'line', 'event')
      await spoken.line()
      await spoken.line()
      gate.close()
      spoken.goOn()
      expect(await spoken.line()).toMatch(/^flood -4 More was emitted/)
      gate.open()
      spoken.goOn()
      expect(await spoken.line()).toMatch(/evt 9 player 1 .* data \(65536\)$/)
    })
  })

  describe('what goes wrong is a code and a sentence, and no call waits for what cannot come', () => {
    test('no bridge; a call before the connection; numbers that cannot be', async () => {
      const spoken = speak(
        'wait',
        'emit',
        1,
        'connect',
        1,
        40,
        'next',
        0,
        'connect',
        1,
        0,
        'disconnect',
        'wait',
        'wrong',
      )
      expect((await spoken.rest()).lines).toEqual([
        'wait -5 now 0 evt -1 Call mid_connect first.',
        'emit -5',
        'connect -1 No bridge answers at that port: start one with npx sametick bridge.',
        '-1 No bridge answers at that port: start one with npx sametick bridge.',
        'connect -5 Ticks a second are a whole number from 1 to 1000.',
        'disconnect 0',
        'wait -5 now 0 evt -1 Call mid_connect first.',
        'wrong -5 -5 -5 -5',
      ])
    })

    test('a session that does not take it says why', async () => {
      const port = await open()
      const other = new LocalProgram(port)
      await other.until('start')
      const { lines } = await speak('connect', port, 50, 'wait', 'connect', port, 100).rest()
      expect(lines[0]).toMatch(
        /^connect -3 The session runs at another FPS: connect with the same number\. 100/,
      )
      expect(lines[1]).toMatch(/^wait -3 /)
      expect(lines[2]).toBe('connect 2 ')
    })

    test('a bridge that closes says so to who waits', async () => {
      const port = await open()
      const spoken = speak('connect', port, 100, 'event', 'event', 'wait', 'emit', 1, 'disconnect')
      await spoken.line()
      await spoken.line()
      await bridges.splice(0)[0]?.close()
      expect((await spoken.rest()).lines).toEqual([
        '-1 The server is shutting down.',
        'wait -1 now 0 evt -1 The server is shutting down.',
        'emit -1',
        'disconnect 0',
      ])
    })

    test.each(['end', 'reset'] as const)('a socket that is closed (%s) ends every call', async (then) => {
      const port = await pretend(welcome, then)
      const { lines, code } = await speak(
        'connect',
        port,
        40,
        'wait',
        'wait',
        'next',
        -1,
        'disconnect',
      ).rest()
      expect(lines.slice(-4)).toEqual([
        'wait -1 now 0 evt -1 The bridge closed the connection: look at what it printed.',
        'wait -1 now 0 evt -1 The bridge closed the connection: look at what it printed.',
        '-1 The bridge closed the connection: look at what it printed.',
        'disconnect 0',
      ])
      expect(code).toBe(0)
    })

    test.each([
      ['a length of nothing', Buffer.alloc(4)],
      ['a length beyond every message', Buffer.from('7fffffff', 'hex')],
      ['a welcome that is too short', Buffer.from('0000000241ff', 'hex')],
      ['an input that is cut short', Buffer.from('0000000344ffff', 'hex')],
      ['a payload longer than its message', cut(tell('input', inputOf('x')), 1)],
      ['a member without a seat', tell('input', { ...inputOf(''), evt: -1 })],
      ['a reason longer than its message', long(tell('denied', { number: 1, code: 'busy', words: '' }), 9)],
      ['an end longer than its message', long(tell('ended', { code: 'end', words: '' }), 5)],
      ['an end without words', Buffer.from('0000000149', 'hex')],
    ])('%s is damage', async (_, bytes) => {
      const port = await pretend(Buffer.concat([welcome, bytes]), 'stay')
      const { lines } = await speak('connect', port, 40, 'event').rest()
      expect(lines.at(-1)).toBe('-7 What came is no message of a bridge.')
    })

    test('what a later bridge may say is passed over', async () => {
      const unknown = Buffer.from('00000003630102', 'hex')
      const bytes = Buffer.concat([welcome, unknown, tell('input', { ...inputOf('x'), evt: 4 })])
      const port = await pretend(bytes, 'stay')
      const { lines } = await speak('connect', port, 40, 'event').rest()
      expect(lines.at(-1)).toBe('1 tick 8 now 200 evt 4 player 2 slot 0 frozen 0 data x')
    })
  })
}

function inputOf(text: string) {
  return { tick: 8, now: 200, evt: 0, player: 2, number: 1, seq: 1, payload: Buffer.from(text) }
}

/** The same message, shorter by so many bytes than its payload says. */
function cut(message: Buffer, bytes: number): Buffer {
  const shorter = Buffer.from(message.subarray(0, message.length - bytes))
  shorter.writeUInt32BE(shorter.length - 4, 0)
  return shorter
}

/** The same message with a length in it that leads far beyond its end. */
function long(message: Buffer, at: number): Buffer {
  const longer = Buffer.from(message)
  longer.writeUInt32BE(60_000, at)
  return longer
}
