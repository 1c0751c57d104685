import { openSeat } from '../../src/client/open.ts'
import { Seat, type Sitter } from '../../src/client/seat.ts'
import type { InstanceHappening } from '../../src/core/session/instance.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { Alarms } from '../../src/driver/alarms.ts'
import { dial } from '../../src/transport/dial.ts'
import type { Connection } from '../../src/transport/transport.ts'

export interface ReaderOptions {
  readonly fps?: number
  readonly app?: string
  readonly session?: string
  readonly instances?: number
}

const text = (input: Input): string => {
  const payload = input.payload.length > 0 && input.id > 0 ? `:${[...input.payload].join('.')}` : ''
  return `${input.tick}:${input.id}:${input.source}${payload}`
}

/** An instance that takes every input as it comes, and can be waited for. */
export class Reader implements Sitter {
  readonly inputs: string[] = []
  readonly happenings: InstanceHappening[] = []
  private sits: Seat | undefined
  private isClosed = false
  private readonly waiting: (() => void)[] = []

  /** On a connection that is there already. */
  static on(connection: Connection, options: ReaderOptions = {}): Reader {
    const reader = new Reader()
    return reader.sit(new Seat(connection, { fps: 100, app: 'test@1', ...options }, new Alarms(), reader))
  }

  static async to(url: string, options: ReaderOptions = {}): Promise<Reader> {
    const reader = new Reader()
    return reader.sit(await openSeat(url, { fps: 100, app: 'test@1', ...options }, dial, reader))
  }

  get seat(): Seat {
    if (this.sits === undefined) throw new Error('this reader has no seat yet')
    return this.sits
  }

  /** All that is not a tick. */
  get events(): string[] {
    return this.inputs.filter((each) => !each.includes(':0:'))
  }

  get ended(): string | undefined {
    for (const h of this.happenings) if (h.kind === 'ended') return h.code
    return undefined
  }

  get closedNow(): boolean {
    return this.isClosed
  }

  happened(happening: InstanceHappening): void {
    this.happenings.push(happening)
    this.look()
  }

  due(): void {
    for (let input = this.seat.take(); input !== undefined; input = this.seat.take())
      this.inputs.push(text(input))
    this.seat.awaitInput()
    this.look()
  }

  closed(): void {
    this.isClosed = true
    this.look()
  }

  /** Until something holds, whatever else the machine is busy with; an error if the connection ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.isClosed) throw new Error(`the reader has ended (${this.ended}) at ${this.inputs.at(-1)}`)
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  private sit(seat: Seat): this {
    this.sits = seat
    seat.awaitInput()
    return this
  }

  private look(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

/** Whether one is the beginning of the other. */
export const prefix = (a: readonly string[], b: readonly string[]): boolean => {
  const n = Math.min(a.length, b.length)
  return a.slice(0, n).join() === b.slice(0, n).join()
}
