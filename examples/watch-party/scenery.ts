import { HEIGHT, WIDTH } from './size.ts'

/** What there is to be seen in the clip. Everything follows from the frame. */

type Pen = CanvasRenderingContext2D

/** A number from 0 to 1 that belongs to a number. */
const chance = (n: number): number => {
  const x = Math.sin(n * 127.1 + 11.7) * 43_758.545
  return x - Math.floor(x)
}

const disc = (pen: Pen, x: number, y: number, reach: number): void => {
  pen.beginPath()
  pen.arc(x, y, Math.max(0, reach), 0, 2 * Math.PI)
  pen.fill()
}

const glow = (pen: Pen, x: number, y: number, reach: number, inner: string, outer: string): void => {
  const light = pen.createRadialGradient(x, y, 0, x, y, reach)
  light.addColorStop(0, inner)
  light.addColorStop(1, outer)
  pen.fillStyle = light
  pen.fillRect(x - reach, y - reach, 2 * reach, 2 * reach)
}

export const stars = (pen: Pen, frame: number, night: number, shore: number): void => {
  if (night < 0.05) return
  pen.fillStyle = '#ffffff'
  for (let i = 0; i < 170; i++) {
    const twinkle = 0.65 + 0.35 * Math.sin(frame * 0.09 + i * 1.7)
    pen.globalAlpha = night * twinkle * (0.25 + 0.75 * chance(i + 0.5))
    disc(pen, chance(i) * WIDTH, chance(i + 400) * shore * 0.95, 0.6 + 1.3 * chance(i + 800) ** 3)
  }
  pen.globalAlpha = 1
}

/** Returns how much it shines. */
export const sun = (pen: Pen, x: number, y: number, day: number): number => {
  if (day > 0.7) return 0
  const low = Math.min(1, Math.max(0, (y - 120) / 330))
  glow(
    pen,
    x,
    y,
    420,
    `rgb(255 ${Math.round(226 - 70 * low)} ${Math.round(190 - 90 * low)} / 0.6)`,
    '#ffd9a000',
  )
  pen.fillStyle = `rgb(255 ${Math.round(248 - 60 * low)} ${Math.round(226 - 110 * low)})`
  disc(pen, x, y, 40 + 14 * low)
  return Math.min(1, Math.max(0, (520 - y) / 120))
}

export const moon = (pen: Pen, x: number, y: number, night: number): void => {
  if (night < 0.4) return
  glow(pen, x, y, 210, `rgb(200 216 255 / ${(0.34 * night).toFixed(3)})`, '#c8d8ff00')
  pen.globalAlpha = night
  pen.fillStyle = '#f0f3ff'
  pen.beginPath()
  pen.arc(x, y, 30, 0.35 * Math.PI, 1.45 * Math.PI)
  pen.arc(x + 15, y - 6, 28, 1.34 * Math.PI, 0.5 * Math.PI, true)
  pen.fill()
  pen.globalAlpha = 1
}

export const clouds = (pen: Pen, frame: number, colour: string, alpha: number): void => {
  pen.fillStyle = colour
  for (let i = 0; i < 7; i++) {
    const speed = 0.25 + 0.35 * chance(i + 20)
    const x = ((chance(i + 30) * 1_700 + frame * speed) % 1_700) - 210
    const y = 60 + 230 * chance(i + 40)
    const size = 0.6 + 0.9 * chance(i + 50)
    pen.globalAlpha = alpha * (0.35 + 0.5 * chance(i + 60))
    pen.beginPath()
    for (const [dx, dy, rx, ry] of [
      [0, 0, 96, 20],
      [-42, -14, 40, 22],
      [14, -24, 52, 30],
      [58, -10, 38, 18],
    ] as const) {
      pen.moveTo(x + (dx + rx) * size, y + dy * size)
      pen.ellipse(x + dx * size, y + dy * size, rx * size, ry * size, 0, 0, 2 * Math.PI)
    }
    pen.fill()
  }
  pen.globalAlpha = 1
}

