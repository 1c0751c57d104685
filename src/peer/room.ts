import { SametickError } from '../app/errors.ts'
import { MEETING_LIMITS } from '../core/meeting/limits.ts'
import { decode, encode, type MeetingMessage, type Shut, type Welcome } from '../core/meeting/messages.ts'
import { MEETING_REFUSALS, type MeetingCode } from '../core/meeting/refusals.ts'
import type { InstanceId, Micros } from '../core/timeline/tick.ts'
import { Alarms, type Sleeper } from '../driver/alarms.ts'
import { errorOf, failureError } from '../driver/error.ts'
import type { Connection, Result } from '../transport/transport.ts'
import { type Attempt, type Direct, type IceServer, noWay } from './channel.ts'
import { Pipe } from './pipe.ts'

/** Who comes, and what it runs. */
export interface Comer {
  readonly room: string
  readonly fps: number
  readonly app: string
  readonly id: InstanceId
  /** By which the meeting point knows that whoever comes again is the same. */
  readonly key: number
}

export interface RoomOwner {
  /** A way to another peer is there. */
  introduced(connection: Connection): void
  /** Nobody else is in the room any more. */
  alone(): void
  /** The peers that this one is linked with, by whatever way. */
  neighbours(): readonly InstanceId[]
  /** A link goes directly from now on, or it is known that it will not. */
  moved(): void
  /** The connection with the meeting point is lost, and it will be tried again. */
  lost(): void
  /** The meeting point does not take it back. */
  ended(error: SametickError): void
}

export interface RoomOptions {
  readonly dial: () => Promise<Result<Connection>>
  readonly direct: Direct | undefined
  readonly ice: readonly IceServer[]
}

/** A link that goes through the server. */
export interface Relayed {
  /** The neighbour. */
  readonly id: number
  /** Why no direct way has come about; undefined while one is looked for, or none is wanted. */
  readonly why: SametickError | undefined
}

/** Before the meeting point is tried again: about so long, and twice as long each time, up to the most. */
const AGAIN_MS = 500
const AGAIN_MS_MAX = 8_000
/** What the same attempt may not meet with later. */
const FOR_GOOD: ReadonlySet<MeetingCode> = new Set<MeetingCode>([
  ...(['version', 'malformed', 'bad_request', 'fps_differs', 'app_differs'] as const),
  ...(['unknown_room', 'same_id', 'replaced'] as const),
])

const NO_WEBRTC = 'There is no WebRTC here; in Node, npm install node-datachannel brings it.'

interface Entering {
  readonly resolve: (welcome: Welcome) => void
  readonly reject: (error: SametickError) => void
}

interface Acquaintance {
  readonly id: InstanceId
  readonly pipe: Pipe
  attempt: Attempt | undefined
  why: SametickError | undefined
  /** Descriptions that came before there was an attempt to hear them, and how many have come at all. */
  early: Uint8Array[]
  signals: number
}

/** A room of a meeting point as a peer is in it: goes back whenever it loses it, and links go on meanwhile. */
export class Room implements Sleeper {
  private readonly address: string
  private readonly comer: Comer
  private readonly owner: RoomOwner
  private readonly options: RoomOptions
  private readonly alarms = new Alarms()
  private connection: Connection | undefined
  private entering: Entering | undefined
  private isIn = false
  private isWanted = true
  private heardAt: Micros = 0
  private attempts = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly ways = new Map<number, Acquaintance>()
  /** With whom no other way is wanted. */
  private readonly unwanted = new Set<InstanceId>()
  /** The links that the meeting point was told of beside its ways. */
  private told = new Set<InstanceId>()

  constructor(address: string, comer: Comer, options: RoomOptions, owner: RoomOwner) {
    this.address = address
    this.comer = comer
    this.options = options
    this.owner = owner
  }

  /** Whether the meeting point is there. */
  get isThere(): boolean {
    return this.isIn
  }

  /** The links that go through the meeting point at present. */
  get relayed(): readonly Relayed[] {
    const relayed = [...this.ways.values()].filter(({ pipe }) => !pipe.isDirect)
    return relayed.map(({ id, why }) => ({ id, why }))
  }

