import { SametickError } from '../app/errors.ts'
import { sessionOf } from '../client/open.ts'
import type { RefusalCode } from '../core/errors.ts'
import type { PeerHappening, PeerOptions } from '../core/peer/peer.ts'
import type { InstanceId, LinkId } from '../core/timeline/tick.ts'
import { errorOf, failureError } from '../driver/error.ts'
import { type Connection, type Dial, failed, type Listen, type Listener } from '../transport/transport.ts'
import { MEETING_PROTOCOL, SUBPROTOCOL } from '../transport/websocket-codes.ts'
import type { Direct, IceServer } from './channel.ts'
import { PeerHost } from './host.ts'
import { Room } from './room.ts'
import { PeerSource } from './source.ts'

interface Waiting {
  readonly resolve: (id: InstanceId) => void
  readonly reject: (error: SametickError) => void
}

/** A link, and where it was dialled. */
interface Known {
  readonly address: string | undefined
  /** The address of the room in which the two were introduced. */
  readonly room?: string
  id: InstanceId
}

interface Kept extends Waiting {
  readonly signal: AbortSignal | undefined
  timer: ReturnType<typeof setTimeout> | undefined
}

/** A room, and who waits to be met in it. */
interface Entered {
  readonly room: Room
  waiting: Waiting | undefined
}

/** How links are made where this runs. */
export interface Ways {
  readonly dial: Dial
  readonly direct?: Direct | undefined
  readonly ice?: readonly IceServer[]
}

/** Before an address is dialled again. */
const AGAIN_MS = 1_000

