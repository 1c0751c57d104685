import { afterEach, describe, expect, test } from 'vitest'
import { runProgram } from '../../src/cli/program.ts'
import { createServer, type Server } from '../../src/server/server.ts'
import { FirstProgram } from '../bridge/program.ts'
import { say } from './stage.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** Starts the command and waits for what it says; `stop` ends it as Ctrl-C does. */
const start = (line: string) => {
  const stop = new AbortController()
  let out = ''
  let wake = (): void => {}
  const ended = runProgram(line.split(' '), {
    out: {
      write: (text: string) => {
        out += text
        wake()
      },
    },
    err: { write: () => true },
    env: {},
    signal: stop.signal,
    busy: () => undefined,
    start: () => ({ workers: [], peers: [], searchers: [], end: () => Promise.resolve() }),
    now: () => 0,
  })
  const until = async (words: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = words.exec(out)
      if (found !== null) return found
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { until, stop: () => stop.abort(), ended }
}

describe('sametick bridge', () => {
  test('says where it is, who comes and who goes, and ends with Ctrl-C', async () => {
    const server = await createServer({})
    servers.push(server)
    const bridge = start(`bridge --server ${server.addresses[0]}/lesson --port 0`)
    const [, port] = await bridge.until(/bridges port (\d+) to ws:.*\/lesson/)
    const program = new FirstProgram(Number(port), 50)
    expect(await program.self()).toBe(0)
    await bridge.until(/a program takes part as instance 1, at 50 FPS \(first protocol\)/)
    program.line.socket.end()
    await bridge.until(/instance 1 has gone \(left\)\. It left of its own will\./)
    bridge.stop()
    expect(await bridge.ended).toBe(0)
  })

  test('writes lines of JSON', async () => {
    const bridge = start('bridge --server ws://127.0.0.1:1 --port 0 --json')
    const [line] = await bridge.until(/^\{.*\}\n/)
    const { kind, ports } = JSON.parse(line) as { kind: string; ports: number[] }
    expect({ kind, count: ports.length }).toEqual({ kind: 'serving', count: 1 })
    const program = new FirstProgram(ports[0] as number)
    await program.line.untilClosed()
    await bridge.until(/"kind":"left".*"code":"refused"/)
    bridge.stop()
    expect(await bridge.ended).toBe(0)
  })

  test('ends with 1 where its port is taken', async () => {
    const server = await createServer({ tcp: 0 })
    servers.push(server)
    const port = /:(\d+)$/.exec(server.addresses[0] as string)?.[1]
    const { code, err } = await say(`bridge --port ${port}`)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Another program has that port') })
  })
})
