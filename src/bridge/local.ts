import type { ErrorCode } from '../app/errors.ts'
import { memberOf } from '../app/world.ts'
import { LIMITS } from '../core/limits.ts'
import { readAsked, readJoin, readLeave } from '../core/session/membership.ts'
import { type Input, RESERVED, TICK } from '../core/timeline/event.ts'
import { BEFORE_FIRST, type InstanceId, nowAt, type Tick } from '../core/timeline/tick.ts'
import { EMPTY } from '../core/wire/bytes.ts'
import type { Desk, Face, OverCode, Status } from './face.ts'
import { Frames } from './frames.ts'
import type { LaidInput } from './layout.ts'
import type { BridgeLimits } from './limits.ts'
import { MODE, readSaid, type Said, STATUS, tell } from './messages.ts'
import { Trial } from './trial.ts'

type Hello = Extract<Said, { kind: 'hello' }>

const ASKED: ReadonlyMap<number, 'pause' | 'resume' | 'end'> = new Map([
  [RESERVED.pause, 'pause'],
  [RESERVED.resume, 'resume'],
  [RESERVED.end, 'end'],
])

/** The protocol of docs/bridge.md: everything that an instance knows, in messages with their length before them. */
export class LocalFace implements Face {
  readonly protocol = 'local'
  readonly repeats = false
  private readonly desk: Desk
  private readonly limits: BridgeLimits
  private readonly frames: Frames
  /** Ticks that the trial goes back, 0 for none. */
  private readonly back: number
  private hello: Hello | undefined
  private waits: Said | undefined
  /** The last tick that was given, and the last that is known to be run. */
  private given: Tick = BEFORE_FIRST
  private ran: Tick = BEFORE_FIRST
  private inputs: LaidInput[] = []
  private trial: Trial | undefined

  constructor(desk: Desk, limits: BridgeLimits, back: number) {
    this.desk = desk
    this.limits = limits
    this.back = back
    this.frames = new Frames(limits.message_bytes_max)
  }

  get unread(): number {
    return this.frames.waiting
  }

  read(chunk: Buffer): void {
    this.frames.push(chunk)
    this.goOn()
  }

  goOn(): void {
    if (this.waits !== undefined && !this.take(this.waits)) return
    this.waits = undefined
    for (;;) {
      const frame = this.frames.next()
      if (frame === undefined) return
      const message = frame === 'malformed' ? undefined : readSaid(frame)
      if (message === undefined)
        return this.desk.end(
          'malformed',
          frame === 'malformed'
            ? `A message may have ${this.frames.most} bytes.`
            : `A message of type ${frame[0]} and ${frame.length} bytes.`,
        )
      if (this.take(message)) continue
      this.waits = message
      return
    }
  }

  takes(local: Tick): boolean {
    const { window = 0 } = this.hello ?? {}
    if (this.trial?.busy) return false
    return window === 0 || local - this.ran < window
  }

  /** False if it has to wait. What cannot be taken at all ends the program. */
  private take(message: Said): boolean {
    const { desk } = this
    if (message.kind === 'hello') this.open(message)
    else if (this.hello === undefined) desk.end('malformed', 'The first message is hello.')
    else if (message.kind === 'emit') return desk.emit(message.evt, message.payload)
    else if (message.kind === 'leave') desk.leave()
    else if (message.kind === 'query') desk.send(tell('stats', { numbers: desk.stats() }))
    else if (message.kind === 'ask') this.ask(message.evt, message.data)
    else if (message.kind === 'ran') this.hasRun(message.tick)
    else this.saved(message)
    return true
  }

