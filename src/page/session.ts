import type { Input } from '../core/timeline/event.ts'
import type { Result } from '../transport/transport.ts'
import { dialBrowser } from '../transport/websocket-browser.ts'
import { Agreement, SIDES, type SideName } from './agreement.ts'
import { Door } from './door.ts'
import { RectInstance } from './instance.ts'
import { Naive } from './naive.ts'
import type { Place } from './place.ts'
import { KEYS, type Key, MOVED } from './rect.ts'
import { Traffic } from './traffic.ts'

/** What a session of the page tells whoever shows it. */
export interface SessionListener {
  /** An event has happened at one side. */
  happened(side: SideName, input: Input): void
  /** It is over, though nobody here wanted that. */
  ended(code: string, hint: string): void
}

interface Side {
  readonly instance: RectInstance
  readonly door: Door
}

/** How long whoever else takes part gets to hear where the session goes on. */
const MOVING_MS = 900

/** The server that the page came from. */
export const serverUrl = (): string => location.origin.replace(/^http/, 'ws')

/** Two instances in one session, each on a connection of its own, and two copies that have none. */
export class PageSession {
  readonly name: string
  readonly traffic = new Traffic()
  readonly naive: Naive
  readonly agreement = new Agreement()
  private readonly places: Readonly<Record<SideName, Place>>
  private readonly listener: SessionListener
  private readonly sides: Partial<Record<SideName, Side>> = {}
  private isOver = false

  constructor(name: string, places: Readonly<Record<SideName, Place>>, listener: SessionListener) {
    this.name = name
    this.places = places
    this.listener = listener
    this.naive = new Naive(places)
  }

  /** Connects both; false if that could not be done, which the listener has then been told. */
  async open(): Promise<boolean> {
    const dialled = await Promise.all(SIDES.map((side) => this.dial(side)))
    const failed = dialled.find((each) => !each.ok)
    if (failed !== undefined && !failed.ok) this.end(failed.failure.code, failed.failure.hint)
    return !this.isOver
  }

  get instances(): Readonly<Record<SideName, RectInstance>> | undefined {
    const { A, B } = this.sides
    return A && B ? { A: A.instance, B: B.instance } : undefined
  }

  get isRunning(): boolean {
    return SIDES.every((side) => this.sides[side]?.instance.isRunning === true)
  }

  pump(): void {
    for (const side of SIDES) this.sides[side]?.instance.pump()
    this.naive.run()
  }

  /** Somebody pressed a key at one side, with Sametick and without. */
  press(side: SideName, key: Key): boolean {
    const emitted = this.sides[side]?.instance.emit(KEYS[key]) === true
    if (emitted) this.naive.copies[side].press(key)
    return emitted
  }

  /** Nothing at this side gets any time from now on. */
  stop(side: SideName): void {
    this.naive.run()
    this.places[side].isStopped = true
    this.sides[side]?.door.hold()
  }

  go(side: SideName): void {
    this.naive.run()
    this.places[side].isStopped = false
    const { instance, door } = this.sides[side] ?? {}
    door?.release()
    instance?.seat.wake(this.places[side].clock.now())
    instance?.pump()
  }

  /** Leaves; whoever else takes part is told where the session goes on. */
  async close(next?: string): Promise<void> {
    this.isOver = true
    this.naive.close()
    if (next !== undefined && (this.sides.A?.instance.members ?? 0) > 2) {
      this.sides.A?.instance.emit(MOVED, new TextEncoder().encode(next))
      await new Promise((resolve) => setTimeout(resolve, MOVING_MS))
    }
    for (const side of SIDES) this.sides[side]?.instance.leave()
  }

  private async dial(side: SideName): Promise<Result<unknown>> {
    const dialled = await dialBrowser(serverUrl())
    if (!dialled.ok) return dialled
    if (this.isOver) {
      dialled.value.close()
      return dialled
    }
    const place = this.places[side]
    const watchers = this.traffic.watch(side, place, () => this.sides[side]?.instance.id ?? 0)
    const atSequencer = new Door(dialled.value, watchers.sequencer)
    const door = new Door(place.network.around(atSequencer), watchers.instance)
    if (place.isStopped) door.hold()
    const instance = new RectInstance(
      door,
      place,
      { session: this.name, letter: side },
      {
        took: (input) => this.took(side, input),
        ended: (code, hint) => this.end(code, hint),
      },
    )
    this.sides[side] = { instance, door }
    return dialled
  }

  private took(side: SideName, input: Input): void {
    const instance = this.sides[side]?.instance
    if (instance === undefined) return
    this.agreement.note(side, input, instance.rect)
    if (input.id === 0) return
    this.traffic.happened(side, input.source, input.number)
    this.listener.happened(side, input)
  }

  private end(code: string, hint: string): void {
    if (this.isOver) return
    this.isOver = true
    this.naive.close()
    for (const side of SIDES) this.sides[side]?.instance.leave()
    this.listener.ended(code, hint)
  }
}
