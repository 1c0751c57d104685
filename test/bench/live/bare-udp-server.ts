import { createSocket } from 'node:dgram'
import { answers, type Counted, usage } from './child.ts'

/** The least that a server of the same datagrams can do: a socket, and nothing around it. */
const ROUND_GAP_MS = 2
/** How long an acknowledgement waits for something to travel with. */
const ACK_MS = 40
const BEAT = new Uint8Array(24)
const PROPOSE = new Uint8Array(16)
const ACK = new Uint8Array(20)

interface Client {
  readonly port: number
  readonly address: string
  ackTimer: ReturnType<typeof setTimeout> | undefined
}

const clients = new Map<string, Client>()
const counted = { messages: 0, events: 0 }
const socket = createSocket('udp4')

const send = (to: Client, bytes: Uint8Array): void => {
  clearTimeout(to.ackTimer)
  to.ackTimer = undefined
  if (bytes !== ACK) counted.messages++
  socket.send(bytes, to.port, to.address)
}
const sendAll = (bytes: Uint8Array): void => {
  for (const client of clients.values()) send(client, bytes)
}

let waiting: Uint8Array[] = []
let number = 0
let openedAt = 0
let isTimed = false
const open = new Map<number, { missing: number; readonly events: readonly Uint8Array[] }>()

const propose = (): void => {
  isTimed = false
  open.set(++number, { missing: clients.size, events: waiting })
  waiting = []
  openedAt = performance.now()
  const bytes = PROPOSE.slice()
  new DataView(bytes.buffer).setUint32(4, number)
  sendAll(bytes)
}

const takeRounds = (bytes: Uint8Array): void => {
  if (bytes.length > BEAT.length) {
    waiting.push(bytes)
    if (isTimed) return
    const wait = openedAt + ROUND_GAP_MS - performance.now()
    isTimed = true
    if (wait <= 0) propose()
    else setTimeout(propose, wait)
    return
  }
  if (bytes.length !== PROPOSE.length) return
  const of = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
  const round = open.get(of)
  if (round === undefined || --round.missing > 0) return
  open.delete(of)
  sendAll(round.events.length === 1 ? (round.events[0] as Uint8Array) : Buffer.concat(round.events))
}

answers({
  open: ({ kind, beat_ms }: { kind: 'broadcast' | 'rounds'; beat_ms: number }) =>
    new Promise<readonly string[]>((resolve) => {
      socket.on('message', (bytes, from) => {
        const key = `${from.address}:${from.port}`
        let client = clients.get(key)
        if (client === undefined) {
          client = { port: from.port, address: from.address, ackTimer: undefined }
          clients.set(key, client)
        }
        if (bytes.length === ACK.length) return
        counted.messages++
        if (bytes.length > BEAT.length) counted.events++
        const owing = client
        if (kind === 'broadcast' && bytes.length > BEAT.length) sendAll(bytes)
        else if (kind === 'rounds') takeRounds(bytes)
        owing.ackTimer ??= setTimeout(() => send(owing, ACK), ACK_MS)
      })
      if (beat_ms > 0) setInterval(() => sendAll(BEAT), beat_ms)
      socket.bind(0, '127.0.0.1', () => {
        socket.setRecvBufferSize(1_048_576)
        resolve([`udp://127.0.0.1:${socket.address().port}`])
      })
    }),
  usage,
  counted: (): Counted => ({ used: usage(), ...counted }),
})
