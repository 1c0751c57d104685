import { putU32, u32At } from '../core/wire/datagram.ts'
import { apart } from './link.ts'

/**
 * Messages in a stream of bytes. Each end first sends a greeting of nine bytes, the word `sametick` and a
 * version, 0 if it takes no more connections; then each message behind its length in four bytes, the low ones
 * first. A length of all ones is the goodbye: nothing follows, and whoever gets it says it too.
 */

const VERSION = 1
const WORD = new TextEncoder().encode('sametick')
const GREETING_BYTES = WORD.length + 1
/** Sent in place of a greeting by whoever is full. */
export const FULL: Uint8Array = Uint8Array.of(...WORD, 0)
const LENGTH_BYTES = 4
const GOODBYE = 0xffff_ffff

const SLAB_BYTES = 16_384
/** Longer messages are sent from where they lie. */
const COPIED_BYTES_MAX = 4_096

/** Gathers messages, so that all that is sent in one turn leaves with one call to the system. */
export class FrameWriter {
  private slab = new Uint8Array(SLAB_BYTES)
  private from = 0
  private end = 0
  private chunks: Uint8Array[] = []
  /** Bytes that were put and not taken. */
  waiting = 0

  greet(): void {
    this.putBytes(Uint8Array.of(...WORD, VERSION))
  }

  put(message: Uint8Array): void {
    const { length } = message
    this.putLength(length)
    if (length <= COPIED_BYTES_MAX) return this.putBytes(message)
    this.cut()
    this.chunks.push(message)
    this.waiting += length
  }

  goodbye(): void {
    this.putLength(GOODBYE)
  }

  /** What is to be written, in order. It is never written to again. */
  take(): readonly Uint8Array[] {
    this.cut()
    const { chunks } = this
    this.chunks = []
    this.waiting = 0
    return chunks
  }

  private putLength(length: number): void {
    this.room(LENGTH_BYTES)
    putU32(this.slab, this.end, length)
    this.end += LENGTH_BYTES
    this.waiting += LENGTH_BYTES
  }

  private putBytes(bytes: Uint8Array): void {
    const { length } = bytes
    this.room(length)
    const { slab, end } = this
    if (length < 32) for (let i = 0; i < length; i++) slab[end + i] = bytes[i] as number
    else slab.set(bytes, end)
    this.end += length
    this.waiting += length
  }

  private room(bytes: number): void {
    if (this.end + bytes <= SLAB_BYTES) return
    this.cut()
    this.slab = new Uint8Array(SLAB_BYTES)
    this.from = 0
    this.end = 0
  }

  private cut(): void {
    if (this.end > this.from) this.chunks.push(this.slab.subarray(this.from, this.end))
    this.from = this.end
  }
}

/** Who is told what a stream holds. */
export interface FrameSink {
  greeted(): void
  message(bytes: Uint8Array): void
}

/** What ended the reading: the goodbye, or that the other end is none of ours. */
export type FrameEnd = 'goodbye' | 'malformed' | 'version' | 'full' | 'stranger'

/** Reads a stream as it comes, in whatever pieces. No memory is taken for a message before its length is seen. */
export class FrameReader {
  private readonly sink: FrameSink
  private readonly bytesMax: number
  private state: 'greeting' | 'length' | 'message' | FrameEnd = 'greeting'
  /** A greeting or a length that came in part, and the message that is coming. */
  private readonly head = new Uint8Array(GREETING_BYTES)
  private message = this.head
  private filled = 0

  constructor(sink: FrameSink, bytesMax: number) {
    this.sink = sink
    this.bytesMax = bytesMax
  }

  /** Reads on; gives the reason once there is nothing more to read. */
  read(chunk: Uint8Array): FrameEnd | undefined {
    let at = 0
    for (;;) {
      switch (this.state) {
        case 'greeting':
          at = this.fill(this.head, GREETING_BYTES, chunk, at)
          if (!this.greets()) this.state = 'stranger'
          else if (this.filled < GREETING_BYTES) return undefined
          else this.greeted()
          break
        case 'length':
          if (this.filled === 0 && at + LENGTH_BYTES <= chunk.length) {
            at = this.begin(u32At(chunk, at), chunk, at + LENGTH_BYTES)
            break
          }
          at = this.fill(this.head, LENGTH_BYTES, chunk, at)
          if (this.filled < LENGTH_BYTES) return undefined
          at = this.begin(u32At(this.head, 0), chunk, at)
          break
        case 'message':
          at = this.fill(this.message, this.message.length, chunk, at)
          if (this.filled < this.message.length) return undefined
          this.filled = 0
          this.state = 'length'
          this.sink.message(this.message)
          break
        default:
          return this.state
      }
    }
  }

  /** Whether what has come of the greeting begins with the word. */
  private greets(): boolean {
    const count = Math.min(this.filled, WORD.length)
    for (let i = 0; i < count; i++) if (this.head[i] !== WORD[i]) return false
    return true
  }

  private greeted(): void {
    const version = this.head[WORD.length]
    this.filled = 0
    if (version !== VERSION) {
      this.state = version === 0 ? 'full' : 'version'
      return
    }
    this.state = 'length'
    this.sink.greeted()
  }

  /** A length came: takes the message at once if all of it is there. Gives where the rest begins. */
  private begin(length: number, chunk: Uint8Array, at: number): number {
    this.filled = 0
    if (length > this.bytesMax) {
      this.state = length === GOODBYE ? 'goodbye' : 'malformed'
      return at
    }
    if (length <= chunk.length - at) {
      this.state = 'length'
      this.sink.message(apart(new Uint8Array(chunk.buffer, chunk.byteOffset + at, length)))
      return at + length
    }
    this.state = 'message'
    this.message = new Uint8Array(length)
    return at
  }

  private fill(into: Uint8Array, size: number, chunk: Uint8Array, at: number): number {
    const part = Math.min(size - this.filled, chunk.length - at)
    into.set(chunk.subarray(at, at + part), this.filled)
    this.filled += part
    return at + part
  }
}
