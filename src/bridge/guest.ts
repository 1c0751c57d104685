import type { Socket } from 'node:net'
import { SametickError } from '../app/errors.ts'
import { openSeat, sessionOf } from '../client/open.ts'
import type { Seat, Sitter } from '../client/seat.ts'
import { REFUSALS, type RefusalCode } from '../core/errors.ts'
import { LIMITS } from '../core/limits.ts'
import type { InstanceHappening } from '../core/session/instance.ts'
import { BEFORE_FIRST, dueAt, type InstanceId, type Micros, NEVER, type Tick } from '../core/timeline/tick.ts'
import { patience } from '../transport/patience.ts'
import type { Dial, EndingCode } from '../transport/transport.ts'
import type { Desk, Face, Joining, OverCode, Status } from './face.ts'
import { FirstFace } from './first.ts'
import type { BridgeLimits } from './limits.ts'
import { LocalFace } from './local.ts'
import { MAGIC, VERSION } from './messages.ts'

/** How a program stands, for people and figures. */
export interface ProgramView {
  readonly port: number
  /** Undefined while it is not known. */
  readonly protocol: Face['protocol'] | undefined
  readonly player: InstanceId | undefined
  /** The last tick that it was given, -1 for none. */
  readonly tick: Tick
  /** Bytes that wait to leave for it. */
  readonly unsentBytes: number
}

/** What happened at a bridge, for people and logs. */
export type BridgeEvent =
  | {
      readonly kind: 'joined'
      readonly port: number
      readonly protocol: Face['protocol']
      readonly player: InstanceId
      readonly fps: number
    }
  /** A program that took part, or wanted to, is gone. */
  | {
      readonly kind: 'left'
      readonly port: number
      readonly player: InstanceId | undefined
      readonly code: OverCode
      readonly words: string
    }

export interface GuestSetup {
  readonly server: string
  readonly app: string
  readonly instances: number
  readonly trial: number
  readonly port: number
  readonly dial: Dial
  readonly limits: BridgeLimits
  /** Why it is turned away as soon as it is known how to tell it. */
  readonly refusal: OverCode | undefined
  readonly onEvent: (event: BridgeEvent) => void
  readonly onGone: () => void
}

/** The first four bytes and the version. */
const HEAD_BYTES = MAGIC.length + 1
const NOT_TOLD_APART =
  'What came begins neither with a number of ticks a second nor with the word of the local protocol.'

/** One program on its socket, and the instance that runs for it. It carries between the two, at the program's pace. */
export class Guest implements Sitter, Desk {
  private readonly socket: Socket
  private readonly setup: GuestSetup
  private readonly stopWaiting: () => void
  private readonly giveUp = new AbortController()
  private head: Buffer = Buffer.alloc(0)
  private face: Face | undefined
  private seat: Seat | undefined
  private player: InstanceId | undefined
  private fps = 1
  private status: Status = 'running'
  private nextRepeat: Micros = NEVER
  private over = false
  private pumping = false
  private wantsToEmit = false

