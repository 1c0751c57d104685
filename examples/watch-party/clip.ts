import { FRAMES } from './app.ts'
import { birds, boat, clouds, fireworks, lighthouse, moon, ridge, stars, sun, water } from './scenery.ts'
import { WIDTH } from './size.ts'

/**
 * One day in sixty seconds. A frame is drawn from its number alone, so that all who show the same number show the
 * same picture, whatever they have shown before.
 */

const SHORE = 470

export const CHAPTERS = [
  { frame: 0, name: 'Dawn' },
  { frame: 420, name: 'Noon' },
  { frame: 960, name: 'Dusk' },
  { frame: 1_290, name: 'Night' },
  { frame: 1_500, name: 'Fireworks' },
] as const

type Colour = readonly [red: number, green: number, blue: number]

/** The light of the day: the sky above and at the horizon, the hills, and how much of the night there is. */
interface Light {
  readonly above: Colour
  readonly below: Colour
  readonly hills: Colour
  readonly night: number
}

const LIGHTS: readonly (readonly [share: number, light: Light])[] = [
  [0, { above: [18, 21, 52], below: [92, 62, 110], hills: [22, 24, 52], night: 0.8 }],
  [0.09, { above: [62, 70, 136], below: [255, 158, 118], hills: [52, 46, 86], night: 0.1 }],
  [0.2, { above: [80, 148, 220], below: [255, 224, 186], hills: [58, 92, 122], night: 0 }],
  [0.36, { above: [42, 126, 222], below: [186, 226, 250], hills: [48, 104, 122], night: 0 }],
  [0.5, { above: [66, 128, 204], below: [250, 226, 178], hills: [62, 92, 104], night: 0 }],
  [0.6, { above: [70, 66, 138], below: [255, 138, 82], hills: [60, 44, 82], night: 0.05 }],
  [0.68, { above: [34, 28, 82], below: [232, 82, 92], hills: [36, 26, 62], night: 0.5 }],
  [0.76, { above: [10, 12, 40], below: [58, 44, 104], hills: [14, 14, 38], night: 1 }],
  [1, { above: [5, 7, 24], below: [26, 30, 74], hills: [8, 9, 26], night: 1 }],
]

export const drawFrame = (pen: CanvasRenderingContext2D, frame: number): void => {
  const day = frame / FRAMES
  const light = lightAt(day)
  const sky = pen.createLinearGradient(0, 0, 0, SHORE)
  sky.addColorStop(0, css(light.above))
  sky.addColorStop(1, css(light.below))
  pen.globalAlpha = 1
  pen.fillStyle = sky
  pen.fillRect(0, 0, WIDTH, SHORE)
  stars(pen, frame, light.night, SHORE)

  // The sun goes from the left to the right, the moon after it.
  const noon = (day - 0.03) / 0.63
  const shines = sun(pen, 140 + 1_000 * noon, SHORE + 40 - 400 * Math.sin(Math.PI * noon), day)
  const late = (day - 0.66) / 0.5
  moon(pen, 180 + 900 * late, SHORE + 20 - 400 * Math.sin(Math.PI * Math.min(1, late * 0.9)), light.night)
  clouds(
    pen,
    frame,
    css(mixed(light.below, [255, 255, 255], 0.55 - 0.5 * light.night)),
    0.5 - 0.3 * light.night,
  )
  birds(pen, frame, css(light.hills))

  for (const [i, [height, far]] of HILLS.entries())
    ridge(pen, SHORE, height, i, css(mixed(light.hills, light.below, far)))
  lighthouse(pen, frame, SHORE, light.night, css(mixed(light.hills, [0, 0, 0], 0.25)))
  fireworks(pen, frame, SHORE)

  water(pen, frame, SHORE, {
    near: css(mixed(light.above, [8, 22, 40], 0.35)),
    far: css(mixed(light.below, light.above, 0.25)),
    glitter: light.night > 0.6 ? 180 + 900 * late : 140 + 1_000 * noon,
    strength: Math.max(shines, light.night * 0.55),
    colour: light.night > 0.6 ? '#dfe8ff' : '#fff0cf',
  })
  fireworks(pen, frame, SHORE, true)
  boat(pen, frame, SHORE, light.night, css(mixed(light.hills, [0, 0, 0], 0.4)))
  title(pen, frame)
}

/** How high the ridges are, the farthest first, and how much of the sky lies over them. */
const HILLS = [
  [170, 0.62],
  [105, 0.36],
  [52, 0.1],
] as const

const title = (pen: CanvasRenderingContext2D, frame: number): void => {
  const alpha = Math.min(1, Math.max(0, (frame - 12) / 24)) * Math.min(1, Math.max(0, (120 - frame) / 24))
  if (alpha === 0) return
  pen.globalAlpha = alpha
  pen.fillStyle = '#ffffff'
  pen.textAlign = 'center'
  pen.font = '700 74px ui-serif, Georgia, "Times New Roman", serif'
  pen.fillText('One day', WIDTH / 2, 300)
  pen.font = '400 26px ui-serif, Georgia, "Times New Roman", serif'
  pen.fillText('in sixty seconds', WIDTH / 2, 344)
  pen.globalAlpha = 1
}

const lightAt = (day: number): Light => {
  const next = LIGHTS.findIndex(([share]) => share > day)
  const [from, a] = LIGHTS[next - 1] as (typeof LIGHTS)[number]
  const [to, b] = LIGHTS[next] as (typeof LIGHTS)[number]
  const share = (day - from) / (to - from)
  const smooth = share * share * (3 - 2 * share)
  return {
    above: mixed(a.above, b.above, smooth),
    below: mixed(a.below, b.below, smooth),
    hills: mixed(a.hills, b.hills, smooth),
    night: a.night + (b.night - a.night) * smooth,
  }
}

const mixed = (a: Colour, b: Colour, share: number): Colour => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
]

const css = (colour: Colour): string => `rgb(${colour.map(Math.round).join(' ')})`
