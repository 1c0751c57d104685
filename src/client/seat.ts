import type { RefusalCode } from '../core/errors.ts'
import { Instance, type InstanceHappening, type InstanceOptions } from '../core/session/instance.ts'
import type { Input } from '../core/timeline/event.ts'
import { type Micros, NEVER } from '../core/timeline/tick.ts'
import type { Alarms, Sleeper } from '../driver/alarms.ts'
import type { Clock } from '../driver/clock.ts'
import type { Connection, EndingCode } from '../transport/transport.ts'

/** Who sits on a seat: hears what happens, and is told when there may be an input to take. */
export interface Sitter {
  happened(happening: InstanceHappening): void
  /** There may be inputs to take. Told only while `awaitInput` was asked for. */
  due(): void
  /** Something may have changed: it was heard, woken or used. */
  stirred?(): void
  /** The connection has ended, after all that happened because of it. */
  closed(why: EndingCode): void
}

export interface SeatOptions extends Omit<InstanceOptions, 'link'> {
  /** Makes an instance that can do more than others. */
  readonly make?: (options: InstanceOptions) => Instance
}

/** There is one link of an instance, whatever carries it. */
const LINK = 0

/** One instance on a real connection: it carries, and decides nothing. Runs in Node and in browsers. */
export class Seat implements Sleeper {
  readonly instance: Instance
  private readonly connection: Connection
  private readonly alarms: Alarms
  /** The clock of its alarms: an instance lives by one. */
  readonly now: Clock
  private readonly sitter: Sitter
  private wanted = false
  private lookAt: Micros = NEVER

  constructor(connection: Connection, options: SeatOptions, alarms: Alarms, sitter: Sitter) {
    this.connection = connection
    this.alarms = alarms
    this.now = alarms.now
    this.sitter = sitter
    const given = { ...options, link: LINK }
    this.instance = options.make?.(given) ?? new Instance(given)
    connection.attach({
      message: (bytes) => this.message(bytes),
      closed: (why) => this.lost(why),
    })
    this.instance.open(this.now())
    this.drain()
  }

  /** The next input that is due at this moment. */
  take(): Input | undefined {
    return this.instance.take(this.now())
  }

  /** Tell the sitter when there may be something to take, once. */
  awaitInput(): void {
    this.wanted = true
    this.rewake()
  }

  /** Stir the sitter at this moment, whatever happens. */
  lookAgain(at: Micros): void {
    this.lookAt = at
  }

  emit(id: number, payload?: Uint8Array): number | RefusalCode {
    const number = this.instance.emit(this.now(), id, payload)
    this.drain()
    return number
  }

  ask(what: 'pause' | 'resume' | 'end', data?: Uint8Array): RefusalCode | undefined {
    const refusal = this.instance.ask(what, data)
    this.drain()
    return refusal
  }

  leave(): void {
    this.instance.leave(this.now())
    this.drain()
  }

  /** Whatever still waits to leave is not waited for. */
  cut(): void {
    this.connection.destroy()
  }

  wake(moment: Micros): void {
    this.catchUp(moment)
  }

  private message(bytes: Uint8Array): void {
    const moment = this.now()
    this.instance.receive(moment, LINK, bytes)
    // Timers of a hidden page are held back, messages are not: whatever is overdue goes with them.
    this.catchUp(moment)
  }

  private catchUp(moment: Micros): void {
    if (this.instance.nextWake() <= moment) this.instance.wake(moment)
    if (this.lookAt <= moment) this.lookAt = NEVER
    this.drain()
    if (!this.wanted || this.instance.nextInput() > moment) return
    this.wanted = false
    this.sitter.due()
  }

  private lost(why: EndingCode): void {
    this.instance.closed(this.now(), LINK)
    this.drain()
    this.alarms.drop(this)
    this.sitter.closed(why)
  }

  private drain(): void {
    for (const { bytes } of this.instance.outgoing()) this.connection.send(bytes)
    for (const happening of this.instance.happenings()) {
      if (happening.kind === 'ended') this.connection.close()
      this.sitter.happened(happening)
    }
    this.sitter.stirred?.()
    this.rewake()
  }

  private rewake(): void {
    const { instance } = this
    const at = Math.min(instance.nextWake(), this.wanted ? instance.nextInput() : NEVER, this.lookAt)
    if (at === NEVER) this.alarms.drop(this)
    else this.alarms.set(this, at)
  }
}