/** A flock that passes in the morning, and comes back in the afternoon. */
export const birds = (pen: Pen, frame: number, colour: string): void => {
  const [from, way] = frame < 700 ? [200, 1] : [780, -1]
  const gone = (frame - from) * 3.4
  if (gone < 0 || gone > 1_600) return
  pen.strokeStyle = colour
  pen.lineWidth = 2.5
  pen.lineCap = 'round'
  for (let i = 0; i < 9; i++) {
    const row = Math.ceil(i / 2)
    const x = (way > 0 ? gone - 160 : WIDTH + 160 - gone) - way * row * 34
    const y = 190 + (i % 2 === 0 ? 1 : -1) * row * 15 + 14 * Math.sin(frame * 0.03)
    const flap = 7 * Math.sin(frame * 0.42 + i * 1.1)
    pen.beginPath()
    pen.moveTo(x - 13, y - flap)
    pen.quadraticCurveTo(x - 5, y - 4, x, y)
    pen.quadraticCurveTo(x + 5, y - 4, x + 13, y - flap)
    pen.stroke()
  }
}

export const ridge = (pen: Pen, shore: number, height: number, row: number, colour: string): void => {
  pen.fillStyle = colour
  pen.beginPath()
  pen.moveTo(0, shore)
  for (let x = 0; x <= WIDTH; x += 8) {
    const wave =
      0.5 * Math.sin(x * 0.0051 + row * 2.1) +
      0.3 * Math.sin(x * 0.0137 + row * 4.7) +
      0.14 * Math.sin(x * 0.037 + row) +
      0.06 * Math.sin(x * 0.11 + row * 3)
    pen.lineTo(x, shore - height * Math.max(0.04, 0.52 + 0.5 * wave))
  }
  pen.lineTo(WIDTH, shore)
  pen.fill()
}

export const lighthouse = (pen: Pen, frame: number, shore: number, night: number, colour: string): void => {
  const [x, top] = [1_092, shore - 118]
  pen.fillStyle = colour
  pen.beginPath()
  pen.ellipse(x + 30, shore + 2, 128, 26, 0, Math.PI, 2 * Math.PI)
  pen.moveTo(x - 13, shore - 18)
  pen.lineTo(x - 8, top)
  pen.lineTo(x + 8, top)
  pen.lineTo(x + 13, shore - 18)
  pen.rect(x - 11, top - 4, 22, 5)
  pen.rect(x - 7, top - 18, 14, 15)
  pen.moveTo(x - 10, top - 17)
  pen.lineTo(x, top - 28)
  pen.lineTo(x + 10, top - 17)
  pen.fill()
  if (night < 0.1) return
  // The beam goes round once in four seconds: seen from here it is long at the sides.
  const turn = Math.cos((frame / 120) * 2 * Math.PI)
  const reach = 900 * turn
  const beam = pen.createLinearGradient(x, top, x + reach, top)
  beam.addColorStop(0, `rgb(255 240 200 / ${(0.5 * night).toFixed(3)})`)
  beam.addColorStop(1, '#fff0c800')
  pen.fillStyle = beam
  pen.beginPath()
  pen.moveTo(x, top - 10)
  pen.lineTo(x + reach, top - 10 - 60 * Math.abs(turn))
  pen.lineTo(x + reach, top - 10 + 60 * Math.abs(turn))
  pen.fill()
  glow(pen, x, top - 10, 46, `rgb(255 240 200 / ${(0.95 * night).toFixed(3)})`, '#fff0c800')
}

export interface Water {
  readonly near: string
  readonly far: string
  /** Where the light stands above it, how strong it is, and its colour. */
  readonly glitter: number
  readonly strength: number
  readonly colour: string
}

export const water = (pen: Pen, frame: number, shore: number, w: Water): void => {
  const deep = pen.createLinearGradient(0, shore, 0, HEIGHT)
  deep.addColorStop(0, w.far)
  deep.addColorStop(1, w.near)
  pen.fillStyle = deep
  pen.fillRect(0, shore, WIDTH, HEIGHT - shore)
  for (let i = 0; i < 150; i++) {
    const depth = chance(i + 1_000) ** 1.6
    const y = shore + 4 + depth * (HEIGHT - shore - 6)
    const drift = (chance(i + 1_200) * WIDTH + frame * (0.2 + depth)) % WIDTH
    const swell = Math.sin(frame * 0.07 + i * 2.3)
    pen.globalAlpha = 0.05 + 0.1 * Math.max(0, swell)
    pen.fillStyle = '#ffffff'
    pen.fillRect(drift, y, 16 + 70 * depth, 1 + 1.6 * depth)
    // The way that the light draws over the water to who looks.
    const spread = 26 + 150 * depth
    pen.globalAlpha = w.strength * (0.18 + 0.6 * Math.max(0, swell)) * (1 - 0.4 * depth)
    pen.fillStyle = w.colour
    const x = w.glitter + (chance(i + 1_400) - 0.5) * spread + 6 * swell
    pen.fillRect(x - 6 - 14 * depth, y, 12 + 28 * depth, 1.2 + 2 * depth)
  }
  pen.globalAlpha = 1
}

