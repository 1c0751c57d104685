import type { Input } from '../core/timeline/event.ts'
import { MILLISECOND, type Micros, SECOND } from '../core/timeline/tick.ts'
import { SIDES, type SideName } from './agreement.ts'
import { Autopilot } from './autopilot.ts'
import { ChartView } from './chart-view.ts'
import { DEFAULT_DISCIPLINE, disciplineOf, listenToDisciplines } from './disciplines.ts'
import { byId } from './elements.ts'
import { inspect } from './inspection.ts'
import { listenToKeys } from './keyboard.ts'
import { NaiveView } from './naive-view.ts'
import { colourOf, watchPalette } from './palette.ts'
import { Pane, setText } from './pane.ts'
import { Place } from './place.ts'
import { FPS, type Key } from './rect.ts'
import { PageSession } from './session.ts'
import { SkyView } from './sky-view.ts'
import { addSliders, addStop } from './sliders.ts'
import { StripsView } from './strips-view.ts'
import { offerThird } from './third.ts'

export type { Inspection } from './inspection.ts'

/** Between two attempts to connect, at most. */
const RETRY_MS_MAX = 5_000
/** How often figures are written. */
const WRITE_MS = 100

watchPalette()

const places = {
  A: new Place({ delay_ms: 40, jitter_ms: 5, loss_percent: 0, clock_percent: 0.2 }),
  B: new Place({ delay_ms: 140, jitter_ms: 10, loss_percent: 0, clock_percent: -0.4 }),
}
const panes = { A: paneOf('A'), B: paneOf('B') }
const sky = new SkyView(byId('sky'))
const strips = new StripsView(byId('strips'))
const chart = new ChartView(byId('chart'))
const ghosts = new NaiveView(byId('ghosts'))
const autopilot = new Autopilot((side, key) => press(side, key))
const random = Math.random().toString(36).slice(2, 8)

let chosen: SideName = 'A'
let discipline = DEFAULT_DISCIPLINE
let opened = 0
let failures = 0
let session = next()
let skew_ms = 0
let writtenAt = 0

function paneOf(side: SideName): Pane {
  return new Pane(byId(`pane-${side}`), {
    pressed: (key) => {
      flyBy(false)
      press(side, key)
    },
    chosen: () => choose(side),
  })
}

function press(side: SideName, key: Key): void {
  panes[side].show(key)
  session.press(side, key)
}

function choose(side: SideName): void {
  chosen = side
  for (const each of SIDES) {
    panes[each].element.classList.toggle('is-chosen', each === side)
    const which = panes[each].element.querySelector<HTMLElement>('.which')
    if (which !== null) setText(which, each === side ? 'arrow keys' : 'W A S D')
  }
}

function flyBy(isOn: boolean): void {
  if (autopilot.isOn === isOn) return
  autopilot.isOn = isOn
  autopilot.restart(performance.now(), 300)
  byId('autopilot').setAttribute('aria-pressed', `${isOn}`)
}

/** Whose event it was, as a colour. */
function who(source: number): string {
  return colourOf(session.instances?.A.letterOf(source))
}

function next(): PageSession {
  const name = `demo-${random}${++opened}-${discipline}`
  return new PageSession(name, places, {
    happened: (side: SideName, input: Input) => {
      inspection.happened(side, input)
      if (input.id > 0) panes[side].strike(who(input.source))
    },
    ended: (code, hint) => retry(code, hint),
  })
}

async function open(): Promise<void> {
  chart.empty()
  for (const side of SIDES) panes[side].wait()
  inspection.restart()
  autopilot.restart(performance.now(), 900)
  if (!(await session.open())) return
  failures = 0
  setText(byId('notice'), '')
}

function retry(code: string, hint: string): void {
  const wait = Math.min(RETRY_MS_MAX, 500 * 2 ** failures++)
  setText(byId('notice'), `No connection (${code}). ${hint} Trying again.`)
  setTimeout(() => whenSeen(reopen), wait)
}

function reopen(): void {
  session = next()
  void open()
}

/** Nobody misses a session while the page is hidden. */
function whenSeen(then: () => void): void {
  if (!document.hidden) return then()
  document.addEventListener('visibilitychange', () => whenSeen(then), { once: true })
}

