import { SametickError } from '../app/errors.ts'
import { sessionOf } from '../client/open.ts'
import type { RefusalCode } from '../core/errors.ts'
import type { PeerHappening, PeerOptions } from '../core/peer/peer.ts'
import type { InstanceId, LinkId } from '../core/timeline/tick.ts'
import { errorOf, failureError } from '../driver/error.ts'
import { type Connection, type Dial, failed, type Listen, type Listener } from '../transport/transport.ts'
import { MEETING_PROTOCOL, SUBPROTOCOL } from '../transport/websocket-codes.ts'
import type { Direct, IceServer } from './channel.ts'
import { endedError, unlinkedError } from './failures.ts'
import { PeerHost } from './host.ts'
import { Joining } from './joining.ts'
import { Keeping } from './keeping.ts'
import { LinkNews } from './linknews.ts'
import { Renewing } from './renewing.ts'
import { type Relayed, Room } from './room.ts'
import { PeerSource } from './source.ts'
import { type Waiting, waitingFor } from './waiting.ts'

/** A link, and where it was dialled. */
interface Known {
  address: string | undefined
  /** The address of the room in which the two were introduced. */
  readonly room?: string
  id: InstanceId
  /** All that the other one had is here. */
  isMerged: boolean
}

/** A room, and who waits to be met in it. */
interface Entered {
  readonly address: string
  readonly room: Room
  readonly waiting: Set<Waiting>
  /** Whether somebody who waited was told: from then on it is wanted, whatever comes of those who ask once more. */
  isKept: boolean
}

/** How links are made where this runs. */
export interface Ways {
  readonly dial: Dial
  readonly direct?: Direct | undefined
  readonly ice?: readonly IceServer[]
}

/** A peer that listens takes the one, a server that is a meeting point the other. */
const PROTOCOLS = [MEETING_PROTOCOL, SUBPROTOCOL]

/** One peer, where it listens, the rooms that it is in, and whom it is linked with. */
export class Meeting {
  readonly host: PeerHost
  readonly source: PeerSource
  private readonly ways: Ways
  private readonly options: PeerOptions
  private listener: Listener | undefined
  private readonly known = new Map<LinkId, Known>()
  /** Who waits for a link: several, where they asked for the same one. */
  private readonly waiting = new Map<LinkId, readonly Waiting[]>()
  private readonly joining = new Joining(() => this.isHopeless)
  private readonly keeping = new Keeping(
    (address, signal) => this.link(address, signal),
    (error) => this.joining.failed(error),
  )
  private readonly renewing = new Renewing(
    (address, signal) => this.link(address, signal),
    (waiting, error) => this.failed(waiting, error),
  )
  private readonly rooms = new Map<string, Entered>()
  /** One for each address, since no meeting point should know another's. */
  private readonly keys = new Map<string, number>()
  readonly news = new LinkNews(this)

  constructor(ways: Ways, options: PeerOptions) {
    this.ways = ways
    this.options = options
    this.host = new PeerHost(options, {
      happened: (happening) => this.happened(happening),
      stirred: () => this.source?.stirred(),
    })
    this.source = new PeerSource(options.fps, this.host, {
      left: () => this.left(),
      relayed: () => this.relayed.length,
    })
  }

  get addresses(): readonly string[] {
    const rooms = [...this.rooms].filter(([, { room }]) => room.isThere).map(([address]) => address)
    return [...(this.listener?.addresses ?? []), ...rooms]
  }

  /** Whom it is linked with; two links to one peer, of which one is about to end, are one. */
  get neighbours(): readonly InstanceId[] {
    return [...new Set(this.host.peer.neighbours)]
  }

  async listen(url: string, listen: Listen | undefined): Promise<void> {
    if (listen === undefined)
      throw new SametickError(
        'not_permitted',
        'A page cannot listen: link to a peer that does, or to a server.',
      )
    const result = await listen(url, { onConnection: (connection) => this.take(connection) })
    if (!result.ok) throw failureError(result.failure)
    this.listener = result.value
  }

  /**
   * Resolves when all that the other one had is here; 0 if that is a room in which nobody is. With whom there is a
   * link already it stays as it is.
   */
  async link(address: string, signal?: AbortSignal): Promise<InstanceId> {
    if (signal?.aborted) throw errorOf('aborted', address)
    const dialled = await this.ways.dial(address, { signal, protocols: PROTOCOLS })
    if (!dialled.ok) throw failureError(dialled.failure)
    // Nobody wants it any more: who has left enters no room.
    if (signal?.aborted || this.host.peer.phase === 'ended') {
      dialled.value.close()
      throw errorOf('aborted', address)
    }
    if (dialled.value.protocol === MEETING_PROTOCOL) return this.enter(address, dialled.value, signal)
    return waitingFor(address, signal, (waiting) => {
      const link = this.host.nextLink()
      this.known.set(link, { address, id: 0, isMerged: false })
      this.waiting.set(link, [waiting])
      this.host.take(dialled.value, link)
      return () => this.giveUp(link, waiting)
    })
  }

