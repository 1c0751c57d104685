import { MEETING_LIMITS } from '../core/meeting/limits.ts'
import { TRANSPORT_LIMITS } from '../transport/limits.ts'
import { type Channel, type DirectOptions, noWay } from './channel.ts'

/** What is used of WebRTC, which a page has by itself and Node by a package. */
interface DataChannel {
  binaryType: string
  readonly readyState: string
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(bytes: Uint8Array): void
  close(): void
}

interface Description {
  readonly type: string
  readonly sdp?: string
}

export interface Connection {
  readonly connectionState: string
  onicecandidate: ((event: { readonly candidate: { toJSON(): unknown } | null }) => void) | null
  onconnectionstatechange: ((event: never) => void) | null
  createDataChannel(label: string, options: object): DataChannel
  createOffer(): Promise<Description>
  createAnswer(): Promise<Description>
  setLocalDescription(description: Description): Promise<void>
  setRemoteDescription(description: Description): Promise<void>
  addIceCandidate(candidate: unknown): Promise<void>
  close(): void
}

/** What one end says to the other while they look for a way. */
export interface Said {
  /** Of which attempt: what is still on its way of an earlier one is none of this one. */
  readonly attempt: number
  readonly description?: Description
  readonly candidate?: unknown
}

/** How long two look for a way before the meeting point's is all that they have. */
const LOOKING_MS = 15_000
/** What a message costs beside its bytes while it waits for an owner: empty ones without end are no less. */
const EARLY_COST = MEETING_LIMITS.piece_cost

/** What would help where no way is found. */
const NOT_FOUND =
  'Routers or firewalls let nothing through between the two, perhaps: a turn: server in `ice` carries it.'

/** All that are not over, to be closed together. */
const going = new Set<RtcAttempt>()

/** What one attempt says, and how it turns out. */
interface AttemptOptions extends Pick<DirectOptions, 'offers' | 'opened' | 'failed'> {
  say(said: Omit<Said, 'attempt'>): void
}

export class RtcAttempt implements Channel {
  private readonly options: AttemptOptions
  private readonly connection: Connection
  private channel: DataChannel | undefined
  private readonly timer: ReturnType<typeof setTimeout>
  private owner: { message(bytes: Uint8Array): void; closed(): void } | undefined
  private early: Uint8Array[] = []
  private earlyBytes = 0
  private isOpen = false
  private isOver = false
  /** Candidates that came before there was a description that they are for. */
  private candidates: unknown[] | undefined = []
  /** One step after the other: a description is taken before what comes after it. */
  private steps: Promise<void> = Promise.resolve()

  constructor(connection: Connection, options: AttemptOptions) {
    this.options = options
    this.connection = connection
    going.add(this)
    this.timer = setTimeout(() => this.end(NOT_FOUND), LOOKING_MS)
    this.listen()
    if (options.offers) this.step(() => this.offer())
  }

  // --- an attempt

  hear({ description, candidate }: Said): void {
    this.step(async () => {
      if (description) await this.described(description)
      else if (this.candidates) this.candidates.push(candidate)
      else await this.add(candidate)
    })
  }

  close(): void {
    if (this.isOver) return
    this.isOver = true
    going.delete(this)
    clearTimeout(this.timer)
    this.channel?.close()
    this.connection.close()
    this.owner?.closed()
  }

  // --- a channel

  get buffered(): number {
    return this.isOver ? 0 : (this.channel?.bufferedAmount ?? 0)
  }

  send(bytes: Uint8Array): void {
    const { channel } = this
    if (this.isOver || channel?.readyState !== 'open') return
    try {
      channel.send(bytes)
    } catch (error) {
      // More than it takes, or it has just ended: either way what follows would be out of order.
      this.end(`It took no more: ${messageOf(error)}`)
    }
  }

  attach(owner: { message(bytes: Uint8Array): void; closed(): void }): void {
    this.owner = owner
    for (const bytes of this.early.splice(0)) owner.message(bytes)
    this.earlyBytes = 0
    if (this.isOver) owner.closed()
  }

  /**
   * Both ends make the same channel, so that none has to be announced; but who answers only once there is an offer.
   * With a channel before, node-datachannel begins an offer of its own, and now and then cannot take the other one.
   */
  private openChannel(): void {
    const channel = this.connection.createDataChannel('sametick', { negotiated: true, id: 0, ordered: true })
    this.channel = channel
    channel.binaryType = 'arraybuffer'
    channel.onopen = () => {
      if (this.isOver) return
      this.isOpen = true
      clearTimeout(this.timer)
      this.options.opened(this)
    }
    channel.onmessage = ({ data }) => {
      if (this.isOver) return
      if (!(data instanceof ArrayBuffer)) return this.end('What came over it is not of a peer.')
      const bytes = new Uint8Array(data)
      if (this.owner) this.owner.message(bytes)
      else this.keep(bytes)
    }
    channel.onclose = () => this.end('It was closed before it was open.')
    channel.onerror = () => this.end('It broke before it was open.')
  }

  /** P8: who sends this much before anybody listens has its channel ended, and nothing of it is kept. */
  private keep(bytes: Uint8Array): void {
    this.early.push(bytes)
    this.earlyBytes += bytes.length + EARLY_COST
    if (this.earlyBytes <= TRANSPORT_LIMITS.buffered_bytes_max) return
    this.early = []
    this.end('More came over it than may be held before anybody takes it.')
  }

  private listen(): void {
    const { connection } = this
    connection.onicecandidate = ({ candidate }) => {
      if (candidate && !this.isOver) this.options.say({ candidate: candidate.toJSON() })
    }
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed') this.end(NOT_FOUND)
    }
  }

  private async offer(): Promise<void> {
    this.openChannel()
    const offer = await this.connection.createOffer()
    await this.connection.setLocalDescription(offer)
    this.options.say({ description: { type: offer.type, sdp: offer.sdp ?? '' } })
  }

  private async described(description: Description): Promise<void> {
    const { connection } = this
    await connection.setRemoteDescription(description)
    if (!this.options.offers) this.openChannel()
    for (const candidate of this.candidates ?? []) await this.add(candidate)
    this.candidates = undefined
    if (this.options.offers) return
    const answer = await connection.createAnswer()
    await connection.setLocalDescription(answer)
    this.options.say({ description: { type: answer.type, sdp: answer.sdp ?? '' } })
  }

  private async add(candidate: unknown): Promise<void> {
    try {
      await this.connection.addIceCandidate(candidate)
    } catch {
      // One that cannot be used is one way less.
    }
  }

  /** What the other end says may be anything: what cannot be taken ends the attempt, and no link. */
  private step(what: () => Promise<void>): void {
    this.steps = this.steps
      .then(() => (this.isOver ? undefined : what()))
      .catch((error: unknown) => {
        if (!this.isOpen) this.end(`A description could not be made or taken: ${messageOf(error)}`)
      })
  }

  private end(why: string): void {
    if (this.isOver) return
    this.close()
    if (!this.isOpen) this.options.failed(noWay(why))
  }
}

/** This program, or this page, ends: the others are told at once, and need not wait until nothing is heard. */
export const closeAll = (): void => {
  for (const attempt of [...going]) attempt.close()
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
