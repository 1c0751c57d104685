import { app } from '../../src/app/app.ts'
import type { Drive, Frame } from '../../src/app/drive.ts'
import { event } from '../../src/app/event.ts'
import { RewindingLink, type RewindingSource } from '../../src/app/rewinding-link.ts'
import type { SourceListener } from '../../src/app/source.ts'
import { EventSet } from '../../src/core/peer/eventset.ts'
import { ANY_SLOT, joinPayload } from '../../src/core/session/membership.ts'
import { type Input, RESERVED, TICK } from '../../src/core/timeline/event.ts'
import { NEVER, tickAt } from '../../src/core/timeline/tick.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'

/** A drive of one's own: frames come when the test says so. */
export const byHand = () => {
  const hand = { frame: (() => 0) as Frame, stopped: 0, woken: 0, begun: 0 }
  const drive: Drive = (frame) => {
    hand.begun++
    hand.frame = frame
    return { stop: () => void hand.stopped++, wake: () => void hand.woken++ }
  }
  return { hand, drive }
}

/** Its state says at once what led to it: when and by whom it was steered, and what chance gave. */
export const walker = app({
  id: 'past-walker@1',
  fps: 50,
  events: { steer: event<number>(1), stop: event(2), boom: event(3) },
  input: { neutral: 0 },
  start: () => ({ x: 0, v: 0, ticks: 0, held: 0, chance: 0, log: [] as string[] }),
  on: {
    steer(s, e, t) {
      s.v = e.payload
      s.log.push(`${t.tick}: ${e.payload} of ${e.player.id}`)
      t.effect('steered', t.tick)
    },
    stop: (_, __, t) => t.end('over'),
    boom(s) {
      s.log.push('before')
      throw new Error('boom')
    },
  },
  tick(s, t) {
    s.ticks++
    s.x += s.v
    s.held = t.players.reduce((sum, player) => sum + t.input(player), 0)
    s.chance = t.random()
  },
})
export type Walker = ReturnType<typeof walker.start>

/** The same in typed arrays over one buffer, which are kept as bytes. */
export const walkerInMemory = app({
  id: 'past-bytes@1',
  fps: 50,
  events: { steer: event<number>(1) },
  start: () => {
    const buffer = new ArrayBuffer(32)
    return { x: new Float64Array(buffer, 0, 2), n: new Uint32Array(buffer, 16, 4) }
  },
  on: {
    steer(s, e, t) {
      s.x[1] = e.payload
      s.n[0] = Math.imul(31, (s.n[0] as number) + t.tick)
    },
  },
  tick(s, t) {
    s.x[0] = (s.x[0] as number) + (s.x[1] as number) + t.random()
    s.n[1] = (s.n[1] as number) + 1
  },
})

/** A source that is given events by hand, whenever the test likes, for ticks to come and ticks long run. */
export class LateSource implements RewindingSource {
  readonly fps = 50
  readonly me = 7
  readonly settling = 10
  micros = 0
  /** How long every look at the clock takes. */
  look = 0
  private readonly set = new EventSet()
  private local = -1
  private changed = NEVER
  private readonly numbers = new Map<number, number>()

  put(stamp: number, id: number, payload: Uint8Array, source = this.me): void {
    const number = (this.numbers.get(source) ?? 0) + 1
    this.numbers.set(source, number)
    this.set.add({ seq: 0, stamp, source, number, lead: 0, id, payload })
    if (stamp <= this.local) this.changed = Math.min(this.changed, stamp)
  }

  join(stamp: number, member = this.me): void {
    this.put(stamp, RESERVED.join, joinPayload({ member, slot: ANY_SLOT, data: EMPTY }), member)
  }

  takeChange(): number {
    const { changed } = this
    this.changed = NEVER
    return changed
  }

  rewind(tick: number): void {
    this.local = tick
    this.set.seek(tick + 1)
  }

  next(): Input {
    const tick = this.local + 1
    const found = this.set.next(tick)
    if (found) {
      const { id, source, number, payload } = found
      return { tick, id, source, number, seq: 0, payload }
    }
    this.local = tick
    return { tick, id: TICK, source: 0, number: 0, seq: 0, payload: EMPTY }
  }

  now = (): number => {
    this.micros += this.look
    return this.micros
  }
  take = () => undefined
  position = () => this.micros
  dueTick = () => tickAt(this.micros, this.fps)
  nextInput = () => NEVER
  emit = () => 1
  ask = () => undefined
  leave = () => undefined
  finish = () => undefined
  stats = () => ({})
  listen(_listener: SourceListener): void {}
}

export const lateLink = (of: typeof walker = walker) => {
  const source = new LateSource()
  source.join(0)
  return { source, link: new RewindingLink(of, source) }
}
