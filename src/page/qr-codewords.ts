/** The bytes of a QR code: the text, padding, and what corrects errors. Level M only. */

/** By version: correcting codewords in a block, blocks, and how many bytes of data the code holds in all. */
const VERSIONS: readonly (readonly [correcting: number, blocks: number, data: number])[] = [
  [0, 0, 0],
  [10, 1, 16],
  [16, 1, 28],
  [26, 1, 44],
  [18, 2, 64],
  [24, 2, 86],
  [16, 4, 108],
  [18, 4, 124],
  [22, 4, 154],
  [22, 5, 182],
  [26, 5, 216],
]

const BYTE_MODE = 0b0100

/** The least version that holds these bytes, and its codewords in the order in which they are laid out. */
export const codewordsOf = (
  bytes: Uint8Array,
): { readonly version: number; readonly codewords: Uint8Array } | undefined => {
  const version = VERSIONS.findIndex(([, , data], i) => bytes.length + overhead(i) <= data)
  const layout = VERSIONS[version]
  if (version < 1 || layout === undefined) return undefined
  const [correcting, count, size] = layout
  const data = padded(bytes, version, size)
  // The first blocks are one byte shorter if they do not come out even.
  const short = Math.floor(size / count)
  const longer = size % count
  const blocks: Uint8Array[] = []
  for (let i = 0, at = 0; i < count; i++) {
    const length = i < count - longer ? short : short + 1
    blocks.push(data.subarray(at, at + length))
    at += length
  }
  const corrections = blocks.map((block) => correctionOf(block, correcting))
  return { version, codewords: Uint8Array.from([...woven(blocks), ...woven(corrections)]) }
}

/** Mode and length, in whole bytes: half a byte and one or two, and the end's half byte. */
const overhead = (version: number): number => (version < 10 ? 2 : 3)

const padded = (bytes: Uint8Array, version: number, size: number): Uint8Array => {
  const data = new Uint8Array(size)
  let bit = 0
  const put = (value: number, width: number) => {
    for (let i = width - 1; i >= 0; i--, bit++)
      data[bit >> 3] = (data[bit >> 3] as number) | (((value >> i) & 1) << (7 - (bit & 7)))
  }
  put(BYTE_MODE, 4)
  put(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) put(byte, 8)
  const end = Math.ceil((bit + 4) / 8)
  for (let i = end; i < size; i++) data[i] = (i - end) % 2 === 0 ? 0xec : 0x11
  return data
}

/** The first byte of each block, the second of each, and so on. */
const woven = (blocks: readonly Uint8Array[]): number[] => {
  const longest = Math.max(...blocks.map((block) => block.length))
  return Array.from({ length: longest }, (_, i) => blocks.flatMap((block) => block[i] ?? [])).flat()
}

/** Reed and Solomon's, over the field of 256 elements of x^8 + x^4 + x^3 + x^2 + 1. */
const correctionOf = (block: Uint8Array, length: number): Uint8Array => {
  const divisor = generator(length)
  const rest = new Uint8Array(length)
  for (const byte of block) {
    const factor = byte ^ (rest[0] as number)
    rest.copyWithin(0, 1)
    rest[length - 1] = 0
    for (let i = 0; i < length; i++) rest[i] = (rest[i] as number) ^ times(divisor[i] as number, factor)
  }
  return rest
}

/** The product of (x - 2^i), without its first coefficient, which is 1. */
const generator = (degree: number): Uint8Array => {
  const result = new Uint8Array(degree)
  result[degree - 1] = 1
  for (let i = 0, root = 1; i < degree; i++, root = times(root, 2))
    for (let j = 0; j < degree; j++)
      result[j] = times(result[j] as number, root) ^ (j + 1 < degree ? (result[j + 1] as number) : 0)
  return result
}

const times = (a: number, b: number): number => {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    product ^= ((b >> bit) & 1) * a
  }
  return product
}
