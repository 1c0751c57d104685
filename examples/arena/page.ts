import { type Link, type Loop, loop } from 'sametick'
import { connect, isMode, LONGER_MAX, type Mode, makeLonger, peers } from './agree.ts'
import arena from './app.ts'
import { Controls, STICK_PX } from './controls.ts'
import { Meter } from './costs.ts'
import { Figures } from './figures.ts'
import { Hud } from './hud.ts'
import { colourAt, ownName } from './names.ts'
import { FPS, PLACES, PX, WAYS } from './numbers.ts'
import { Panel } from './panel.ts'
import { Sound } from './sound.ts'
import { Sparks } from './sparks.ts'
import { circle, Stage } from './stage.ts'
import { discOf, PLAY, READY, type State } from './state.ts'

const font = getComputedStyle(document.body).fontFamily
const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
const canvas = document.querySelector('canvas') as HTMLCanvasElement
const stage = new Stage(canvas)
const figures = new Figures()
const sparks = new Sparks(isCalm)
const sound = new Sound()
const hud = new Hud()
const controls = new Controls(canvas, () => {
  sound.wake()
  document.body.classList.add('is-played')
})

// Who opens the page plays here, or in a room of the name in the address.
const query = new URLSearchParams(location.search)
const room = query.get('room') ?? ''
const session = `arena${room === '' ? '' : `-${room}`}`
const url = `${location.origin.replace('http', 'ws')}/${encodeURIComponent(session)}`
const as = { name: ownName() }

/** The game is the same and does not know: one of three lines. */
const ways: Readonly<Record<Mode, () => Promise<Link<State, Record<never, never>, number>>>> = {
  lockstep: () => connect(url, arena, { as }),
  predicted: () => connect(url, arena, { as, predict: true }),
  peers: () => peers(url, arena, { as }),
}

let mode: Mode = isMode(query.get('mode')) ? (query.get('mode') as Mode) : 'lockstep'
let longer = Math.min(LONGER_MAX, Math.max(0, Number(query.get('delay') ?? 0) || 0))
makeLonger(longer)

const agree = (): Promise<Link<State, Record<never, never>, number>> =>
  ways[mode]().catch((error: Error) => {
    hud.say(error.message)
    throw error
  })

let link = await agree()
let meter = new Meter(link, performance.now())

const ownPlace = (): number => link.players.find(({ id }) => id === link.me)?.slot ?? -1

let shake = 0
let drawnAt = performance.now()
let counted = 0

/** Numbers of an effect, in the px of the world. */
type Told = Readonly<Record<string, number>>
const px = (n = 0): number => n / PX

const effects: Readonly<Record<string, (told: Told) => void>> = {
  dash: ({ at = 0, x, y, way = 1 }) => {
    const [wx, wy] = WAYS[way] as readonly [number, number]
    sparks.spray(px(x), px(y), Math.atan2(-wy, -wx), '#cfe8ff', 14, 420)
    sound.dash(at === ownPlace())
  },
  bump: ({ x, y, force }) => {
    if (px(force) < 1.5) return
    sparks.burst(px(x), px(y), '#cfe8ff', 5, 140, 2.5)
    sound.bump(px(force))
  },
  hit: ({ x, y, force, a = 0, b = 0 }) => {
    sparks.burst(px(x), px(y), colourAt(a), 18, 480)
    sparks.burst(px(x), px(y), colourAt(b), 18, 480)
    sparks.ring(px(x), px(y), '#ffffff', 90, 0.35)
    shakeBy([a, b].includes(ownPlace()) ? 9 : 3)
    sound.hit(px(force))
  },
  fall: ({ at = 0, by = -1, x, y, vx, vy }) => {
    figures.sink(at, px(x), px(y), px(vx) * FPS, px(vy) * FPS)
    sparks.burst(px(x), px(y), colourAt(at), 36, 360)
    sparks.ring(px(x), px(y), colourAt(at), 150, 0.7, 8)
    if (at === ownPlace()) shakeBy(12)
    sound.fall(at === ownPlace())
    if (by < 0) return
    const { x: bx = 0, y: by2 = 0 } = link.state.bodies[by] ?? {}
    sparks.word(px(bx), px(by2) - 40, '+1', colourAt(by), 34)
    if (by === ownPlace()) sound.point()
  },
  back: ({ at = 0, x, y }) => sparks.ring(px(x), px(y), colourAt(at), 70, 0.5),
  drop: ({ x, y }) => sparks.ring(px(x), px(y), '#ffffff', 60, 0.6, 3),
  orb: ({ at = 0, kind, x, y }) => {
    sparks.burst(px(x), px(y), kind === 1 ? '#eef4ff' : kind === 2 ? '#fff36b' : '#ff7ae0', 22, 260)
    if (at === ownPlace()) sound.orb()
  },
  blast: ({ x, y }) => {
    sparks.ring(px(x), px(y), '#ff7ae0', 230, 0.6, 16)
    sparks.ring(px(x), px(y), '#ffffff', 230, 0.4, 5)
    sparks.burst(px(x), px(y), '#ff7ae0', 60, 620)
    shakeBy(10)
    sound.blast()
  },
  go: () => {
    sparks.word(0, 0, 'Go!', '#ffffff', 90)
    sound.count(true)
  },
  over: ({ winner = 0 }) => {
    for (let i = 0; i < 8; i++)
      sparks.burst((Math.random() - 0.5) * 700, (Math.random() - 0.5) * 700, colourAt(winner), 30, 500, 6)
    sound.over()
  },
}