  /** Whether it was asked to go in and has not heard yet. */
  get isEntering(): boolean {
    return this.entering !== undefined
  }

  /** Resolves when it is in the room. What it has tried by itself to come back is given up. */
  enter(connection: Connection): Promise<Welcome> {
    clearTimeout(this.timer)
    this.connection?.close()
    return new Promise((resolve, reject) => {
      this.entering = { resolve, reject }
      this.begin(connection)
    })
  }

  /** Goes, once all that was sent by it has left. */
  leave(): void {
    this.isWanted = false
    clearTimeout(this.timer)
    this.alarms.drop(this)
    this.closeIfIdle()
  }

  /** No other way to this one, as long as both are here. */
  avoid(id: InstanceId): void {
    this.unwanted.add(id)
  }

  /** Links have come or gone: the meeting point should know of those that it has not made. */
  tell(): void {
    if (!this.isIn) return
    const now = this.apart()
    for (const id of now) if (!this.told.has(id)) this.send(encode.near(id, true))
    for (const id of this.told) if (!now.has(id)) this.send(encode.near(id, false))
    this.told = now
  }

  wake(moment: Micros): void {
    if (moment - this.heardAt > MEETING_LIMITS.silence_max) this.connection?.destroy()
    else this.listen()
  }

  /** The links that there are beside the ways of the meeting point. */
  private apart(): Set<InstanceId> {
    const apart = new Set(this.owner.neighbours().slice(0, MEETING_LIMITS.claims_max))
    for (const { id } of this.ways.values()) apart.delete(id)
    return apart
  }

  private begin(connection: Connection): void {
    this.connection = connection
    this.told = new Set(this.owner.neighbours().slice(0, MEETING_LIMITS.claims_max))
    connection.attach({
      message: (bytes) => {
        if (this.connection === connection) this.receive(bytes)
      },
      closed: () => this.closed(connection),
    })
    this.send(encode.enter({ ...this.comer, linked: [...this.told] }))
    this.heardAt = this.alarms.now()
    this.listen()
  }

  private listen(): void {
    this.alarms.set(this, this.heardAt + MEETING_LIMITS.silence_max + 1)
  }

  private send(bytes: Uint8Array): void {
    this.connection?.send(bytes)
  }

  private receive(bytes: Uint8Array): void {
    this.heardAt = this.alarms.now()
    const message = decode(bytes)
    if (typeof message === 'string') this.refused(message, '')
    else this.hear(message)
  }

  private hear(message: MeetingMessage): void {
    switch (message.kind) {
      case 'relay':
        return this.ways.get(message.way)?.pipe.onRelay(message.last, message.bytes)
      case 'credit':
        return this.ways.get(message.way)?.pipe.onCredit(message.bytes)
      case 'shut':
        return this.shut(message.way, message.how)
      case 'signal':
        return this.onSignal(message.way, message.bytes)
      case 'beat':
        return this.send(encode.beat())
      case 'welcome':
        this.isIn = true
        this.attempts = 0
        this.entering?.resolve(message)
        this.entering = undefined
        return this.tell()
      case 'introduced':
        return this.introduced(message.way, message.id)
      case 'alone':
        return this.owner.alone()
      case 'refused':
        return this.refused(message.code, message.hint)
      default:
        return this.refused('malformed', '')
    }
  }

  private introduced(way: number, id: InstanceId): void {
    if (this.unwanted.has(id) || !this.isWanted) return this.send(encode.shut(way, 'apart'))
    const pipe = new Pipe(`peer ${id} by ${this.address}`, {
      relay: (isLast, bytes) => this.send(encode.relay(way, isLast, bytes)),
      credit: (bytes) => this.send(encode.credit(way, bytes)),
      shut: (how) => this.send(encode.shut(way, this.unwanted.has(id) ? 'apart' : how)),
      over: () => this.over(way, acquaintance),
    })
    const acquaintance: Acquaintance = {
      ...{ id, pipe, attempt: undefined, why: undefined },
      ...{ early: [], signals: 0 },
    }
    this.ways.set(way, acquaintance)
    this.told.delete(id)
    this.owner.introduced(pipe.link)
    void this.goDirect(way, acquaintance)
  }

