import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Frames } from '../../src/bridge/frames.ts'
import type { ValuesOf } from '../../src/bridge/layout.ts'
import { greeting, MODE, readTold, type SAID, type Said, say, type Told } from '../../src/bridge/messages.ts'

type Hello = Extract<Said, { kind: 'hello' }>

const HELLO: Omit<Hello, 'kind'> = {
  mode: MODE.inputs,
  fps: 100,
  window: 0,
  instances: 0,
  app: '',
  session: '',
  data: new Uint8Array(0),
}

/** Bytes that come over a socket, for whoever waits for them. */
class Bytes {
  readonly socket: Socket
  bytes = Buffer.alloc(0)
  closed = false
  private wake = (): void => {}

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (chunk) => {
      this.bytes = Buffer.concat([this.bytes, chunk])
      this.wake()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
      this.wake()
    })
  }

  /** Whenever something has come or the socket is closed. */
  async news(): Promise<void> {
    if (!this.closed)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await this.news()
  }
}

/** A program of the first protocol. */
export class FirstProgram {
  readonly line: Bytes

  constructor(port: number, fps = 100) {
    this.line = new Bytes(port)
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(fps)
    this.line.socket.write(bytes)
  }

  async take(n: number): Promise<Buffer> {
    const { line } = this
    while (line.bytes.length < n) {
      if (line.closed) throw new Error('the socket is closed')
      await line.news()
    }
    const taken = line.bytes.subarray(0, n)
    line.bytes = line.bytes.subarray(n)
    return taken
  }

  async self(): Promise<number> {
    return (await this.take(4)).readInt32BE()
  }

  async input(): Promise<{ now: number; evt: number; payload: [number, number, number] }> {
    const bytes = await this.take(24)
    const at = (i: number): number => bytes.readInt32BE(12 + 4 * i)
    return { now: Number(bytes.readBigInt64BE()), evt: bytes.readInt32BE(8), payload: [at(0), at(1), at(2)] }
  }

  emit(evt: number, ...payload: number[]): void {
    const bytes = Buffer.alloc(16)
    for (const [i, n] of [evt, ...payload].entries()) bytes.writeInt32BE(n, 4 * i)
    this.line.socket.write(bytes)
  }
}

/** A program of the local protocol. */
export class LocalProgram {
  readonly line: Bytes
  private readonly frames = new Frames(1 << 24)

  constructor(port: number, hello: Partial<Hello> = {}) {
    this.line = new Bytes(port)
    this.line.socket.write(greeting({ ...HELLO, ...hello }))
  }

  say<K extends Said['kind']>(kind: K, values: ValuesOf<(typeof SAID)[K]['fields']>): void {
    this.line.socket.write(say(kind, values))
  }

  /** The next message; undefined when the socket is closed. */
  async next(): Promise<Told | undefined> {
    for (;;) {
      this.frames.push(this.line.bytes)
      this.line.bytes = Buffer.alloc(0)
      const frame = this.frames.next()
      if (frame === 'malformed') throw new Error('the bridge sent no message')
      if (frame !== undefined) {
        const told = readTold(frame)
        if (told === undefined) throw new Error(`the bridge sent ${frame.toString('hex')}`)
        return told
      }
      if (this.line.closed) return undefined
      await this.line.news()
    }
  }

  /** The next message of this kind for which something holds; the others are passed over. */
  async until<K extends Told['kind']>(
    kind: K,
    holds: (told: Extract<Told, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<Told, { kind: K }>> {
    for (;;) {
      const told = await this.next()
      if (told === undefined) throw new Error(`the socket was closed before ${kind}`)
      if (told.kind === kind && holds(told as Extract<Told, { kind: K }>))
        return told as Extract<Told, { kind: K }>
    }
  }
}

/** Sends bytes, and reads what the bridge answers until it closes the socket. */
export const answerTo = async (port: number, bytes: Uint8Array): Promise<Told[]> => {
  const line = new Bytes(port)
  await once(line.socket, 'connect')
  line.socket.write(bytes)
  await line.untilClosed()
  const frames = new Frames(1 << 20)
  frames.push(line.bytes)
  const told: Told[] = []
  for (let frame = frames.next(); frame !== undefined; frame = frames.next())
    if (frame !== 'malformed') told.push(readTold(frame) as Told)
  return told
}