function shakeBy(amount: number): void {
  if (!isCalm) shake = Math.max(shake, amount)
}

/** The last seconds before a round begins, and before it ends, are heard. */
const countDown = (phase: number, left: number): void => {
  const seconds = Math.ceil(left / FPS)
  if (seconds === counted) return
  counted = seconds
  if (phase === READY || (phase === PLAY && seconds <= 5)) sound.count(false)
}

/** The stick under the finger. */
const drawStick = (): void => {
  const { stick } = controls
  if (stick === undefined) return
  const { pen } = stage
  stage.toPage()
  pen.strokeStyle = pen.fillStyle = '#ffffff'
  pen.lineWidth = 2
  pen.globalAlpha = 0.35
  circle(pen, stick.x, stick.y, STICK_PX)
  pen.stroke()
  const far = Math.max(1, Math.hypot(stick.dx, stick.dy) / STICK_PX)
  pen.globalAlpha = 0.6
  circle(pen, stick.x + stick.dx / far, stick.y + stick.dy / far, 24)
  pen.fill()
  pen.globalAlpha = 1
}

const STATES: Readonly<Record<string, string>> = {
  frozen: 'waiting for the others',
  catchingUp: 'catching up',
  reconnecting: 'reconnecting',
}

/** What the address says is what the page does: it can be loaded again, and passed on. */
const remember = (): void => {
  const now = new URLSearchParams(location.search)
  now.set('mode', mode)
  if (longer > 0) now.set('delay', `${longer}`)
  else now.delete('delay')
  history.replaceState(null, '', `?${now}`)
  panel.show(mode, longer)
}

let isChanging = false
const change = async (next: Mode): Promise<void> => {
  if (next === mode || isChanging) return
  isChanging = true
  mode = next
  remember()
  playing.stop()
  meter.end()
  link.leave()
  link = await agree().finally(() => {
    isChanging = false
  })
  meter = new Meter(link, performance.now())
  playing = play()
}
const panel: Panel = new Panel(
  (next) => void change(next),
  (ms) => {
    longer = ms
    makeLonger(ms)
    remember()
  },
)
panel.show(mode, longer)
const play = (): Loop =>
  loop(link, {
    input: () => controls.held(),
    effects,
    render(state, { before, alpha, status }) {
      const now = performance.now()
      const seconds = Math.min(0.1, (now - drawnAt) / 1_000)
      drawnAt = now
      const own = ownPlace()
      shake *= Math.exp(-9 * seconds)
      const away = () => (Math.random() - 0.5) * 2 * shake * stage.scale
      stage.begin(state, isCalm ? 0 : seconds, { x: away(), y: away() })
      // The rim crumbles while the disc shrinks.
      if (state.phase === PLAY && discOf(state) < discOf(before) && Math.random() < 0.5) {
        const [angle, reach] = [Math.random() * 2 * Math.PI, px(discOf(state)) + 3]
        sparks.spray(Math.cos(angle) * reach, Math.sin(angle) * reach, angle, '#a9dcff', 3, 70)
      }
      figures.draw(stage.pen, state, before, { alpha, seconds, own, isCalm, font })
      sparks.draw(stage.pen, seconds, font)
      drawStick()
      countDown(state.phase, state.left)
      hud.draw(state, link.players, own)
      meter.look(
        state,
        state.bodies[own],
        controls.held(),
        controls.changedAt,
        link.stats().tick,
        status.phase === 'frozen',
      )
      panel.tell(meter.costs, now)
      hud.say(
        status.phase === 'ended'
          ? `${status.hint} Load the page again.`
          : (STATES[status.phase] ??
              (own >= PLACES ? 'The arena is full, you watch. Another room: add ?room=2' : '')),
      )
    },
  })

let playing = play()
// As long as there are ways by which it can be said: with the page its direct channels end at once.
for (const end of ['beforeunload', 'pagehide']) addEventListener(end, () => link.leave())
addEventListener('pageshow', (event) => event.persisted && location.reload())

const mute = document.getElementById('mute') as HTMLButtonElement
mute.addEventListener('click', () => {
  sound.wake()
  sound.isOn = !sound.isOn
  mute.setAttribute('aria-pressed', `${sound.isOn}`)
  mute.blur()
})
