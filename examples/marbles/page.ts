import { connect, loop, past } from 'sametick'
import marbles, { HEIGHT, type Tray, WIDTH } from './app.ts'
import { Picture } from './picture.ts'

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const canvas = find<HTMLCanvasElement>('tray')
const tape = find<HTMLInputElement>('tape')
const note = find<HTMLOutputElement>('note')
const liveButton = find<HTMLButtonElement>('live')

const link = await connect(`${location.origin.replace('http', 'ws')}/marbles`, marbles).catch(
  (error: Error) => {
    note.value = error.message
    throw error
  },
)

const picture = new Picture(canvas)
const l = loop(link, {
  past: past({ minutes: 2, effects: true }),
  effects: { push: (ring: { x: number; y: number; slot: number }) => picture.pushed(ring) },
  render(tray, { before, alpha, status }) {
    picture.begin()
    if (!l.isLive) {
      picture.outlines(link.state)
      picture.trail(trailTo(l.showing))
    }
    picture.marbles(tray, before, alpha)
    picture.ringsOf(performance.now())
    show(status.phase === 'ended' ? status.hint : undefined)
  },
})

/** Every fourth tick of the last second before one, as `at` gives them; kept for as long as that one is shown. */
const TRAIL = 12
const APART = 4
let trail: { readonly to: number; readonly states: Tray[] } = { to: -2, states: [] }
const trailTo = (to: number): Tray[] => {
  if (to === trail.to) return trail.states
  const states: Tray[] = []
  for (let tick = to - APART; tick >= l.range.from && states.length < TRAIL; tick -= APART)
    states.push(l.at(tick))
  trail = { to, states }
  return states
}

/** Seconds back are what the tape shows: its right end is the present. */
const secondsOf = (ticks: number): number => ticks / marbles.fps
const show = (hint: string | undefined): void => {
  const { from, to } = l.range
  tape.min = `${-secondsOf(to - from)}`
  const back = secondsOf(to - l.showing)
  if (document.activeElement !== tape || l.speed !== 0 || l.isLive) tape.value = `${-back}`
  liveButton.setAttribute('aria-pressed', `${l.isLive}`)
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-speed]'))
    button.setAttribute('aria-pressed', `${!l.isLive && Number(button.dataset.speed) === l.speed}`)
  const speed = l.speed === 0 ? 'still' : `${l.speed} ×`
  note.value =
    hint ?? (l.isLive ? `now, tick ${to}` : `${back.toFixed(1)} s ago, tick ${l.showing}, ${speed}`)
}

tape.addEventListener('input', () => {
  const back = -Number(tape.value)
  if (back < 0.05) l.live()
  else l.rewind(l.range.to - Math.round(back * marbles.fps))
})
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-speed]'))
  button.addEventListener('click', () => l.play({ speed: Number(button.dataset.speed) }))
find('back').addEventListener('click', () => l.rewind({ seconds: 5 }))
liveButton.addEventListener('click', () => l.live())

canvas.addEventListener('pointerdown', (event) => {
  // Nobody pushes what was long ago.
  if (!l.isLive) return l.live()
  const box = canvas.getBoundingClientRect()
  const x = ((event.clientX - box.left) / box.width) * WIDTH
  const y = ((event.clientY - box.top) / box.height) * HEIGHT
  link.emit('push', [Math.min(WIDTH, Math.max(0, x)), Math.min(HEIGHT, Math.max(0, y))])
})
