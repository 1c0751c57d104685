import type { Input } from '../core/timeline/event.ts'
import type { Tick } from '../core/timeline/tick.ts'
import { Reader, Writer } from '../core/wire/bytes.ts'

/** So many that were dropped at the beginning are carried along before the rest moves down. */
const DROPPED_MIN = 64
const BYTES_MIN = 1_024

const writer = new Writer()
const reader = new Reader()

/**
 * The events of a past in their order, packed one behind the other: ten bytes or so for a small one, where an
 * object with a payload of its own takes some two hundred. New ones come at the end, old ones go at the beginning,
 * and what has changed is cut off.
 */
export class PastEvents {
  /** For each event its tick, and where it begins. Those before `head` are dropped already. */
  private ticks: Tick[] = []
  private starts: number[] = []
  private head = 0
  private bytes = new Uint8Array(BYTES_MIN)
  private end = 0

  get size(): number {
    return this.ticks.length - this.head
  }

  /** How many bytes they have. */
  get length(): number {
    return this.end - this.startOf(this.head)
  }

  /** The next event: of the tick of the last one, or of a later tick. */
  add({ tick, id, source, payload }: Input): void {
    const packed = writer.reset().zigzag(id).varint(source).raw(payload).take()
    if (this.end + packed.length > this.bytes.length) this.resize(2 * (this.end + packed.length))
    this.ticks.push(tick)
    this.starts.push(this.end)
    this.bytes.set(packed, this.end)
    this.end += packed.length
  }

  /** Hand over the events of a tick. */
  each(tick: Tick, use: (event: Input) => void): void {
    for (let i = this.first(tick); this.ticks[i] === tick; i++) {
      reader.over(this.bytes.subarray(this.startOf(i), this.startOf(i + 1)))
      const id = reader.zigzag()
      const source = reader.varint()
      use({ tick, id, source, payload: reader.raw(reader.left), number: 0, seq: 0 })
    }
  }

  /** Nothing of this tick or after it has happened. */
  cut(tick: Tick): void {
    const from = this.first(tick)
    this.end = this.startOf(from)
    this.ticks.length = from
    this.starts.length = from
  }

  /** Nobody asks any more for this tick or one before it. */
  fold(tick: Tick): void {
    this.head = this.first(tick + 1)
    if (this.head < DROPPED_MIN || this.head < this.size) return
    const from = this.startOf(this.head)
    this.bytes.copyWithin(0, from, this.end)
    this.end -= from
    this.ticks = this.ticks.slice(this.head)
    this.starts = this.starts.slice(this.head).map((start) => start - from)
    this.head = 0
    if (8 * this.end < this.bytes.length) this.resize(Math.max(BYTES_MIN, 2 * this.end))
  }

  private startOf(i: number): number {
    return this.starts[i] ?? this.end
  }

  /** Where the events of this tick and later ones begin. */
  private first(tick: Tick): number {
    let low = this.head
    let high = this.ticks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.ticks[middle] as Tick) < tick) low = middle + 1
      else high = middle
    }
    return low
  }

  private resize(length: number): void {
    const { bytes } = this
    this.bytes = new Uint8Array(length)
    this.bytes.set(bytes.subarray(0, this.end))
  }
}