/** What else may answer there. */
const STRANGERS = 'perhaps it is a server that lets none meet, or not by this address.'

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
  private readonly waiting = new Map<LinkId, Waiting>()
  private readonly joining: Waiting[] = []
  /** Addresses that are dialled again, with what resolves the first time. */
  private readonly kept = new Map<string, Kept>()
  private readonly rooms = new Map<string, Entered>()

  constructor(ways: Ways, options: PeerOptions) {
    this.ways = ways
    this.options = options
    this.host = new PeerHost(options, {
      happened: (happening) => this.happened(happening),
      stirred: () => this.source?.stirred(),
    })
    this.source = new PeerSource(options.fps, this.host, {
      left: () => this.left(),
      relayed: () => this.relayed,
    })
  }

  get addresses(): readonly string[] {
    const rooms = [...this.rooms].filter(([, { room }]) => room.isThere).map(([address]) => address)
    return [...(this.listener?.addresses ?? []), ...rooms]
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

  /** Resolves when all that the other one had is here; 0 if that is a room in which nobody is. */
  async link(address: string, signal?: AbortSignal): Promise<InstanceId> {
    if (signal?.aborted) throw errorOf('aborted', address)
    const dialled = await this.ways.dial(address, { signal, protocols: PROTOCOLS })
    if (!dialled.ok) throw failureError(dialled.failure)
    if (dialled.value.protocol === MEETING_PROTOCOL) return this.enter(address, dialled.value, signal)
    return abortable(address, signal, (waiting) => {
      const link = this.host.nextLink()
      this.known.set(link, { address, id: 0 })
      this.waiting.set(link, waiting)
      this.host.take(dialled.value, link)
      return () => {
        if (this.waiting.delete(link)) this.host.unlink(link)
      }
    })
  }

  /** Link there, again if nobody listens yet or the link is lost, until it is unlinked. Resolves the first time. */
  keep(address: string, signal?: AbortSignal): Promise<InstanceId> {
    return new Promise((resolve, reject) => {
      this.kept.set(address, { resolve, reject, signal, timer: undefined })
      signal?.addEventListener('abort', () => this.letGo(address), { once: true })
      this.attempt(address)
    })
  }

  unlink(which: string | InstanceId): void {
    for (const [, { address, id }] of this.known)
      if (address !== undefined && (which === address || which === id)) this.letGo(address)
    if (typeof which === 'string') this.letGo(which)
    else for (const { room } of this.rooms.values()) room.avoid(which)
    for (const [link, { address, room, id }] of this.known)
      if (which === (address ?? room) || (which === id && id !== 0)) this.host.unlink(link)
    if (typeof which === 'string') this.goOut(which)
  }

  /** Resolves when this peer knows where the others are, and takes part. */
  joined(signal?: AbortSignal): Promise<void> {
    if (this.host.peer.joined) return Promise.resolve()
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(errorOf('aborted', '')), { once: true })
      this.joining.push({ resolve: () => resolve(), reject })
    })
  }

  // --- addresses that are kept

  private attempt(address: string): void {
    const kept = this.kept.get(address)
    if (kept === undefined) return
    this.link(address, kept.signal).then(kept.resolve, (error: unknown) => {
      if (error instanceof SametickError && error.retry) return this.again(address)
      this.kept.delete(address)
      kept.reject(error as SametickError)
    })
  }

  private again(address: string): void {
    const kept = this.kept.get(address)
    if (kept) kept.timer = setTimeout(() => this.attempt(address), AGAIN_MS)
  }

  private letGo(address: string): void {
    const kept = this.kept.get(address)
    clearTimeout(kept?.timer)
    this.kept.delete(address)
    kept?.reject(errorOf('aborted', address))
  }

  private left(): void {
    for (const address of [...this.kept.keys()]) this.letGo(address)
    for (const address of [...this.rooms.keys()]) this.goOut(address)
    void this.listener?.close()
  }

  // --- rooms

  private async enter(address: string, connection: Connection, signal?: AbortSignal): Promise<InstanceId> {
    const { ways, options, host } = this
    // Whoever comes again is there once.
    this.goOut(address)
    const { fps, app, id } = options
    const comer = { room: sessionOf(address), fps, app, id }
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
        lost: () => this.roomLost(address, errorOf('lost', address)),
        ended: (error) => this.roomLost(address, error, true),
      },
    )
    const entered: Entered = { room, waiting: undefined }
    return await abortable(address, signal, (waiting) => {
      entered.waiting = waiting
      this.rooms.set(address, entered)
      room.enter(connection).then(
        ({ others, linked }) => {
          if (others === linked) this.alone(entered)
        },
        (error: SametickError) => {
          this.goOut(address)
          waiting.reject(error)
        },
      )
      return () => this.goOut(address)
    })
  }

  /** Nobody is there who could be met: with whoever is, there is a link already. */
  private alone(entered: Entered): void {
    const { peer } = this.host
    if (!peer.joined && peer.neighbours.length === 0) this.host.begin()
    entered.waiting?.resolve(peer.neighbours[0] ?? 0)
    entered.waiting = undefined
  }

  private roomLost(address: string, error: SametickError, isForGood = false): void {
    const entered = this.rooms.get(address)
    if (entered?.waiting === undefined && !isForGood) return
    this.goOut(address)
    entered?.waiting?.reject(error)
  }

  private goOut(address: string): void {
    this.rooms.get(address)?.room.leave()
    this.rooms.delete(address)
  }

  private get relayed(): number {
    let relayed = 0
    for (const { room } of this.rooms.values()) relayed += room.relayed
    return relayed
  }

  // --- links

  private take(connection: Connection, room?: string): void {
    const link = this.host.nextLink()
    this.known.set(link, { address: undefined, id: 0, ...(room === undefined ? {} : { room }) })
    this.host.take(connection, link)
  }

  private happened(happening: PeerHappening): void {
    switch (happening.kind) {
      case 'linked': {
        const known = this.known.get(happening.link)
        if (known) known.id = happening.id
        return this.tellRooms()
      }
      case 'merged':
        return this.merged(happening.link)
      case 'unlinked':
        this.unlinked(happening.link, happening.code, happening.hint)
        return this.tellRooms()
      case 'joined':
        for (const { resolve } of this.joining.splice(0)) resolve(this.host.peer.id)
        return
      case 'ended':
        // Whoever ends otherwise than by leaving lets go of everything as well.
        if (happening.code !== 'left') this.left()
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
    const { id = 0, room = '' } = this.known.get(link) ?? {}
    this.waiting.get(link)?.resolve(id)
    this.waiting.delete(link)
    const entered = this.rooms.get(room)
    if (entered === undefined) return
    entered.waiting?.resolve(id)
    entered.waiting = undefined
  }

  private unlinked(link: LinkId, code: RefusalCode | undefined, hint: string): void {
    const known = this.known.get(link)
    this.known.delete(link)
    const waiting = this.waiting.get(link)
    this.waiting.delete(link)
    if (code === 'again' && known?.address !== undefined && !this.kept.has(known.address)) {
      // Where nobody waits for it and nobody is there any more, it is a link that was lost.
      const { resolve = ignored, reject = ignored } = waiting ?? {}
      this.link(known.address).then(resolve, reject)
      return
    }
    if (!waiting && known?.address !== undefined && code !== 'replaced') this.again(known.address)
    // Two that called each other have one link all the same.
    if (code === 'replaced' && known && this.host.peer.neighbours.includes(known.id))
      return waiting?.resolve(known.id)
    const isStranger = code === 'malformed' && known?.id === 0 && known.address !== undefined
    const error = errorOf(
      code ?? 'lost',
      isStranger ? `No peer listens at ${known.address}: ${STRANGERS}` : hint,
    )
    waiting?.reject(error)
    if (this.host.peer.neighbours.length > 0 || this.host.peer.joined) return
    // In a room others are met, or the same again; only one that says nothing at all is waited for no longer.
    const entered = this.rooms.get(known?.room ?? '')
    if (entered === undefined) for (const { reject } of this.joining.splice(0)) reject(error)
    else if (code === 'silent') this.alone(entered)
  }
}

const ignored = (): void => {}

/** Waits for what `start` begins; it gives what is to be done when the signal comes before. */
const abortable = (
  address: string,
  signal: AbortSignal | undefined,
  start: (waiting: Waiting) => () => void,
): Promise<InstanceId> =>
  new Promise((resolve, reject) => {
    let giveUp: (() => void) | undefined
    const abort = (): void => {
      giveUp?.()
      reject(errorOf('aborted', address))
    }
    const settled = (): void => signal?.removeEventListener('abort', abort)
    signal?.addEventListener('abort', abort, { once: true })
    giveUp = start({
      resolve: (id) => {
        settled()
        resolve(id)
      },
      reject: (error) => {
        settled()
        reject(error)
      },
    })
  })