  /** Link there, again if nobody listens yet or the link is lost, until it is unlinked. Resolves the first time. */
  keep(address: string, signal?: AbortSignal): Promise<InstanceId> {
    return this.keeping.keep(address, signal)
  }

  unlink(which: string | InstanceId): void {
    this.renewing.letGo(which)
    if (typeof which === 'string') this.keeping.letGo(which)
    else for (const { room } of this.rooms.values()) room.avoid(which)
    for (const [link, { address, room, id }] of this.known) {
      if (which !== address && which !== room && (which !== id || id === 0)) continue
      if (address !== undefined) this.keeping.letGo(address)
      this.host.unlink(link)
    }
    const entered = typeof which === 'string' ? this.rooms.get(which) : undefined
    if (entered) this.goOut(entered)
  }

  /** Resolves when this peer knows where the others are, and takes part. */
  async joined(signal?: AbortSignal): Promise<void> {
    if (!this.host.peer.joined) await this.joining.wait(signal)
  }

  /** Whether nobody is there any more who could be met, nor anybody on the way who might be. */
  private get isHopeless(): boolean {
    const { neighbours, joined } = this.host.peer
    const isMet = joined || neighbours.length > 0
    return !isMet && this.renewing.isEmpty && this.keeping.isEmpty && this.rooms.size === 0
  }

  private left(): void {
    this.keeping.letGoOfAll()
    this.renewing.letGoOfAll()
    for (const entered of [...this.rooms.values()]) this.goOut(entered)
    void this.listener?.close()
  }

  // --- rooms

  /** Whoever asks for a room once more is in it once, as with any link. */
  private enter(address: string, connection: Connection, signal?: AbortSignal): Promise<InstanceId> {
    const entered = this.rooms.get(address) ?? this.roomAt(address)
    const { room, waiting } = entered
    return waitingFor(address, signal, (one) => {
      waiting.add(one)
      if (!room.isThere && !room.isEntering) this.goIn(entered, connection)
      else {
        connection.close()
        if (room.isThere && entered.isKept && waiting.size === 1) this.met(entered)
      }
      return () => {
        waiting.delete(one)
        if (waiting.size === 0 && !entered.isKept) this.goOut(entered)
      }
    })
  }

  private roomAt(address: string): Entered {
    const { ways, options, host } = this
    const { fps, app, id } = options
    // Whoever comes back while the room that it has left is still there takes its place.
    const key = this.keys.get(address) ?? Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
    this.keys.set(address, key)
    const comer = { room: sessionOf(address), fps, app, id, key }
    const dial = async () => {
      const dialled = await ways.dial(address, { protocols: PROTOCOLS })
      if (!dialled.ok || dialled.value.protocol === MEETING_PROTOCOL) return dialled
      dialled.value.close()
      return failed('not_sametick', address)
    }
    const room = new Room(
      address,
      comer,
      { dial, direct: ways.direct, ice: ways.ice ?? [] },
      {
        introduced: (by) => this.take(by, address),
        alone: () => this.alone(entered),
        neighbours: () => host.peer.neighbours,
        moved: () => this.news.stirred(),
        lost: () => this.roomLost(entered, errorOf('lost', address), !entered.isKept),
        ended: (error) => this.roomLost(entered, error, true),
      },
    )
    const entered: Entered = { address, room, waiting: new Set(), isKept: false }
    this.rooms.set(address, entered)
    return entered
  }

  private goIn(entered: Entered, connection: Connection): void {
    entered.room.enter(connection).then(
      ({ others, linked }) => {
        if (others === linked) this.alone(entered)
      },
      (error: SametickError) => this.roomLost(entered, error, true),
    )
  }

  /** Nobody is there who could be met: with whoever is, there is a link already. */
  private alone(entered: Entered): void {
    if (!this.isIn(entered)) return
    const { peer } = this.host
    if (!peer.joined && peer.neighbours.length === 0) this.host.begin()
    this.met(entered)
  }

  /** Whoever waited to meet somebody has. */
  private met(entered: Entered, id: InstanceId = this.host.peer.neighbours[0] ?? 0): void {
    entered.isKept = true
    for (const { resolve } of entered.waiting) resolve(id)
    entered.waiting.clear()
  }

  private roomLost(entered: Entered, error: SametickError, isForGood: boolean): void {
    for (const { reject } of entered.waiting) reject(error)
    entered.waiting.clear()
    if (!isForGood) return
    this.goOut(entered)
    this.joining.failed(error)
  }

  /** A room goes on until all that was sent by it has left: it may be one that was left, and was entered anew. */
  private isIn(entered: Entered): boolean {
    return this.rooms.get(entered.address) === entered
  }

  private goOut(entered: Entered): void {
    if (this.isIn(entered)) this.rooms.delete(entered.address)
    this.roomLost(entered, errorOf('aborted', entered.address), false)
    entered.room.leave()
  }

