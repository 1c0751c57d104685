/** Something that is given bytes of anybody's and must bear them. */
export interface Target {
  readonly name: string
  /** Where the search begins: inputs that go far. */
  readonly seeds: () => readonly Uint8Array[]
  /** Throws if the bytes were not borne. It keeps nothing from one input to the next. */
  readonly run: (bytes: Uint8Array) => void
}

/** Reads an input as a list of deeds: what is missing is nought. */
export class Script {
  private at = 0
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get isOver(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0
  }

  /** As many bytes as the next one says, or as are left. */
  block(): Uint8Array {
    const length = this.byte()
    const block = this.bytes.slice(this.at, this.at + length)
    this.at += length
    return block
  }
}

/** A deed as bytes: what it is, and a block of its own. */
export const deed = (what: number, block: Uint8Array): Uint8Array => {
  const short = block.subarray(0, 255)
  return Uint8Array.of(what, short.length, ...short)
}

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

export const areSame = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
