import { randomInt } from 'node:crypto'
import { decode, encode } from '../core/meeting/messages.ts'
import type { MeetingCode } from '../core/meeting/refusals.ts'
import { Room, type RoomHappening } from '../core/meeting/room.ts'
import type { LinkId, Micros } from '../core/timeline/tick.ts'
import { Alarms, type Sleeper } from '../driver/alarms.ts'
import { Outlet } from '../driver/outlet.ts'
import type { Connection } from '../transport/transport.ts'
import { Door, type Guest } from './door.ts'
import { OUTLET, optionsOf, ROOMS_MAX, type ServerOptions, type SessionOptions } from './options.ts'

/** What a meeting point tells whoever runs the server. */
export type RoomEvent =
  | { readonly kind: 'room'; readonly room: string; readonly happening: RoomHappening }
  | { readonly kind: 'kept_out'; readonly remote: string; readonly code: MeetingCode }

/** One room on real connections: it carries, and decides nothing. */
class HostedRoom implements Sleeper {
  readonly name: string
  readonly room: Room
  private readonly alarms: Alarms
  private readonly outlets = new Map<LinkId, Outlet>()
  private readonly tell: (room: HostedRoom, happening: RoomHappening) => void
  private lastLink: LinkId = 0

  constructor(
    name: string,
    room: Room,
    alarms: Alarms,
    tell: (room: HostedRoom, happening: RoomHappening) => void,
  ) {
    this.name = name
    this.room = room
    this.alarms = alarms
    this.tell = tell
  }

  take(connection: Connection, entering: Uint8Array): Guest {
    const link = ++this.lastLink
    this.outlets.set(link, new Outlet(connection, this.alarms, OUTLET))
    this.receive(link, entering)
    return { message: (bytes) => this.receive(link, bytes), closed: () => this.lost(link) }
  }

  wake(moment: Micros): void {
    this.room.wake(moment)
    this.drain()
  }

  end(code: MeetingCode): void {
    this.room.close(this.alarms.now(), code)
    this.drain()
    this.alarms.drop(this)
  }

  private receive(link: LinkId, bytes: Uint8Array): void {
    // What comes after its connection was given up is of no interest.
    if (!this.outlets.has(link)) return
    this.room.receive(this.alarms.now(), link, bytes)
    this.drain()
  }

  private lost(link: LinkId): void {
    const outlet = this.outlets.get(link)
    if (outlet === undefined) return
    outlet.drop()
    this.outlets.delete(link)
    this.room.closed(this.alarms.now(), link)
    this.drain()
  }

  private drain(): void {
    for (const { to, bytes } of this.room.outgoing()) this.outlets.get(to)?.send(bytes)
    for (const happening of this.room.happenings()) {
      if (happening.kind === 'close') {
        this.outlets.get(happening.link)?.closeSoon()
        this.outlets.delete(happening.link)
      }
      this.tell(this, happening)
    }
    if (this.room.size === 0) this.alarms.drop(this)
    else this.alarms.set(this, this.room.nextWake())
  }
}

/**
 * The meeting point of a server: rooms by name, in which peers are introduced to each other. A room is there as long
 * as somebody is in it, and remembers nothing.
 */
export class Rooms {
  private readonly options: ServerOptions
  private readonly alarms = new Alarms()
  private readonly rooms = new Map<string, HostedRoom>()
  private readonly door = new Door((connection, first) => this.receive(connection, first))
  private readonly tell: (event: RoomEvent) => void
  private closing = false

  constructor(options: ServerOptions, tell: (event: RoomEvent) => void = () => {}) {
    this.options = options
    this.tell = tell
  }

  /** The rooms that somebody is in, and by how many. */
  all(): readonly { readonly name: string; readonly peers: number }[] {
    return [...this.rooms.values()].map(({ name, room }) => ({ name, peers: room.size }))
  }

  /** A new connection: its first message says which room it is for. */
  accept(connection: Connection): void {
    this.door.accept(connection)
  }

  /** Everybody is told and let go. */
  close(): void {
    this.closing = true
    for (const room of this.rooms.values()) room.end('closing')
    this.rooms.clear()
  }

  /** Whoever is still connected is not waited for. */
  cut(): void {
    this.door.cut()
  }

  private receive(connection: Connection, entering: Uint8Array): Guest | undefined {
    const room = this.roomFor(entering)
    if (typeof room !== 'string') return room.take(connection, entering)
    this.turnAway(connection, room)
    return undefined
  }

  private roomFor(bytes: Uint8Array): HostedRoom | MeetingCode {
    if (this.closing) return 'closing'
    const entering = decode(bytes)
    if (typeof entering === 'string') return entering
    if (entering.kind !== 'enter') return 'malformed'
    const known = this.rooms.get(entering.room)
    if (known !== undefined) return known
    const own = optionsOf(this.options, entering.room)
    if (own === undefined) return 'unknown_room'
    const { roomsMax = ROOMS_MAX } = this.options
    if (this.rooms.size >= roomsMax) return 'server_full'
    return this.open(entering.room, own)
  }

  private open(name: string, own: SessionOptions): HostedRoom {
    const { fps, app } = { ...this.options, ...own }
    const room = new Room(this.alarms.now(), {
      seed: randomInt(1, 0xffff_ffff),
      ...(fps === undefined ? {} : { fps }),
      ...(app === undefined ? {} : { app }),
    })
    const hosted = new HostedRoom(name, room, this.alarms, (from, happening) => {
      if (happening.kind !== 'close') this.tell({ kind: 'room', room: from.name, happening })
      if (from.room.size === 0 && this.rooms.get(from.name) === from) this.rooms.delete(from.name)
    })
    this.rooms.set(name, hosted)
    return hosted
  }

  private turnAway(connection: Connection, code: MeetingCode): void {
    this.tell({ kind: 'kept_out', remote: connection.remote, code })
    connection.send(encode.refused(code))
    connection.close()
  }
}
