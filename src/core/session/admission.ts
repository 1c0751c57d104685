import type { RefusalCode } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Ledger } from './ledger.ts'
import type { Hello } from './messages.ts'
import type { SequencerOptions } from './options.ts'

export interface Refusal {
  readonly code: RefusalCode
  readonly hint: string
}

/** Who may take part: what the first one says, or the options, all others must say as well. */
export class Admission {
  fps: number
  app: string | undefined
  /** For how many the start waits; below 0 while nobody has said. */
  private need: number
  private readonly most: number
  private readonly ledger: Ledger
  private readonly limits: Limits

  constructor(ledger: Ledger, options: SequencerOptions, limits: Limits) {
    this.ledger = ledger
    this.limits = limits
    this.fps = options.fps ?? 0
    this.app = options.app
    this.need = options.instances ?? -1
    this.most = Math.min(options.members ?? limits.members_max, limits.members_max)
  }

  /** The number of members at which the session starts. */
  get size(): number {
    return Math.max(1, this.need)
  }

  get full(): boolean {
    return this.ledger.members.size >= this.size
  }

  /** The first one fixes what the options have left open. */
  settle(hello: Hello): void {
    if (this.fps === 0) this.fps = hello.fps
    this.app ??= hello.app
    if (this.need < 0) this.need = hello.instances
  }

  /** Why this one may not take part, if so. */
  refusal(hello: Hello, started: boolean): Refusal | undefined {
    const { app, fps, limits } = this
    if (hello.fps < 1 || hello.fps > limits.fps_max)
      return { code: 'bad_request', hint: `FPS from 1 to ${limits.fps_max}` }
    if (fps !== 0 && hello.fps !== fps) return { code: 'fps_differs', hint: `${fps}` }
    if (app !== undefined && hello.app !== app) return { code: 'app_differs', hint: app }
    // It would wait for more than may come.
    if (this.need < 0 && hello.instances > this.most) return { code: 'session_full', hint: `${this.most}` }
    const room = this.need > 0 && !started ? Math.min(this.most, this.need) : this.most
    if (this.ledger.members.size >= room) return { code: 'session_full', hint: `${room}` }
    return undefined
  }

  freeSlot(): number {
    const taken = new Set<number>()
    for (const member of this.ledger.members.values()) taken.add(member.slot)
    let slot = 0
    while (taken.has(slot)) slot++
    return slot
  }
}
