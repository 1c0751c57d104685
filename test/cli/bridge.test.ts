import { afterEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../src/server/server.ts'
import { FirstProgram } from '../bridge/program.ts'
import { begin, say } from './stage.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

describe('sametick bridge', () => {
  test('says where it is, who comes and who goes, and ends with Ctrl-C', async () => {
    const server = await createServer({})
    servers.push(server)
    const bridge = begin(`bridge --server ${server.addresses[0]}/lesson --port 0`)
    const port = await bridge.until((heard) => /bridges port (\d+) to ws:.*\/lesson/.exec(heard)?.[1])
    const program = new FirstProgram(Number(port), 50)
    expect(await program.self()).toBe(0)
    await bridge.until((heard) => heard.includes('takes part as instance 1, at 50 FPS (first protocol)'))
    program.line.socket.end()
    await bridge.until((heard) => heard.includes('instance 1 has gone (left). It left of its own will.'))
    bridge.stop()
    expect((await bridge.ended).code).toBe(0)
  })

  test('writes lines of JSON', async () => {
    const bridge = begin('bridge --server ws://127.0.0.1:1 --port 0 --json')
    const line = await bridge.until((heard) => /^\{.*\}\n/.exec(heard)?.[0])
    const { kind, ports } = JSON.parse(line) as { kind: string; ports: number[] }
    expect({ kind, count: ports.length }).toEqual({ kind: 'serving', count: 1 })
    const program = new FirstProgram(ports[0] as number)
    await program.line.untilClosed()
    await bridge.until((heard) => /"kind":"left".*"code":"refused"/.test(heard))
    bridge.stop()
    expect((await bridge.ended).code).toBe(0)
  })

  test('ends with 1 where its port is taken', async () => {
    const server = await createServer({ tcp: 0 })
    servers.push(server)
    const port = /:(\d+)$/.exec(server.addresses[0] as string)?.[1]
    const { code, err } = await say(`bridge --port ${port}`)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Another program has that port') })
  })
})
