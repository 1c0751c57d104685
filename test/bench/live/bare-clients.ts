import { createSocket } from 'node:dgram'
import { WebSocket } from 'ws'
import { answers } from './child.ts'
import { Emitting } from './emits.ts'
import type { Emission } from './instances.ts'

/** Clients of a bare server: they send, and answer what is proposed. */
export interface BareJoining {
  readonly url: string
  readonly count: number
  /** How often each says that it is there; 0 for never. */
  readonly pulse_ms: number
  /** Whether a short message is answered by one as short. */
  readonly answers: boolean
  /** Over datagrams: how long an acknowledgement waits for something to travel with. */
  readonly ack_ms: number
}

const PULSE = new Uint8Array(24)
const SHORT = 24
const senders: ((bytes: Uint8Array) => void)[] = []
const emitting: Emitting[] = []

const joinWebSocket = (url: string, isAnswering: boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { perMessageDeflate: false })
    ws.on('message', (data) => {
      const bytes = data as Buffer
      if (isAnswering && bytes.length < SHORT) ws.send(bytes)
    })
    ws.on('open', () => {
      senders.push((bytes) => ws.send(bytes))
      resolve()
    })
    ws.on('error', reject)
  })

const ACK = new Uint8Array(20)

/** Each datagram that comes is acknowledged: with what is sent anyway, or alone after a while. */
const joinUdp = (url: string, isAnswering: boolean, ack_ms: number): Promise<void> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url.replace(/^udp/, 'http'))
    const socket = createSocket('udp4')
    let timer: ReturnType<typeof setTimeout> | undefined
    const send = (bytes: Uint8Array): void => {
      clearTimeout(timer)
      timer = undefined
      socket.send(bytes)
    }
    socket.on('message', (bytes) => {
      if (bytes.length === ACK.length) return
      if (isAnswering && bytes.length < SHORT) return send(bytes)
      timer ??= setTimeout(() => send(ACK), ack_ms)
    })
    socket.connect(Number(port), hostname, () => {
      senders.push(send)
      send(PULSE)
      resolve()
    })
  })

answers({
  join: async ({ url, count, pulse_ms, answers: isAnswering, ack_ms }: BareJoining) => {
    const isUdp = url.startsWith('udp')
    for (let i = 0; i < count; i++)
      await (isUdp ? joinUdp(url, isAnswering, ack_ms) : joinWebSocket(url, isAnswering))
    if (pulse_ms === 0) return
    // From a phase of its own each, as clients do.
    senders.slice(-count).forEach((send, i) => {
      setTimeout(() => setInterval(() => send(PULSE), pulse_ms), (i * pulse_ms) / count)
    })
  },
  emit: ({ gap_ms, payload_bytes, seed }: Emission) => {
    const payload = new Uint8Array(payload_bytes).fill(7)
    senders.forEach((send, i) => {
      emitting.push(new Emitting(seed, i, gap_ms, () => send(payload)))
    })
    for (const each of emitting) each.start()
  },
  stop: () => {
    for (const each of emitting.splice(0)) each.stop()
  },
})
