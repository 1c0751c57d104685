import type { MeetingLimits } from '../../../src/core/meeting/limits.ts'
import { MEETING_LIMITS } from '../../../src/core/meeting/limits.ts'
import { decode, encode, type MeetingMessage } from '../../../src/core/meeting/messages.ts'
import { Room, type RoomHappening } from '../../../src/core/meeting/room.ts'
import type { LinkId, Micros } from '../../../src/core/timeline/tick.ts'

/** A room, and what each of its links was told. */
export class Stage {
  readonly room: Room
  now: Micros = 1_000
  readonly told = new Map<LinkId, MeetingMessage[]>()
  readonly happenings: RoomHappening[] = []
  /** Whether those who are there answer when they are asked. */
  isAnswering = true

  constructor(limits: Partial<MeetingLimits> = {}, seed = 1) {
    this.room = new Room(this.now, { seed, limits: { ...MEETING_LIMITS, ...limits } })
  }

  enter(
    link: LinkId,
    more: { id?: number; key?: number; fps?: number; app?: string; linked?: number[] } = {},
  ): this {
    const { id = link, key = id, fps = 50, app = 'a@1', linked = [] } = more
    return this.say(link, encode.enter({ room: 'r', fps, app, id, key, linked }))
  }

  say(link: LinkId, bytes: Uint8Array): this {
    this.room.receive(this.now, link, bytes)
    return this.drain()
  }

  close(link: LinkId): this {
    this.room.closed(this.now, link)
    return this.drain()
  }

  /** Time goes on, and all that was due in it happens at its moment. */
  pass(time: Micros): this {
    const end = this.now + time
    for (let at = this.room.nextWake(); at <= end; at = this.room.nextWake()) {
      this.now = Math.max(this.now, at)
      this.room.wake(this.now)
      this.drain()
    }
    this.now = end
    return this
  }

  /** What a link was told of one kind. */
  of<K extends MeetingMessage['kind']>(link: LinkId, kind: K): Extract<MeetingMessage, { kind: K }>[] {
    return (this.told.get(link) ?? []).filter((m) => m.kind === kind) as Extract<
      MeetingMessage,
      { kind: K }
    >[]
  }

  /** The last way that leads from one to the other. */
  way(from: LinkId, to: number): number {
    const way = this.of(from, 'introduced').findLast(({ id }) => id === to)?.way
    if (way === undefined) throw new Error(`${from} was not introduced to ${to}`)
    return way
  }

  /** Whom a link is introduced to at present, by what it was told. */
  near(link: LinkId): Set<number> {
    const ways = new Map<number, number>()
    for (const m of this.told.get(link) ?? []) {
      if (m.kind === 'introduced') ways.set(m.way, m.id)
      if (m.kind === 'shut') ways.delete(m.way)
    }
    return new Set(ways.values())
  }

  private drain(): this {
    const beats: LinkId[] = []
    for (const { to, bytes } of this.room.outgoing()) {
      const message = decode(bytes)
      if (typeof message === 'string') throw new Error(`the room has said what is ${message}`)
      if (message.kind === 'beat' && this.isAnswering) beats.push(to)
      const told = this.told.get(to) ?? []
      told.push(message)
      this.told.set(to, told)
    }
    this.happenings.push(...this.room.happenings())
    for (const link of beats) this.say(link, encode.beat())
    return this
  }
}
