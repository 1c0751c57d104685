import { type WebSocket, WebSocketServer } from 'ws'
import { answers, type Counted, usage } from './child.ts'

/** The least that a server of the same messages can do: ws, and nothing around it. */
export type BareKind = 'broadcast' | 'rounds' | 'beats'

/** How long an event waits for others to share its round, as in a session. */
const ROUND_GAP_MS = 2
const BEAT = new Uint8Array(24)
const PROPOSE = new Uint8Array(16)

let wss: WebSocketServer | undefined
/** By the path that they named: those of one path hear each other. */
const groups = new Map<string, Set<WebSocket>>()
const lateness: number[] = []
const counted = { messages: 0, events: 0 }

const sendAll = (group: ReadonlySet<WebSocket>, bytes: Uint8Array): void => {
  counted.messages += group.size
  for (const each of group) each.send(bytes)
}

/** Events wait for each other, are proposed, answered by everybody, and then sent to everybody. */
const rounds = (group: ReadonlySet<WebSocket>): ((bytes: Uint8Array) => void) => {
  let waiting: Uint8Array[] = []
  let number = 0
  let openedAt = 0
  let isTimed = false
  const open = new Map<number, { missing: number; readonly events: readonly Uint8Array[] }>()
  const propose = (): void => {
    isTimed = false
    open.set(++number, { missing: group.size, events: waiting })
    waiting = []
    openedAt = performance.now()
    const bytes = PROPOSE.slice()
    new DataView(bytes.buffer).setUint32(4, number)
    sendAll(group, bytes)
  }
  return (bytes) => {
    if (bytes.length > PROPOSE.length) {
      waiting.push(bytes)
      if (isTimed) return
      const wait = openedAt + ROUND_GAP_MS - performance.now()
      isTimed = true
      if (wait <= 0) propose()
      else setTimeout(propose, wait)
      return
    }
    const of = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
    const round = open.get(of)
    if (round === undefined || --round.missing > 0) return
    open.delete(of)
    sendAll(group, round.events.length === 1 ? (round.events[0] as Uint8Array) : Buffer.concat(round.events))
  }
}

answers({
  open: ({ kind, beat_ms }: { kind: BareKind; beat_ms: number }) =>
    new Promise<readonly string[]>((resolve) => {
      const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
      wss = server
      const takes = new Map<string, (bytes: Uint8Array) => void>()
      server.on('connection', (ws, request) => {
        const path = request.url ?? '/'
        const group = groups.get(path) ?? new Set()
        groups.set(path, group.add(ws))
        if (kind === 'rounds' && !takes.has(path)) takes.set(path, rounds(group))
        const take = takes.get(path)
        ws.on('message', (data) => {
          counted.messages++
          const bytes = data as Buffer
          if (bytes.length === BEAT.length) return
          if (bytes.length > BEAT.length) counted.events++
          if (take !== undefined) take(bytes)
          else if (kind === 'broadcast') sendAll(group, bytes)
        })
      })
      if (beat_ms > 0)
        setInterval(() => {
          for (const group of groups.values()) sendAll(group, BEAT)
        }, beat_ms)
      server.on('listening', () => {
        const at = server.address() as { port: number }
        resolve([`ws://127.0.0.1:${at.port}`])
      })
    }),
  /** Timers as a server sets them, one a tick, and how late each of them came. */
  pace: (fps: number) => {
    let due = performance.now()
    const next = (): void => {
      due += 1_000 / fps
      setTimeout(
        () => {
          lateness.push(Math.round((performance.now() - due) * 1_000))
          next()
        },
        Math.max(0, Math.ceil(due - performance.now())),
      )
    }
    next()
  },
  lateness: () => lateness,
  usage,
  counted: (): Counted => ({ used: usage(), ...counted }),
  connections: () => wss?.clients.size,
})
