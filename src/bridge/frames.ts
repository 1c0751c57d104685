/** Cuts a stream into messages, each with its length in four bytes before it. */
export class Frames {
  /** Bytes in a message. */
  most: number
  /** Bytes that came and are no part of a message that was taken. */
  waiting = 0
  private chunks: Buffer[] = []
  /** Fewer bytes than this need not be looked at. */
  private wanted = HEAD_BYTES

  constructor(most: number) {
    this.most = most
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.chunks.push(chunk)
    this.waiting += chunk.length
  }

  /** The next whole message; undefined if it has not come yet, 'malformed' if it is empty or too long. */
  next(): Buffer | 'malformed' | undefined {
    if (this.waiting < this.wanted) return undefined
    const bytes = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks)
    const length = bytes.readUInt32BE(0)
    if (length < 1 || length > this.most) return 'malformed'
    const end = HEAD_BYTES + length
    const whole = bytes.length >= end
    const rest = whole ? bytes.subarray(end) : bytes
    this.chunks = rest.length === 0 ? [] : [rest]
    this.waiting = rest.length
    this.wanted = whole ? HEAD_BYTES : end
    return whole ? bytes.subarray(HEAD_BYTES, end) : undefined
  }
}

const HEAD_BYTES = 4
