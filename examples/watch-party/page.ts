import { connect, loop, type Status } from 'sametick'
import party, { type Act, FPS, FRAMES, nameOf, type Party } from './app.ts'
import { CHAPTERS, drawFrame } from './clip.ts'
import { Mark } from './mark.ts'
import { Seekbar } from './seekbar.ts'
import { HEIGHT, WIDTH } from './size.ts'

const NAMES = ['Amber', 'Azure', 'Coral', 'Indigo', 'Ivory', 'Jade', 'Olive', 'Ruby', 'Teal', 'Violet']
const DONE: Readonly<Record<Act['what'], string>> = { play: 'pressed play', pause: 'paused', seek: 'went to' }

const found = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E
const screen = found<HTMLCanvasElement>('screen')
const ambient = found<HTMLCanvasElement>('ambient').getContext('2d') as CanvasRenderingContext2D
const pen = screen.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
const mark = new Mark(found('mark'), 11)
screen.width = WIDTH
screen.height = HEIGHT
// Blurred while it is small, which costs nothing; the window is covered by making it large.
ambient.filter = 'blur(3px) saturate(1.5)'

const name =
  new URLSearchParams(location.search).get('name') ?? NAMES[Math.floor(Math.random() * NAMES.length)]
const url = `${location.origin.replace('http', 'ws')}/watch-party`
const link = await connect(url, party, { as: name }).catch((error: Error) => {
  found('note').textContent = error.message
  throw error
})

const toggle = () => (link.state.isPlaying ? link.pause() : link.resume())
const seek = (frame: number) => link.emit('seek', frame)
/** Where the last key has sent it: the next one goes on from there, even before it has landed. */
let aim: number | undefined
const step = (by: number) => {
  aim = Math.max(0, Math.min(FRAMES - 1, (aim ?? link.state.frame) + by))
  seek(aim)
}
const seekbar = new Seekbar(FRAMES, CHAPTERS, timeOf, seek)

found('toggle').addEventListener('click', toggle)
screen.addEventListener('click', toggle)
const KEYS: Readonly<Record<string, () => void>> = {
  ' ': toggle,
  k: toggle,
  ArrowLeft: () => step(-2 * FPS),
  ArrowRight: () => step(2 * FPS),
  ',': () => step(-1),
  '.': () => step(1),
  Home: () => seek(0),
}
document.addEventListener('keydown', (event) => {
  const act = KEYS[event.key]
  if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  // A button that has the focus is pressed by space itself.
  if (event.key === ' ' && event.target instanceof HTMLButtonElement) return
  event.preventDefault()
  act()
})

function timeOf(frame: number): string {
  const seconds = Math.floor(frame / FPS)
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`
}

const set = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

let drawn = -1
let told = ''

loop(link, {
  render(state, { status }) {
    if (state.frame !== drawn) draw(state.frame)
    // Read in the same frame as what is on the screen.
    set(found('tick'), link.stats().tick.toLocaleString('en'))
    const now = JSON.stringify([state.isPlaying, state.acts, link.players])
    if (now !== told) tell(state)
    told = now
    set(found('note'), noteOf(status))
  },
})

function noteOf(status: Status): string {
  if (status.phase === 'running') return ''
  return status.phase === 'ended' ? `${status.hint} Load the page again.` : 'waiting for the others'
}

function draw(frame: number): void {
  // The room follows slowly.
  const isLit = frame % 6 === 0 || Math.abs(frame - drawn) > 6
  drawn = frame
  drawFrame(pen, frame)
  if (isLit) ambient.drawImage(screen, -6, -6, ambient.canvas.width + 12, ambient.canvas.height + 12)
  seekbar.show(frame)
  mark.show(frame)
  set(found('time'), timeOf(frame))
  set(found('frame'), frame.toLocaleString('en'))
}

function tell({ isPlaying, acts }: Party): void {
  if (acts.at(-1)?.frame === aim) aim = undefined
  document.body.classList.toggle('is-paused', !isPlaying)
  found('toggle').setAttribute('aria-label', isPlaying ? 'Pause' : 'Play')
  const viewers = link.players.map((player) => {
    const item = document.createElement('li')
    const own = nameOf(player)
    item.style.setProperty('--hue', `${(player.slot * 67 + 28) % 360}`)
    item.textContent = own.slice(0, 1)
    item.title = player.id === link.me ? `${own}, that is you` : own
    item.classList.toggle('is-own', player.id === link.me)
    return item
  })
  found('viewers').replaceChildren(...viewers)
  set(found('watching'), viewers.length === 1 ? 'only you watch' : `${viewers.length} watch`)
  const lines = [...acts].reverse().map(({ who, what, frame, tick }) => {
    const item = document.createElement('li')
    const [by, at] = [document.createElement('b'), document.createElement('small')]
    by.textContent = who
    at.textContent = `tick ${tick.toLocaleString('en')}`
    item.append(by, ` ${DONE[what]} ${what === 'seek' ? '' : 'at '}frame ${frame.toLocaleString('en')}`, at)
    return item
  })
  found('acts').replaceChildren(...lines)
}
