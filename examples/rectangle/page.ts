import { connect, loop } from 'sametick'
import rect, { type Way } from './rect.ts'

const KEYS: Readonly<Record<string, Way>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  ' ': 'stop',
}
const COLOURS = ['#f0a012', '#2b6be0', '#0f9d63', '#cf1139', '#8a4fd8', '#12a5b8']
const pen = document.querySelector('canvas')?.getContext('2d') as CanvasRenderingContext2D
pen.scale(2, 2)
const note = document.querySelector('output') as HTMLOutputElement

// A session of all who open this page.
const link = await connect(`${location.origin.replace('http', 'ws')}/rectangle`, rect).catch(
  (error: Error) => {
    note.value = error.message
    throw error
  },
)

document.addEventListener('keydown', (event) => {
  const way = KEYS[event.key]
  if (way === undefined || event.repeat) return
  event.preventDefault()
  link.emit('steer', way)
})
for (const button of document.querySelectorAll('button'))
  button.addEventListener('click', () => link.emit('steer', button.value as Way))

/** Between two ticks; where it comes in again on the other side there is nothing in between. */
const between = (from: number, to: number, alpha: number): number =>
  Math.abs(to - from) > 100 ? to : from + (to - from) * alpha

loop(link, {
  render(s, { before, alpha, status }) {
    // What was drawn before fades away.
    pen.globalCompositeOperation = 'destination-out'
    pen.fillStyle = '#0003'
    pen.fillRect(0, 0, 640, 400)
    pen.globalCompositeOperation = 'source-over'
    pen.fillStyle = COLOURS[s.steered % COLOURS.length] as string
    pen.fillRect(between(before.x, s.x, alpha) - 20, between(before.y, s.y, alpha) - 20, 40, 40)
    note.value =
      status.phase === 'ended'
        ? `${status.hint} Load the page again.`
        : `tick ${link.stats().tick}, ${link.players.length} here`
  },
})