  /** The links that go through a server. */
  get relayed(): readonly Relayed[] {
    return [...this.rooms.values()].flatMap(({ room }) => room.relayed)
  }

  // --- links

  private take(connection: Connection, room?: string): void {
    const link = this.host.nextLink()
    const by = room === undefined ? {} : { room }
    this.known.set(link, { address: undefined, id: 0, isMerged: false, ...by })
    this.host.take(connection, link)
  }

  private happened(happening: PeerHappening): void {
    switch (happening.kind) {
      case 'linked': {
        const known = this.known.get(happening.link)
        if (known) known.id = happening.id
        this.news.stirred()
        return this.tellRooms()
      }
      case 'doubled': {
        const known = this.known.get(happening.link)
        if (known) known.id = happening.id
        return
      }
      case 'merged':
        return this.merged(happening.link)
      case 'unlinked':
        this.unlinked(happening.link, happening.code, happening.hint)
        this.news.stirred()
        return this.tellRooms()
      case 'joined':
        return this.joining.joined(this.host.peer.id)
      case 'ended':
        // Whoever ends otherwise than by leaving lets go of everything as well.
        if (happening.code !== 'left') this.left()
        this.joining.fail(endedError(happening.code, happening.hint))
        return this.source.ended(happening.code, happening.hint)
      case 'wanted':
        return this.give(happening.link)
      case 'snapshot':
        if (!this.source.takeOver(happening.tick, happening.bytes)) this.isNoState()
        return
      case 'close':
        return
    }
  }

  /** Not at once: the host is on its way through what has happened. */
  private give(link: LinkId): void {
    queueMicrotask(() => {
      const snapshot = this.source.snapshot()
      if (snapshot) this.host.give(link, snapshot)
    })
  }

  /** What it was given is no state of its application, though that has the same name: it cannot take part. */
  private isNoState(): void {
    this.source.ended('restore_differs', 'What a neighbour has folded is no state of this application.')
    queueMicrotask(() => this.source.leave())
  }

  private tellRooms(): void {
    for (const { room } of this.rooms.values()) room.tell()
  }

  private merged(link: LinkId): void {
    const known = this.known.get(link)
    if (known) known.isMerged = true
    const { id = 0, room = '' } = known ?? {}
    for (const { resolve } of this.waiting.get(link) ?? []) resolve(id)
    this.waiting.delete(link)
    const entered = this.rooms.get(room)
    if (entered) this.met(entered, id)
  }

  /**
   * Two that called each other, or one that called twice, have one link all the same: the one that there is. It is then
   * the link to that address as well.
   */
  private isOther({ id, address }: Known, waiting: readonly Waiting[]): boolean {
    const there = [...this.known].find(([, each]) => id !== 0 && each.id === id)
    if (there === undefined) return false
    const [link, other] = there
    if (address !== undefined && (other.address === undefined || !this.keeping.has(other.address)))
      other.address = address
    if (other.isMerged) for (const { resolve } of waiting) resolve(id)
    else if (waiting.length > 0) this.waiting.set(link, [...(this.waiting.get(link) ?? []), ...waiting])
    return true
  }

  /** One who waits does no longer: the link that was made for it ends, unless somebody else waits for it as well. */
  private giveUp(made: LinkId, waiting: Waiting): void {
    for (const [link, all] of this.waiting) {
      if (!all.includes(waiting)) continue
      const others = all.filter((each) => each !== waiting)
      if (others.length > 0) return void this.waiting.set(link, others)
      this.waiting.delete(link)
      if (link === made) this.host.unlink(link)
      return
    }
    this.renewing.giveUp(waiting)
  }

  private unlinked(link: LinkId, code: RefusalCode | undefined, hint: string): void {
    const known = this.known.get(link)
    this.known.delete(link)
    const waiting = this.waiting.get(link) ?? []
    this.waiting.delete(link)
    if (known !== undefined && code === 'replaced' && this.isOther(known, waiting)) return
    const address = known?.address
    if (address !== undefined && this.keeping.has(address)) this.keeping.again(address)
    // Where nobody waits for it and nobody is there any more, it is a link that was lost.
    else if (address !== undefined && code === 'again')
      return this.renewing.renew(address, known?.id ?? 0, waiting)
    const stranger = known?.id === 0 ? address : undefined
    this.failed(waiting, unlinkedError(code, hint, stranger), known?.room)
  }

  /** No link comes of it, or none any more; and whoever has none takes no part. */
  private failed(waiting: readonly Waiting[], error: SametickError, room = ''): void {
    for (const { reject } of waiting) reject(error)
    // In a room others are met, or the same again; only one that says nothing at all is waited for no longer.
    const entered = this.rooms.get(room)
    const { neighbours, joined } = this.host.peer
    if (entered && error.code === 'silent' && neighbours.length === 0 && !joined) this.alone(entered)
    this.joining.failed(error)
  }
}
