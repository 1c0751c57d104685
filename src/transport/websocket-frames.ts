import type { Duplex } from 'node:stream'

/**
 * What a server writes on a WebSocket: its frames bear no mask, so a message that goes to many is one and the
 * same frame for all of them, laid out once. Each socket gets what was sent to it in one turn with one write.
 */

/** A final frame of bytes. */
const BINARY = 0x82
const LENGTH_16 = 126
const LENGTH_64 = 127
/** Several frames up to this size are put together; longer ones are written from where they lie. */
const JOINED_BYTES_MAX = 4_096

let lastMessage: Uint8Array | undefined
let lastFrame: Uint8Array = new Uint8Array(0)

const frameOf = (message: Uint8Array): Uint8Array => {
  if (message === lastMessage) return lastFrame
  const { length } = message
  const head = length < LENGTH_16 ? 2 : length < 0x1_0000 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = BINARY
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = LENGTH_16
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = LENGTH_64
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.set(message, head)
  lastMessage = message
  lastFrame = frame
  return frame
}

/** Those that have something to write at the end of this turn. */
let touched: FrameQueue[] = []

const flushTouched = (): void => {
  const all = touched
  touched = []
  for (const queue of all) queue.flush()
  lastMessage = undefined
}

/** The messages of one turn on their way to one socket. */
export class FrameQueue {
  /** Bytes that were put and are not yet written. */
  waiting = 0
  private frames: Uint8Array[] = []
  private readonly socket: Duplex
  private readonly isOpen: () => boolean

  constructor(socket: Duplex, isOpen: () => boolean) {
    this.socket = socket
    this.isOpen = isOpen
  }

  put(message: Uint8Array): void {
    const frame = frameOf(message)
    this.waiting += frame.length
    if (this.frames.push(frame) === 1 && touched.push(this) === 1) process.nextTick(flushTouched)
  }

  flush(): void {
    const { frames, waiting, socket } = this
    if (frames.length === 0) return
    this.frames = []
    this.waiting = 0
    // Nothing may follow the frame that closes.
    if (!this.isOpen() || !socket.writable) return
    if (frames.length === 1) socket.write(frames[0])
    else if (waiting <= JOINED_BYTES_MAX) socket.write(Buffer.concat(frames, waiting))
    else {
      socket.cork()
      for (const frame of frames) socket.write(frame)
      socket.uncork()
    }
  }

  /** What is not written will not be. */
  drop(): void {
    this.frames = []
    this.waiting = 0
  }
}
