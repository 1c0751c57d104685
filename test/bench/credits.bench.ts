import { MEETING_LIMITS } from '../../src/core/meeting/limits.ts'
import { decode, encode } from '../../src/core/meeting/messages.ts'
import { Room } from '../../src/core/meeting/room.ts'
import { SECOND } from '../../src/core/timeline/tick.ts'
import type { Case } from './measure.ts'

/**
 * What it costs a meeting point to be told that something was taken, where each peer relays as much as it may and more
 * is taken than may be told: against a word that asks for nothing. A call is one credit, with the share of relaying
 * that belongs to it, and of looking when the room is to be woken.
 */
const { window_bytes, piece_bytes_max, piece_cost, words_rate } = MEETING_LIMITS
const WEIGHT = piece_bytes_max + piece_cost

/** One direction of a way. */
interface Line {
  readonly from: number
  readonly to: number
  readonly way: number
  window: number
  owed: number
}

/** A room in which everybody speaks in turns, as often as a peer may; each credit is of so many bytes, 0: no credits. */
const roomOf = (peers: number, bytes: number): (() => unknown) => {
  let now = 1_000
  const room = new Room(now, { seed: 1 })
  /** By way and sender, and all that lead to one. */
  const lines = new Map<string, Line>()
  const into = Array.from({ length: peers + 1 }, (): Line[] => [])
  const piece = new Uint8Array(piece_bytes_max)
  const fill = (line: Line): void => {
    for (; line.window >= WEIGHT; line.window -= WEIGHT) {
      room.receive(now, line.from, encode.relay(line.way, true, piece))
      line.owed += WEIGHT
    }
  }
  const hear = (): void => {
    for (const { to, bytes } of room.outgoing()) {
      // What is relayed is not looked into here, as it is not there.
      if (bytes.length > piece_bytes_max) continue
      const message = decode(bytes)
      if (typeof message === 'string' || message.kind === 'refused') throw new Error(`${to} is let go`)
      if (message.kind === 'beat') room.receive(now, to, encode.beat())
      if (message.kind === 'introduced') {
        const line = { from: to, to: message.id, way: message.way, window: window_bytes, owed: 0 }
        lines.set(`${line.way} ${to}`, line)
        into[line.to]?.push(line)
      }
      if (message.kind !== 'credit') continue
      const line = lines.get(`${message.way} ${to}`) as Line
      line.window += message.bytes
      fill(line)
    }
    room.happenings()
  }
  for (let id = 1; id <= peers; id++) {
    room.receive(now, id, encode.enter({ room: 'r', fps: 50, app: 'a', id, key: id, linked: [] }))
    hear()
  }
  const take = (line: Line, most: number): void => {
    const taken = Math.min(most, line.owed)
    if (taken === 0) return
    line.owed -= taken
    room.receive(now, line.to, encode.credit(line.way, taken))
  }
  // All that may be relayed at once is.
  if (bytes > 0)
    for (let n = 0; n < 20; n++)
      for (const line of lines.values()) {
        fill(line)
        hear()
        take(line, line.owed)
        hear()
      }
  let turn = 0
  const call = (): number => {
    now += SECOND / words_rate / peers
    const id = 1 + (turn % peers)
    const mine = into[id] as Line[]
    if (bytes === 0) room.receive(now, id, encode.beat())
    else take(mine[Math.floor(turn / peers) % mine.length] as Line, bytes)
    turn++
    hear()
    if (room.nextWake() <= now) room.wake(now)
    hear()
    return turn
  }
  // Fifty milliseconds of it: what waits has come to what it comes to.
  while (turn < 100 * peers) call()
  return call
}

const cases: readonly Case[] = [
  { name: 'no credit, 64 peers', run: roomOf(64, 0) },
  { name: 'a byte, 64 peers', run: roomOf(64, 1) },
  { name: 'a byte, 256 peers', run: roomOf(256, 1) },
  { name: '32 KiB, 256 peers', run: roomOf(256, 32_768) },
]

export default cases
