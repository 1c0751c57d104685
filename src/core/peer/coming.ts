import type { Tick } from '../timeline/tick.ts'
import type { Folded } from './messages.ts'
import { Seen } from './seen.ts'

/** A snapshot on its way here, in parts that may come in any order. */
export class Coming {
  readonly tick: Tick
  readonly size: number
  readonly digest: number
  /** Which events are in it. */
  readonly seen = new Seen()
  /** Whether it is known which events are in it. */
  told = false
  /** Where the part begins that is asked for next. */
  asked = 0
  private readonly parts = new Map<number, Uint8Array>()
  private received = 0

  constructor({ tick, size, digest }: Folded) {
    this.tick = tick
    this.size = size
    this.digest = digest
  }

  isSame({ tick, size, digest }: Folded): boolean {
    return tick === this.tick && size === this.size && digest === this.digest
  }

  /** False if that part was not asked for. */
  put(offset: number, bytes: Uint8Array, partBytes: number): boolean {
    const length = Math.min(partBytes, this.size - offset)
    if (offset >= this.asked || offset % partBytes !== 0 || this.parts.has(offset)) return false
    if (bytes.length !== length) return false
    this.parts.set(offset, bytes)
    this.received += length
    return true
  }

  get isWhole(): boolean {
    return this.received === this.size
  }

  whole(): Uint8Array {
    const all = new Uint8Array(this.size)
    for (const [offset, part] of this.parts) all.set(part, offset)
    return all
  }
}