  private async goDirect(way: number, acquaintance: Acquaintance): Promise<void> {
    const { direct, ice } = this.options
    if (direct === undefined) return
    const { id, pipe } = acquaintance
    const attempt = await direct().catch((error: unknown) =>
      noWay(`WebRTC could not be loaded: ${error}`, error),
    )
    if (this.ways.get(way) !== acquaintance) return
    if (typeof attempt !== 'function') return this.stays(acquaintance, attempt ?? noWay(NO_WEBRTC))
    acquaintance.attempt = attempt({
      ice,
      // There is no glare: both know whose turn it is.
      offers: this.comer.id > id,
      signal: (bytes) => {
        if (this.ways.get(way) === acquaintance) this.send(encode.signal(way, bytes))
      },
      opened: (channel) => {
        pipe.move(channel)
        this.owner.moved()
      },
      failed: (why) => this.stays(acquaintance, why),
    })
    for (const bytes of acquaintance.early.splice(0)) acquaintance.attempt.hear(bytes)
  }

  /** No direct way will come about: the link goes on as it is. */
  private stays(acquaintance: Acquaintance, why: SametickError): void {
    acquaintance.attempt?.close()
    acquaintance.early = []
    acquaintance.why = why
    this.owner.moved()
  }

  private onSignal(way: number, bytes: Uint8Array): void {
    const acquaintance = this.ways.get(way)
    if (acquaintance === undefined || this.options.direct === undefined || acquaintance.why) return
    // P8: a meeting point lets go of who says more; one that does not is no reason to keep it.
    if (++acquaintance.signals > MEETING_LIMITS.signals_max) return
    if (acquaintance.attempt) acquaintance.attempt.hear(bytes)
    else acquaintance.early.push(bytes)
  }

  /** The meeting point knows of this way no more. */
  private shut(way: number, how: Shut): void {
    const acquaintance = this.ways.get(way)
    if (acquaintance === undefined) return
    this.ways.delete(way)
    acquaintance.pipe.onShut(how)
    this.tell()
  }

  private over(way: number, acquaintance: Acquaintance): void {
    acquaintance.attempt?.close()
    if (this.ways.get(way) === acquaintance) this.ways.delete(way)
    this.tell()
    this.closeIfIdle()
  }

  private closeIfIdle(): void {
    if (!this.isWanted && this.ways.size === 0) this.connection?.close()
  }

  private refused(code: MeetingCode, hint: string): void {
    const error = new SametickError(code, hint, {
      retry: !FOR_GOOD.has(code),
      sentence: MEETING_REFUSALS[code],
    })
    if (this.entering === undefined && FOR_GOOD.has(code)) {
      this.isWanted = false
      this.owner.ended(error)
    }
    this.entering?.reject(error)
    this.connection?.close()
  }

  private closed(connection: Connection): void {
    if (this.connection !== connection) return
    this.connection = undefined
    this.isIn = false
    this.alarms.drop(this)
    this.entering?.reject(errorOf('lost', this.address))
    for (const way of [...this.ways.keys()]) this.shut(way, 'gone')
    if (this.entering === undefined) this.again()
  }

  private again(): void {
    if (!this.isWanted) return
    const pause = Math.min(AGAIN_MS_MAX, AGAIN_MS * 2 ** this.attempts++)
    // All that were here come again, and not all at one moment.
    this.timer = setTimeout(() => void this.comeAgain(), pause * (0.5 + Math.random()))
    this.owner.lost()
  }

  private async comeAgain(): Promise<void> {
    const dialled = await this.options.dial()
    // Meanwhile it was left, or entered by another connection.
    if (!this.isWanted || this.connection) return dialled.ok ? dialled.value.close() : undefined
    if (dialled.ok) return this.begin(dialled.value)
    if (failureError(dialled.failure).retry) return this.again()
    this.isWanted = false
    this.owner.ended(failureError(dialled.failure))
  }
}