  private open(hello: Hello): void {
    const { fps, window, instances, app, session, data, mode } = hello
    const wrong =
      (this.hello !== undefined && 'hello was said already.') ||
      ((fps < 1 || fps > LIMITS.fps_max) && `fps is ${fps}: it is a whole number from 1 to 1000.`) ||
      (mode > MODE.requests && `mode is ${mode}: it is 0 for inputs or 1 for requests.`) ||
      (window < 0 && `window is ${window}: it is a number of ticks, or 0 for no limit.`) ||
      ((instances < 0 || instances > LIMITS.members_max) && `instances is ${instances}.`) ||
      (Buffer.byteLength(app) > LIMITS.text_bytes_max && 'app is too long.') ||
      (Buffer.byteLength(session) > LIMITS.text_bytes_max && 'session is too long.') ||
      (data.length > LIMITS.member_bytes_max && `data may have ${LIMITS.member_bytes_max} bytes.`)
    if (wrong) return this.desk.end('bad_request', wrong)
    this.hello = hello
    if (mode === MODE.requests) {
      this.frames.most = this.limits.state_bytes_max + this.limits.message_bytes_max
      if (this.back > 0) this.trial = this.makeTrial()
    }
    this.desk.join({
      fps,
      data,
      ...(app === '' ? {} : { app }),
      ...(session === '' ? {} : { session }),
      ...(instances === 0 ? {} : { instances }),
    })
  }

  private makeTrial(): Trial {
    const { desk } = this
    return new Trial(this.back, {
      step: (message) => desk.send(message),
      save: (tick) => desk.send(tell('save', { tick })),
      load: (tick, state) => desk.send(tell('load', { tick, state })),
    })
  }

  private ask(evt: number, data: Uint8Array): void {
    const what = ASKED.get(evt)
    if (what === undefined) return this.desk.end('bad_request', `${evt} cannot be asked for.`)
    this.desk.ask(what, data)
  }

  private hasRun(tick: Tick): void {
    if (tick < this.ran || tick > this.given)
      return this.desk.end('bad_request', `Tick ${tick} cannot have been run after ${this.ran}.`)
    this.ran = tick
    this.desk.pump()
  }

  private saved({ tick, digest, state }: Extract<Said, { kind: 'saved' }>): void {
    const fault = this.trial
      ? this.trial.saved(tick, digest, state)
      : `Tick ${tick} was saved, and nobody had asked for that.`
    if (fault === undefined) return this.desk.pump()
    this.desk.end(this.trial ? 'step_differs' : 'bad_request', fault)
  }

  admitted(player: InstanceId): void {
    this.desk.send(tell('welcome', { player, fps: this.hello?.fps ?? 0 }))
  }

  lobby(have: number, need: number): void {
    this.desk.send(tell('lobby', { have, need }))
  }

  started(): void {
    this.desk.send(tell('start', {}))
    this.trial?.start()
  }

  input(input: Input): void {
    const { tick } = input
    const now = nowAt(tick, this.hello?.fps ?? 1)
    if (input.id === TICK) this.given = tick
    if (this.hello?.mode !== MODE.requests)
      return this.desk.send(tell('input', { tick, now, ...laidOf(input) }))
    if (input.id !== TICK) {
      this.inputs.push(laidOf(input))
      return
    }
    const step = tell('step', { tick, now, inputs: this.inputs })
    this.inputs = []
    this.desk.send(step)
    this.trial?.stepped(tick, step)
  }

  repeat(): void {}

  status(status: Status, tick: Tick): void {
    this.desk.send(tell('status', { status: STATUS[status], tick }))
  }

  landed(number: number, tick: Tick): void {
    this.desk.send(tell('landed', { number, tick }))
  }

  denied(number: number, code: ErrorCode, words: string): void {
    this.desk.send(tell('denied', { number, code, words }))
  }

  over(code: OverCode, words: string): void {
    this.desk.send(tell('ended', { code, words }))
  }
}

const laidOf = ({ id, source, number, seq, payload }: Input): LaidInput => {
  if (id === TICK) return { evt: id, player: 0, number: 0, seq: 0, payload: EMPTY }
  if (id > TICK) return { evt: id, player: source, number, seq, payload }
  return { evt: id, player: memberOf(payload), number, seq, payload: memberPayload(id, payload) }
}

/** What is to be known of a member, so that no program has to read the session's own encoding. */
const memberPayload = (id: number, payload: Uint8Array): Uint8Array => {
  switch (id) {
    case RESERVED.join: {
      const { slot = 0, data = EMPTY } = readJoin(payload) ?? {}
      const bytes = Buffer.alloc(4 + data.length)
      bytes.writeInt32BE(slot)
      bytes.set(data, 4)
      return bytes
    }
    case RESERVED.leave:
      return Buffer.from(readLeave(payload)?.why ?? '')
    default:
      return readAsked(payload)?.data ?? EMPTY
  }
}
