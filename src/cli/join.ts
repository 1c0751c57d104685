import { createWriteStream, type WriteStream } from 'node:fs'
import type { Command } from 'commander'
import { SametickError } from '../app/errors.ts'
import { openSeat } from '../client/open.ts'
import type { Seat } from '../client/seat.ts'
import type { InstanceHappening } from '../core/session/instance.ts'
import type { Input } from '../core/timeline/event.ts'
import { headOf, lineOf } from '../core/timeline/recording.ts'
import { nowAt } from '../core/timeline/tick.ts'
import { errorOf, refusalError } from '../driver/error.ts'
import { dial } from '../transport/dial.ts'
import { appOf, countOf, fpsOf, instancesOf, urlOf } from './numbers.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings, visible } from './terminal.ts'

interface Written {
  readonly fps: number
  readonly app: string
  readonly instances?: number
  readonly emitEvery?: number
  readonly ticks?: number
  readonly record?: string
  readonly quiet?: boolean
}

const FPS = 25
const APP = 'join@1'

/** `sametick join`: an instance without a face. */
export const addJoin = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  program
    .command('join')
    .summary('take part in a session, and print its timeline')
    .description(
      'An instance without a face: it takes part in a session and prints the events of its timeline.',
    )
    .argument('<url>', 'where the session is: ws://, tcp:// or udp:// host:port/name', urlOf)
    .option('--fps <n>', 'ticks a second; all of a session must name the same', fpsOf, FPS)
    .option('--app <id>', 'application and version; all of a session must name the same', appOf, APP)
    .option('-n, --instances <n>', 'if it creates the session: start when so many have come', instancesOf)
    .option('--emit-every <ms>', 'emit an event, numbered from 1, as often as that', countOf)
    .option('--ticks <n>', 'leave after so many ticks', countOf)
    .option('--record <file>', 'write every input to a file, a line each, for `sametick diff`')
    .option('-q, --quiet', 'print nothing')
    .addHelpText('after', AFTER)
    .action(async (url: string, written: Written) => ended(await join(url, written, surroundings)))
}

const AFTER = `
Examples:
  npx sametick join ws://127.0.0.1:4600/lesson
  npx sametick join udp://127.0.0.1:4601/lesson --emit-every 1000
  npx sametick join ws://127.0.0.1:4600/lesson --record a.txt --ticks 500

Ends with 0 when it has left or the session has ended; 1 if it was refused or cut off.`

const join = async (url: string, written: Written, surroundings: Surroundings): Promise<ExitCode> => {
  const { err, env, signal } = surroundings
  const record = written.record === undefined ? undefined : await recordingAt(written.record)
  if (record instanceof Error) {
    err.write(`${paintFor(err, env).red(`error: ${written.record} cannot be written: ${record.message}`)}\n`)
    return EXIT.usage
  }
  const joined = new Joined(written, surroundings, record)
  try {
    const { fps, app, instances = 0 } = written
    const seat = await openSeat(url, { fps, app, instances, signal }, dial, joined)
    return await joined.play(seat)
  } catch (error) {
    if (signal.aborted) return EXIT.ok
    if (!(error instanceof SametickError)) throw error
    err.write(`${paintFor(err, env).red(`error: ${visible(error.message)}`)}\n`)
    return EXIT.failed
  } finally {
    await joined.close()
  }
}

/** The file to record in, once it is open. */
const recordingAt = (path: string): Promise<WriteStream | Error> =>
  new Promise((resolve) => {
    const record = createWriteStream(path)
    record.once('open', () => resolve(record))
    record.once('error', resolve)
  })

/** After a goodbye, the other end may take so long to close. Then the connection is cut off. */
const GOODBYE_MS = 700

/** What an instance does that has no face: it prints, records, and emits by the clock. */
class Joined {
  private readonly written: Written
  private readonly surroundings: Surroundings
  private readonly record: WriteStream | undefined
  private seat: Seat | undefined
  private timer: ReturnType<typeof setInterval> | undefined
  private goodbye: ReturnType<typeof setTimeout> | undefined
  private isAdmitted = false
  private failed = false
  private emitted = 0
  private finish: (code: ExitCode) => void = () => {}
  private readonly over: Promise<ExitCode>

  constructor(written: Written, surroundings: Surroundings, record: WriteStream | undefined) {
    this.written = written
    this.surroundings = surroundings
    this.record = record
    this.record?.write(`${headOf(written.app, written.fps)}\n`)
    this.over = new Promise((resolve) => {
      this.finish = resolve
    })
    this.record?.on('error', (error) => {
      this.complain(`the recording cannot be written: ${error.message}`)
      this.leave()
    })
  }

  play(seat: Seat): Promise<ExitCode> {
    this.seat = seat
    const { emitEvery } = this.written
    if (emitEvery !== undefined) this.timer = setInterval(() => this.emit(), emitEvery)
    const { signal } = this.surroundings
    if (signal.aborted) this.leave()
    signal.addEventListener('abort', () => this.leave(), { once: true })
    seat.awaitInput()
    return this.over
  }

  happened(happening: InstanceHappening): void {
    switch (happening.kind) {
      case 'admitted':
        this.isAdmitted = true
        return this.say(`admitted as instance ${happening.id}`)
      case 'lobby':
        if (happening.have < happening.need)
          this.say(`waiting: ${happening.have} of ${happening.need} have come`)
        return
      case 'started':
        return this.say('started')
      case 'denied':
        return this.complain(
          `event ${happening.number} was not taken: ${errorOf(happening.code, '').message}`,
        )
      case 'ended':
        // Before that, whoever opens the seat is told.
        if (!this.isAdmitted || happening.code === 'left' || happening.code === 'end') return
        return this.complain(`${happening.code}: ${refusalError(happening.code, happening.hint).message}`)
      default:
        return
    }
  }

  due(): void {
    const { seat } = this
    if (seat === undefined) return
    for (let input = seat.take(); input !== undefined; input = seat.take()) {
      this.show(input)
      if (input.id === 0 && input.tick + 1 === this.written.ticks) return this.leave()
    }
    seat.awaitInput()
  }

  closed(): void {
    clearInterval(this.timer)
    clearTimeout(this.goodbye)
    this.finish(this.failed ? EXIT.failed : EXIT.ok)
  }

  close(): Promise<void> {
    clearInterval(this.timer)
    const { record } = this
    return new Promise((resolve) => {
      if (record === undefined || record.errored) resolve()
      else record.end(() => resolve())
    })
  }

  private leave(): void {
    clearInterval(this.timer)
    this.seat?.leave()
    this.goodbye ??= setTimeout(() => this.seat?.cut(), GOODBYE_MS)
  }

  private emit(): void {
    const number = this.seat?.emit(++this.emitted)
    if (typeof number === 'string')
      this.complain(`event ${this.emitted} was not emitted: ${errorOf(number, '').message}`)
  }

  private show(input: Input): void {
    this.record?.write(`${lineOf(input)}\n`)
    if (input.id === 0 || this.written.quiet) return
    const ms = nowAt(input.tick, this.written.fps)
    this.surroundings.out.write(`${String(ms).padStart(8)} ms  ${lineOf(input)}\n`)
  }

  private say(words: string): void {
    const { err, env } = this.surroundings
    if (!this.written.quiet) err.write(`${paintFor(err, env).dim(words)}\n`)
  }

  private complain(words: string): void {
    const { err, env } = this.surroundings
    this.failed = true
    err.write(`${paintFor(err, env).red(`error: ${visible(words)}`)}\n`)
  }
}