async function change(): Promise<void> {
  const old = session
  session = next()
  await old.close(session.name)
  await open()
}

function frame(): void {
  requestAnimationFrame(frame)
  const now = performance.now()
  session.pump()
  if (session.isRunning) autopilot.run(now)
  const { instances, naive, agreement, traffic } = session
  traffic.sweep()
  for (const side of SIDES) panes[side].draw(instances?.[side], now)
  ghosts.draw(naive)
  if (session.isRunning) chart.add(now, agreement.apart, naive.distance)
  chart.draw(now)
  if (instances === undefined) return

  const positions = SIDES.map((side) => instances[side].position) as [Micros, Micros]
  skew_ms += (Math.abs(positions[0] - positions[1]) / MILLISECOND - skew_ms) / 12
  const reference = Math.max(...positions)
  const stripOf = (side: SideName) => {
    const { recent, seat, isFrozen, place } = instances[side]
    return { recent, limit: seat.instance.limit, isFrozen, isStopped: place.isStopped }
  }
  strips.draw({
    sides: { A: stripOf('A'), B: stripOf('B') },
    now: (reference * FPS) / SECOND,
    firstDifference: agreement.firstDifference,
    who,
  })
  sky.draw(traffic.flights, ground(), now)
  if (now - writtenAt >= WRITE_MS) write(now, reference)
}

/** Where things are, in the px of the sky. */
function ground() {
  const origin = sky.surface.canvas.getBoundingClientRect()
  const node = byId('node').getBoundingClientRect()
  const screens = {
    A: panes.A.world.surface.canvas.getBoundingClientRect(),
    B: panes.B.world.surface.canvas.getBoundingClientRect(),
  }
  const y = node.top + node.height / 2 - origin.top
  return {
    node: { x: node.left + node.width / 2 - origin.left, y },
    nodeRadius: node.width / 2,
    radius: Math.min(11, Math.max(7, screens.A.width / 28)),
    port: (side: SideName) => ({ x: (side === 'A' ? screens.A.right : screens.B.left) - origin.left, y }),
    rect: (side: SideName) => {
      const { x, y } = panes[side].rect
      return { x: screens[side].left - origin.left + x, y: screens[side].top - origin.top + y }
    },
    who,
  }
}

function write(now: number, reference: Micros): void {
  writtenAt = now
  const { instances, agreement, naive } = session
  for (const side of SIDES) if (instances !== undefined) panes[side].describe(instances[side])
  const isBad = agreement.differing > 0
  const tick = Math.max(0, Math.floor((reference * FPS) / SECOND))
  setText(byId('tick'), tick.toLocaleString('en'))
  setText(byId('skew'), `${Math.round(skew_ms)} ms`)
  setText(byId('equal'), agreement.equal.toLocaleString('en'))
  setText(byId('compared'), agreement.compared.toLocaleString('en'))
  byId('agreement').classList.toggle('is-bad', isBad)
  setText(byId('difference'), isBad ? `, different from tick ${agreement.firstDifference} on` : '')
  setText(byId('apart-with'), `${Math.round(agreement.apart)} px`)
  byId('apart-with').parentElement?.classList.toggle('is-bad', agreement.apart > 0)
  setText(byId('apart-without'), `${Math.round(naive.distance)} px`)
  inspection.note(naive.distance)
}

const inspection = inspect(() => ({ session, discipline }))
choose('A')
for (const side of SIDES) {
  const fieldset = byId(`sliders-${side}`)
  addSliders(fieldset, places[side], side)
  addStop(
    fieldset,
    side,
    () => session.stop(side),
    () => session.go(side),
  )
}
listenToKeys((set, key) => {
  flyBy(false)
  const other = chosen === 'A' ? 'B' : 'A'
  press(set === 'first' ? chosen : other, key)
})
listenToDisciplines((name) => {
  discipline = disciplineOf(name)
  void change()
})
byId('autopilot').addEventListener('click', () => flyBy(!autopilot.isOn))
offerThird(() => session.name)
document.addEventListener('visibilitychange', () => session.pump())
void open()
requestAnimationFrame(frame)
