import { codewordsOf } from './qr-codewords.ts'

/**
 * QR codes (ISO/IEC 18004) of bytes: error correction level M, versions 1 to 10, which is up to 213 bytes.
 * A module is dark if its value is true.
 */

export type Matrix = readonly (readonly boolean[])[]

/** Row by row, without the quiet zone; undefined if the text is too long. The mask is the best, or the one given. */
export const qrCode = (text: string, mask?: number): Matrix | undefined => {
  const encoded = codewordsOf(new TextEncoder().encode(text))
  if (encoded === undefined) return undefined
  const frame = new Frame(encoded.version)
  frame.fill(encoded.codewords)
  if (mask !== undefined) return frame.masked(mask)
  let best = frame.masked(0)
  for (let i = 1; i < MASKS.length; i++) {
    const masked = frame.masked(i)
    if (penalty(masked) < penalty(best)) best = masked
  }
  return best
}

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_r, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

/** Where the centres of the small squares are, by version. */
const ALIGNMENT: readonly (readonly number[])[] = [
  [],
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
]

/** Level M, in the bits that say so. */
const LEVEL_M = 0b00

/** A code that is being laid out: what is fixed in it, and the bits that are not masked yet. */
class Frame {
  private readonly size: number
  private readonly version: number
  private readonly dark: boolean[][]
  /** Modules that hold no data: patterns, format and version. */
  private readonly fixed: boolean[][]

  constructor(version: number) {
    this.version = version
    this.size = 17 + 4 * version
    this.dark = grid(this.size)
    this.fixed = grid(this.size)
    this.patterns()
    this.versionBits()
    this.formatBits(0)
  }

  /** Upwards and downwards in columns of two, from the right, around what is fixed. */
  fill(codewords: Uint8Array): void {
    const { size } = this
    let bit = 0
    let isUpward = true
    for (let right = size - 1; right > 0; right -= 2) {
      // The column of the timing pattern is passed over.
      if (right === 6) right--
      for (let i = 0; i < size; i++) {
        const row = isUpward ? size - 1 - i : i
        for (const column of [right, right - 1]) {
          if (this.fixed[row]?.[column]) continue
          const byte = codewords[bit >> 3] ?? 0
          this.put(row, column, ((byte >> (7 - (bit & 7))) & 1) === 1, false)
          bit++
        }
      }
      isUpward = !isUpward
    }
  }

  masked(mask: number): Matrix {
    this.formatBits(mask)
    const flips = MASKS[mask] as (row: number, column: number) => boolean
    return this.dark.map((modules, row) =>
      modules.map((dark, column) => (this.fixed[row]?.[column] ? dark : dark !== flips(row, column))),
    )
  }

  private put(row: number, column: number, dark: boolean, fixed = true): void {
    const [modules, fixes] = [this.dark[row], this.fixed[row]]
    if (modules === undefined || fixes === undefined || column < 0 || column >= this.size) return
    modules[column] = dark
    if (fixed) fixes[column] = true
  }

  private patterns(): void {
    const { size, version } = this
    for (let i = 0; i < size; i++) {
      this.put(6, i, i % 2 === 0)
      this.put(i, 6, i % 2 === 0)
    }
    for (const [row, column] of [
      [3, 3],
      [3, size - 4],
      [size - 4, 3],
    ] as const)
      this.square(row, column, 4, (ring) => ring !== 2 && ring !== 4)
    const centres = ALIGNMENT[version] ?? []
    const last = centres.length - 1
    for (const [i, row] of centres.entries())
      for (const [j, column] of centres.entries()) {
        const isCorner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)
        if (!isCorner) this.square(row, column, 2, (ring) => ring !== 1)
      }
  }

  private square(row: number, column: number, reach: number, isDark: (ring: number) => boolean): void {
    for (let r = -reach; r <= reach; r++)
      for (let c = -reach; c <= reach; c++)
        this.put(row + r, column + c, isDark(Math.max(Math.abs(r), Math.abs(c))))
  }

  private formatBits(mask: number): void {
    const { size } = this
    const data = (LEVEL_M << 3) | mask
    const bits = ((data << 10) | remainder(data << 10, 0x537, 10)) ^ 0x5412
    for (let i = 0; i < 15; i++) {
      const dark = ((bits >> i) & 1) === 1
      // Around the first corner, past the timing patterns, and once more at the two others.
      if (i < 6) this.put(i, 8, dark)
      else if (i < 8) this.put(i + 1, 8, dark)
      else if (i < 9) this.put(8, 7, dark)
      else this.put(8, 14 - i, dark)
      if (i < 8) this.put(8, size - 1 - i, dark)
      else this.put(size - 15 + i, 8, dark)
    }
    this.put(size - 8, 8, true)
  }

  private versionBits(): void {
    const { version, size } = this
    if (version < 7) return
    const bits = (version << 12) | remainder(version << 12, 0x1f25, 12)
    for (let i = 0; i < 18; i++) {
      const dark = ((bits >> i) & 1) === 1
      const [far, near] = [size - 11 + (i % 3), Math.floor(i / 3)]
      this.put(far, near, dark)
      this.put(near, far, dark)
    }
  }
}

const grid = (size: number): boolean[][] => Array.from({ length: size }, () => new Array(size).fill(false))

/** What is left of a polynomial over two elements. */
const remainder = (value: number, divisor: number, degree: number): number => {
  let rest = value
  for (let bit = 31 - Math.clz32(rest); rest >= 1 << degree; bit = 31 - Math.clz32(rest))
    rest ^= divisor << (bit - degree)
  return rest
}

/** How hard a code is to read. */
const penalty = (matrix: Matrix): number => {
  const columns = matrix.map((_, i) => matrix.map((row) => row[i] === true))
  let sum = 0
  for (const line of [...matrix, ...columns]) sum += runs(line) + lookalikes(line)
  for (let r = 1; r < matrix.length; r++)
    for (let c = 1; c < matrix.length; c++) {
      const dark = matrix[r]?.[c]
      if (dark === matrix[r - 1]?.[c] && dark === matrix[r]?.[c - 1] && dark === matrix[r - 1]?.[c - 1])
        sum += 3
    }
  const dark = matrix.reduce((total, row) => total + row.filter(Boolean).length, 0)
  const share = (dark * 100) / matrix.length ** 2
  return sum + 10 * Math.floor(Math.abs(share - 50) / 5)
}

/** Five and more alike in a row. */
const runs = (line: readonly boolean[]): number => {
  let sum = 0
  let length = 0
  for (let i = 0; i <= line.length; i++) {
    if (i > 0 && i < line.length && line[i] === line[i - 1]) {
      length++
      continue
    }
    if (length >= 5) sum += length - 2
    length = 1
  }
  return sum
}

/** What looks like a corner's square, with light beside it. */
const lookalikes = (line: readonly boolean[]): number => {
  const text = line.map((dark) => (dark ? '1' : '0')).join('')
  return 40 * [...text.matchAll(/(?=00001011101|10111010000)/g)].length
}
