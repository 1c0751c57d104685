import type { InstanceId, Micros, Tick } from '../timeline/tick.ts'
import { EMPTY } from '../wire/bytes.ts'
import type { PeerEvent } from './messages.ts'

const SLAB_BYTES = 8_192
/** A longer payload stays where it is: beside it a view is little. */
const SHARED_BYTES_MAX = 512

/**
 * An event as it is held for long: a view of its bytes is made when somebody asks. A view takes more memory than all
 * the rest of a small event.
 */
class HeldEvent implements PeerEvent {
  readonly stamp: Tick
  readonly source: InstanceId
  readonly number: number
  readonly lead: Micros
  readonly id: number
  private readonly slab: Uint8Array
  private readonly from: number
  private readonly length: number

  constructor(
    { stamp, source, number, lead, id }: PeerEvent,
    slab: Uint8Array,
    from: number,
    length: number,
  ) {
    this.stamp = stamp
    this.source = source
    this.number = number
    this.lead = lead
    this.id = id
    this.slab = slab
    this.from = from
    this.length = length
  }

  /** Nobody hands out sequence numbers among peers. */
  get seq(): number {
    return 0
  }

  get payload(): Uint8Array {
    return this.length === 0 ? EMPTY : this.slab.subarray(this.from, this.from + this.length)
  }
}

/** Where events are put that are kept: short payloads lie together, and not in the messages that brought them. */
export class Shelf {
  private slab = EMPTY
  private end = 0

  put(event: PeerEvent): PeerEvent {
    const { payload } = event
    const { length } = payload
    if (length > SHARED_BYTES_MAX || event instanceof HeldEvent) return event
    if (this.end + length > this.slab.length) {
      this.slab = new Uint8Array(SLAB_BYTES)
      this.end = 0
    }
    this.slab.set(payload, this.end)
    const held = new HeldEvent(event, this.slab, this.end, length)
    this.end += length
    return held
  }
}