export const boat = (pen: Pen, frame: number, shore: number, night: number, colour: string): void => {
  const x = -120 + frame * 0.74
  const y = shore + 96 + 4 * Math.sin(frame * 0.06)
  pen.save()
  pen.translate(x, y)
  pen.rotate(0.035 * Math.sin(frame * 0.06 + 1))
  pen.fillStyle = '#00000026'
  pen.beginPath()
  pen.ellipse(4, 20, 72, 6, 0, 0, 2 * Math.PI)
  pen.fill()
  pen.fillStyle = colour
  pen.beginPath()
  pen.moveTo(-58, 0)
  pen.quadraticCurveTo(-44, 20, -16, 20)
  pen.lineTo(30, 20)
  pen.quadraticCurveTo(54, 18, 64, -2)
  pen.fill()
  pen.fillRect(-2, -108, 4, 110)
  pen.fillStyle = night > 0.5 ? '#8f9cc4' : '#fdf6ea'
  pen.globalAlpha = 0.94
  pen.beginPath()
  pen.moveTo(6, -104)
  pen.quadraticCurveTo(64, -50, 54, -10)
  pen.lineTo(6, -10)
  pen.fill()
  pen.globalAlpha = 0.8
  pen.beginPath()
  pen.moveTo(-6, -98)
  pen.quadraticCurveTo(-42, -44, -50, -10)
  pen.lineTo(-6, -10)
  pen.fill()
  pen.globalAlpha = 1
  if (night > 0.1) glow(pen, -52, -12, 34, `rgb(255 205 130 / ${(0.9 * night).toFixed(3)})`, '#ffcd8200')
  pen.restore()
}

const FIREWORKS_FROM = 1_500
const FLIGHT = 34
const BURN = 66
const HUES = [44, 200, 340, 128, 275, 18] as const

/** Rockets that rise and burst; below the shore, what the water shows of them. */
export const fireworks = (pen: Pen, frame: number, shore: number, isMirrored = false): void => {
  if (frame < FIREWORKS_FROM) return
  pen.save()
  pen.globalCompositeOperation = 'lighter'
  if (isMirrored) {
    pen.beginPath()
    pen.rect(0, shore, WIDTH, HEIGHT - shore)
    pen.clip()
    pen.translate(0, 2 * shore)
    pen.scale(1, -1)
  }
  const dim = isMirrored ? 0.35 : 1
  for (let i = 0; i < 26; i++) {
    const age = frame - FIREWORKS_FROM - 8 - i * 9
    if (age < 0 || age > FLIGHT + BURN) continue
    const [x, top] = [230 + 820 * chance(i + 2_000), 90 + 170 * chance(i + 2_100)]
    const hue = HUES[i % HUES.length] as number
    if (age < FLIGHT) {
      const share = age / FLIGHT
      pen.globalAlpha = dim
      pen.fillStyle = '#ffe7b8'
      disc(pen, x, shore - (shore - top) * (1 - (1 - share) ** 2), 2.4)
      continue
    }
    const share = (age - FLIGHT) / BURN
    const reach = (110 + 60 * chance(i + 2_200)) * (1 - (1 - share) ** 3)
    if (share < 0.12)
      glow(pen, x, top, 240, `hsl(${hue} 100% 80% / ${(0.5 * dim * (1 - share / 0.12)).toFixed(3)})`, '#0000')
    pen.strokeStyle = `hsl(${hue} 100% ${Math.round(72 - 18 * share)}%)`
    pen.lineCap = 'round'
    for (let j = 0; j < 64; j++) {
      const angle = j * 2.399_963
      const far = reach * Math.sqrt((j + 8) / 72)
      const tail = far * (0.86 - 0.1 * share)
      const fall = 80 * share * share
      pen.globalAlpha = dim * (1 - share) ** 1.1 * (0.7 + 0.3 * Math.sin(frame * 0.8 + j * 3))
      pen.lineWidth = 3.4 * (1 - 0.6 * share)
      pen.beginPath()
      pen.moveTo(x + Math.cos(angle) * tail, top + Math.sin(angle) * tail + fall * 0.9)
      pen.lineTo(x + Math.cos(angle) * far, top + Math.sin(angle) * far + fall)
      pen.stroke()
    }
  }
  pen.restore()
}
