import { crc32 as checksum, deflateSync } from 'node:zlib'

/** A picture of a screen: three bytes a pixel, row by row. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** Words of an XWD file's head that are needed, by their place. */
const HEAD = { size: 0, width: 4, height: 5, order: 7, bits: 11, line: 12, colours: 19 }
const COLOUR_BYTES = 12

/** Reads the screen of Xvfb as it lies in its file (`-fbdir`): XWD of 32 bits a pixel, blue first. */
export const readScreen = (file: Buffer): Picture => {
  const word = (at: number): number => file.readUInt32BE(4 * at)
  if (word(HEAD.bits) !== 32 || word(HEAD.order) !== 0) throw new Error('not a screen of this kind')
  const [width, height, line] = [word(HEAD.width), word(HEAD.height), word(HEAD.line)]
  const from = word(HEAD.size) + COLOUR_BYTES * word(HEAD.colours)
  const pixels = new Uint8Array(3 * width * height)
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 3) {
      const at = from + y * line + 4 * x
      pixels[to] = file[at + 2] as number
      pixels[to + 1] = file[at + 1] as number
      pixels[to + 2] = file[at] as number
    }
  return { width, height, pixels }
}

export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The smallest area that holds all pixels of a colour inside of another; undefined if there are none. */
export const areaOf = (
  { width, pixels }: Picture,
  [r, g, b]: readonly [number, number, number],
  inside: Area,
): Area | undefined => {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1, -1]
  for (let y = inside.y; y < inside.y + inside.height; y++)
    for (let x = inside.x; x < inside.x + inside.width; x++) {
      const at = 3 * (y * width + x)
      if (pixels[at] !== r || pixels[at + 1] !== g || pixels[at + 2] !== b) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  if (right < 0) return undefined
  return { x: left - inside.x, y: top - inside.y, width: right - left + 1, height: bottom - top + 1 }
}

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data])
  const whole = Buffer.alloc(body.length + 8)
  whole.writeUInt32BE(data.length, 0)
  whole.set(body, 4)
  whole.writeUInt32BE(checksum(body), body.length + 4)
  return whole
}

/** The picture as a PNG file. */
export const pngOf = ({ width, height, pixels }: Picture): Buffer => {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (3 * width + 1))
  for (let y = 0; y < height; y++)
    rows.set(pixels.subarray(3 * width * y, 3 * width * (y + 1)), y * (3 * width + 1) + 1)
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
