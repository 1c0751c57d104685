import { type Input, RESERVED, type ReservedName, TICK } from '../core/timeline/event.ts'
import { nowAt } from '../core/timeline/tick.ts'
import type { Player } from './app.ts'
import { accepts, type EventKind, type Events, INPUT_ID } from './event.ts'
import type { LinkInput } from './link.ts'
import { decodePayload } from './payload.ts'

const RESERVED_NAMES = new Map(
  (Object.entries(RESERVED) as [ReservedName, number][]).map(([name, id]) => [id, name]),
)

/** Turns inputs into what a reader sees: with their names, their players and what they carry. */
export class Shown<E extends Events> {
  private readonly fps: number
  private readonly known = new Map<number, { readonly name: string; readonly check: EventKind['check'] }>()

  constructor(fps: number, events: E) {
    this.fps = fps
    for (const [name, { id, check }] of Object.entries(events)) this.known.set(id, { name, check })
  }

  /** Undefined for what is void, and for held inputs, which a step asks for. */
  of({ tick, id, payload: bytes }: Input, player: Player | undefined): LinkInput<E> | undefined {
    const base = { tick, now: nowAt(tick, this.fps), id, bytes }
    if (id === TICK) return { ...base, name: 'tick', player: undefined, payload: undefined }
    if (id === INPUT_ID) return undefined
    if (id < 0) {
      const name = RESERVED_NAMES.get(id)
      // Of one who looks on nobody hears. The end is everybody's, whoever asked for it.
      if (!name || (!player && id !== RESERVED.end)) return undefined
      return { ...base, name, player, payload: undefined }
    }
    const known = this.known.get(id)
    const payload = decodePayload(bytes)
    if (!known) return { ...base, name: undefined, player, payload: payload?.value }
    if (!player || !payload || !accepts(known.check, payload.value)) return undefined
    return { ...base, name: known.name, player, payload: payload.value } as LinkInput<E>
  }
}
