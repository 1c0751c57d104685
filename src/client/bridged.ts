import { connect, type Socket } from 'node:net'
import { type ErrorCode, isErrorCode, SametickError } from '../app/errors.ts'
import { decodePayload, encodePayload } from '../app/payload.ts'
import { Frames } from '../bridge/frames.ts'
import { BRIDGE_LIMITS } from '../bridge/limits.ts'
import { greeting, MODE, readTold, say, type Told } from '../bridge/messages.ts'
import { LIMITS } from '../core/limits.ts'
import { BEFORE_FIRST } from '../core/timeline/tick.ts'
import { errorOf } from '../driver/error.ts'
import { failureOf } from '../transport/system.ts'
import type { MidInput, MidLine } from './mid.ts'

/** So long may a program be away before its instance stands still. */
const WINDOW_MS = 250

/** A program's end of a bridge on this machine: what `mid_connect(port, fps)` opens. Resolves on admission. */
export const openBridged = (port: number, fps: number, signal?: AbortSignal): Promise<MidLine> => {
  if (!Number.isInteger(fps) || fps < 1 || fps > LIMITS.fps_max)
    return Promise.reject(new SametickError('bad_request', `fps is ${fps}: a whole number from 1 to 1000.`))
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return Promise.reject(new SametickError('bad_url', `${port} is no port.`))
  if (signal?.aborted) return Promise.reject(errorOf('aborted', `port ${port}`))
  return new Promise((resolve, reject) => {
    const line = new Bridged(port, fps, {
      welcomed: () => {
        signal?.removeEventListener('abort', giveUp)
        resolve(line)
      },
      failed: reject,
    })
    const giveUp = (): void => line.giveUp(port)
    signal?.addEventListener('abort', giveUp, { once: true })
  })
}

interface Opening {
  welcomed(): void
  failed(error: SametickError): void
}

class Bridged implements MidLine {
  private readonly socket: Socket
  private readonly opening: Opening
  private readonly frames = new Frames(BRIDGE_LIMITS.message_bytes_max)
  private readonly window: number
  /** Inputs that came and were not taken: no more ticks than the window has. */
  private inputs: Extract<Told, { kind: 'input' }>[] = []
  private ran = BEFORE_FIRST
  private given = BEFORE_FIRST
  private over: SametickError | undefined
  private wake = (): void => {}

  constructor(port: number, fps: number, opening: Opening) {
    this.opening = opening
    this.window = Math.max(2, Math.floor((fps * WINDOW_MS) / 1000))
    const socket = connect(port, '127.0.0.1')
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.receive(chunk))
    socket.on('error', (error) => {
      const { code, detail } = failureOf(error, `port ${port}`).failure
      this.end(errorOf(code, code === 'refused' ? `${detail} Start a bridge: npx sametick bridge` : detail))
    })
    socket.on('close', () => this.end(errorOf('lost', `port ${port}`)))
    const { window } = this
    const data = new Uint8Array(0)
    socket.write(greeting({ mode: MODE.inputs, fps, window, instances: 0, app: '', session: '', data }))
  }

  async next(): Promise<MidInput> {
    this.hasRun()
    for (;;) {
      const input = this.inputs.shift()
      if (input !== undefined) {
        if (input.evt === 0) this.given = input.tick
        return [input.now, input.evt, decodePayload(input.payload)?.value]
      }
      if (this.over !== undefined) throw this.over
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  emit(evt: number, payload?: unknown): void {
    if (!Number.isInteger(evt) || evt < 1 || evt > 0x7fff_ffff)
      throw new SametickError('bad_request', `${evt} is no event: a whole number from 1.`)
    const bytes = encodePayload(payload)
    if (this.over === undefined) this.socket.write(say('emit', { evt, payload: bytes }))
  }

  leave(): void {
    if (this.over === undefined) this.socket.end(say('leave', {}))
    this.end(new SametickError('session_ended', 'left'))
  }

  giveUp(port: number): void {
    this.end(errorOf('aborted', `port ${port}`))
    this.socket.destroy()
  }

  /** Who asks for more has run what it was given. */
  private hasRun(): void {
    if (this.over !== undefined || this.given - this.ran < this.window / 2) return
    this.ran = this.given
    this.socket.write(say('ran', { tick: this.ran }))
  }

  private receive(chunk: Buffer): void {
    this.frames.push(chunk)
    for (;;) {
      const frame = this.frames.next()
      if (frame === undefined) return this.wake()
      if (frame === 'malformed') {
        this.end(errorOf('not_sametick', 'No bridge answers there.'))
        return void this.socket.destroy()
      }
      const told = readTold(frame)
      // What a later bridge says beside these is passed over.
      if (told !== undefined) this.take(told)
    }
  }

  private take(told: Told): void {
    if (told.kind === 'welcome') this.opening.welcomed()
    else if (told.kind === 'input' && told.evt >= 0) this.inputs.push(told)
    else if (told.kind === 'ended') this.end(endOf(told))
  }

  private end(error: SametickError): void {
    this.over ??= error
    this.opening.failed(this.over)
    this.wake()
  }
}

/** What a bridge says at the end, as an error: its words hold the sentence of the code already. */
const endOf = ({ code, words }: { code: string; words: string }): SametickError => {
  const known: ErrorCode = isErrorCode(code) ? code : 'session_ended'
  const sentence = errorOf(known, '').message
  return errorOf(known, words.startsWith(sentence) ? words.slice(sentence.length).trim() : words)
}
