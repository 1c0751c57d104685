import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { dial } from '../../src/transport/dial.ts'
import { turn } from '../until.ts'
import { aWhile, eventually, Heard, valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'

/** What a connection shows of a receiver that stands still, as a program does that is stopped. */
const PATHS = ['../ts.mjs', './reader.ts'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
const PATIENT = limitsOf({ silence_max: 120_000_000 })
const BLOCK_BYTES = 16_384
const MEBIBYTE = 1_048_576
/** Several times what the systems of two ends take for one connection: some 36 MiB at most on Linux. */
const SYSTEMS_MAX = 256 * MEBIBYTE

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const connected = async (scheme: string) => {
  const [loader = '', reader = ''] = PATHS
  const child = spawn(process.execPath, ['--import', loader, reader, scheme], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the reader has ended with ${code}`)))
  })
  const connection = valueIn(await dial(url, { limits: PATIENT }))
  const heard = Heard.of(connection)
  let sent = 0
  const send = (bytes: number) => {
    const block = new Uint8Array(bytes)
    new DataView(block.buffer).setUint32(0, sent++)
    connection.send(block)
  }
  /** How many arrived; -1 if not in order. */
  const counted = async (): Promise<number> => {
    const had = heard.messages.length
    connection.send(new Uint8Array(0))
    await heard.count(had + 1)
    const [a = 0, b = 0, c = 0, isInOrder] = heard.messages[had] as Uint8Array
    return isInOrder === 1 ? a | (b << 8) | (c << 16) : -1
  }
  send(BLOCK_BYTES)
  expect(await counted()).toBe(1)
  return { child, connection, heard, send, counted, sent: () => sent }
}

test.each(['tcp', 'ws', 'udp'])(
  '%s: what a stopped receiver does not take is seen, and arrives later',
  async (scheme) => {
    const { child, connection, send, counted, sent } = await connected(scheme)
    child.kill('SIGSTOP')
    // What the systems of both ends take is little by little, and has an end. The rest is seen, and stays.
    do {
      while (connection.buffered < MEBIBYTE) {
        expect(sent() * BLOCK_BYTES).toBeLessThan(SYSTEMS_MAX)
        send(BLOCK_BYTES)
        await turn()
      }
      await aWhile()
    } while (connection.buffered < MEBIBYTE / 2)
    child.kill('SIGCONT')
    expect(await counted()).toBe(sent())
    await eventually(() => connection.buffered === 0)
    connection.close()
  },
)

test.each(['tcp', 'ws', 'udp'])('%s: a stopped receiver can be cut off', async (scheme) => {
  const { child, connection, heard, send } = await connected(scheme)
  child.kill('SIGSTOP')
  while (connection.buffered < MEBIBYTE) {
    send(BLOCK_BYTES)
    await turn()
  }
  connection.destroy()
  expect(await heard.ending()).toBe('destroyed')
  expect(connection.buffered).toBe(0)
})