  constructor(socket: Socket, setup: GuestSetup) {
    this.socket = socket
    this.setup = setup
    this.stopWaiting = patience(setup.limits.opening_max, () => this.end('silent'))
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.receive(chunk))
    socket.on('drain', () => this.pump())
    // A program that says nothing more takes no part, whether it closed its socket or was killed.
    socket.on('end', () => this.left('left'))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.stopWaiting()
      this.left('lost')
      setup.onGone()
    })
  }

  get isOver(): boolean {
    return this.over
  }

  get view(): ProgramView {
    const { face, player, seat, socket } = this
    return {
      port: this.setup.port,
      protocol: face?.protocol,
      player,
      tick: seat?.instance.local ?? BEFORE_FIRST,
      unsentBytes: socket.writableLength,
    }
  }

  /** Tell it that the bridge ends. One that has said nothing yet would not understand. */
  close(): void {
    this.end('closing')
  }

  // --- what comes from the program

  private receive(chunk: Buffer): void {
    if (this.over) return
    if (this.face === undefined) return this.tellApart(chunk)
    this.face.read(chunk)
    this.slacken()
  }

  /** The first protocol begins with the FPS, which is never what the other one begins with. */
  private tellApart(chunk: Buffer): void {
    const { limits, trial, refusal } = this.setup
    const head = Buffer.concat([this.head, chunk])
    this.head = head
    if (head.length < MAGIC.length) return
    const fps = head.readInt32BE(0)
    if (fps >= 1 && fps <= LIMITS.fps_max) {
      this.face = new FirstFace(this, fps)
      if (refusal !== undefined) return this.end(refusal)
      this.join({ fps })
      return this.face.read(head.subarray(4))
    }
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) {
      this.face = new LocalFace(this, limits, 0)
      return this.end('malformed', NOT_TOLD_APART)
    }
    if (head.length < HEAD_BYTES) return
    this.face = new LocalFace(this, limits, trial)
    if (refusal !== undefined) return this.end(refusal)
    const version = head[MAGIC.length]
    if (version !== VERSION)
      return this.end('version', `This bridge speaks version ${VERSION}, the program ${version}.`)
    this.face.read(head.subarray(HEAD_BYTES))
  }

  /** While its events have to wait, a program is read no further than what may wait. */
  private slacken(): void {
    const full = (this.face?.unread ?? 0) > this.setup.limits.unread_bytes_max
    if (full && this.wantsToEmit) this.socket.pause()
    else this.socket.resume()
  }

  // --- what the face does for the program

  join({ fps, app = this.setup.app, session, instances = this.setup.instances, data }: Joining): void {
    const { server, dial } = this.setup
    this.stopWaiting()
    this.fps = fps
    openSeat(
      server,
      {
        fps,
        app,
        instances,
        session: session ?? sessionOf(server),
        signal: this.giveUp.signal,
        ...(data === undefined ? {} : { data }),
        onWaiting: (have, need) => this.face?.lobby(have, need),
      },
      dial,
      this,
    ).then(
      (seat) => this.sit(seat),
      (error: unknown) => {
        if (!(error instanceof SametickError)) throw error
        this.finish(error.code, error.message)
      },
    )
  }

  private sit(seat: Seat): void {
    this.seat = seat
    if (this.over) return seat.leave()
    this.goOn()
    this.pump()
  }

  emit(evt: number, payload: Uint8Array): boolean {
    if (this.over) return true
    const number = this.seat?.emit(evt, payload) ?? 'not_admitted'
    this.wantsToEmit = number === 'busy' || number === 'not_admitted'
    if (this.wantsToEmit) return false
    if (typeof number === 'string' && number !== 'session_ended') this.end(number, `The event ${evt}.`)
    return true
  }

  /** Events that had to wait may have their turn now. */
  private goOn(): void {
    if (!this.wantsToEmit || this.over) return
    this.face?.goOn()
    this.slacken()
  }

  ask(what: 'pause' | 'resume' | 'end', data: Uint8Array): void {
    const code = this.seat?.ask(what, data) ?? (this.seat ? undefined : 'not_admitted')
    if (code !== undefined && code !== 'session_ended') this.end(code, `It asked for ${what}.`)
  }

  leave(): void {
    this.end('left')
  }

  stats(): Readonly<Record<string, number>> {
    const { seat } = this
    if (seat === undefined) return {}
    const { instance } = seat
    const now = seat.now()
    // What is not known yet is without end, and left out.
    return finite({
      tick: instance.local,
      limit: instance.limit,
      ...instance.stats,
      offReferenceMicros: instance.position(now) - instance.reference(now),
      errorMicros: instance.errorBound(now),
      unsentBytes: this.socket.writableLength,
    })
  }

  send(bytes: Uint8Array): void {
    if (!this.over) this.socket.write(bytes)
  }

  end(code: OverCode, detail = ''): void {
    this.finish(code, wordsOf(code, detail))
  }

  // --- what comes from the session

  pump(): void {
    const { seat, face, socket } = this
    if (seat === undefined || face === undefined || this.over || this.pumping) return
    this.pumping = true
    socket.cork()
    let isDry = false
    while (!isDry && !this.over && this.isReady(face, seat)) {
      const input = seat.take()
      if (input === undefined) isDry = true
      else face.input(input)
    }
    // Only now may a program that was behind be frozen.
    this.stirred()
    socket.uncork()
    this.pumping = false
    // P8: while the program has to catch up nothing is taken, and so its instance stands still.
    if (isDry && !this.over) seat.awaitInput()
    // The last tick of a session was taken: nobody else will say so.
    if (seat.instance.phase === 'ended') seat.leave()
  }

  private isReady(face: Face, seat: Seat): boolean {
    return this.socket.writableLength < this.setup.limits.unsent_bytes_max && face.takes(seat.instance.local)
  }

  happened(happening: InstanceHappening): void {
    const { face } = this
    if (face === undefined || this.over) return
    switch (happening.kind) {
      case 'admitted':
        this.player = happening.id
        face.admitted(happening.id)
        return this.setup.onEvent({
          kind: 'joined',
          port: this.setup.port,
          protocol: face.protocol,
          player: happening.id,
          fps: this.fps,
        })
      case 'started':
        return face.started()
      case 'landed':
        face.landed(happening.number, happening.stamp)
        return this.goOn()
      case 'denied':
        face.denied(happening.number, happening.code, REFUSALS[happening.code])
        return this.goOn()
      case 'ended':
        return this.end(happening.code, happening.hint)
      default:
        return
    }
  }

  due(): void {
    this.pump()
  }

  closed(why: EndingCode): void {
    this.end(why === 'closed' ? 'session_ended' : 'lost')
  }

  /**
   * A freeze is told by the clock, since nothing else may come while it lasts: once it has cost a whole tick. A program
   * that is behind is not frozen: what it was not given yet may run.
   */
  stirred(): void {
    const { seat, face } = this
    if (seat === undefined || face === undefined || this.over || seat.instance.phase !== 'running') return
    const { instance } = seat
    const now = seat.now()
    const told = instance.nextFreeze() + dueAt(1, this.fps)
    const frozen = told <= now && instance.local === instance.limit
    this.tellStatus(frozen ? 'frozen' : instance.catchingUp ? 'catchingUp' : 'running')
    if (!frozen || !face.repeats) return seat.lookAgain(told <= now ? NEVER : told)
    if (this.nextRepeat === NEVER || this.nextRepeat <= now) {
      if (this.isReady(face, seat)) face.repeat()
      this.nextRepeat = now + dueAt(1, this.fps)
    }
    seat.lookAgain(this.nextRepeat)
  }

  private tellStatus(status: Status): void {
    if (status !== 'frozen') this.nextRepeat = NEVER
    if (status === this.status) return
    this.status = status
    this.face?.status(status, this.seat?.instance.local ?? -1)
  }

  // --- the end

  /** The program is told, what was sent arrives, and its socket is closed. */
  private finish(code: OverCode, words: string): void {
    if (this.over) return
    this.face?.over(code, words)
    this.socket.end()
    this.socket.once(
      'close',
      patience(this.setup.limits.closing_max, () => this.socket.destroy()),
    )
    this.depart(code, words)
  }

  /** The program has gone: its instance goes at once. */
  private left(code: OverCode): void {
    if (this.over) return
    this.depart(code, wordsOf(code, ''))
    this.socket.destroy()
  }

  private depart(code: OverCode, words: string): void {
    this.over = true
    this.stopWaiting()
    this.giveUp.abort()
    this.seat?.leave()
    const { port, onEvent } = this.setup
    onEvent({ kind: 'left', port, player: this.player, code, words })
  }
}

const finite = (numbers: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)))

const OWN_WORDS: Readonly<Record<'left' | 'end', string>> = {
  left: 'It left of its own will.',
  end: 'The session has ended.',
}

const wordsOf = (code: OverCode, detail: string): string =>
  code === 'left' || code === 'end' ? OWN_WORDS[code] : new SametickError(code as RefusalCode, detail).message
