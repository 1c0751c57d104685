import { pathOf } from './glyphs.ts'
import type { RectInstance } from './instance.ts'
import { colour } from './palette.ts'
import { KEYS, type Key } from './rect.ts'
import { Figure, WorldView } from './world-view.ts'

const ORDER: readonly Key[] = ['left', 'up', 'down', 'right', 'hold']

export const LABELS: Readonly<Record<Key, string>> = {
  left: 'Left',
  up: 'Up',
  down: 'Down',
  right: 'Right',
  hold: 'Hold',
}

/** How long a key looks pressed, whoever pressed it. */
const DOWN_MS = 180
/** A finger that moved less has tapped. */
const TAP_PX = 14

export interface PaneListener {
  pressed(key: Key): void
  chosen(): void
}

/** The pane of one instance: its rectangle, its keys, and what state it is in. */
export class Pane {
  readonly element: HTMLElement
  readonly world: WorldView
  private readonly figure = new Figure()
  private readonly state: HTMLElement
  private readonly keys = new Map<Key, HTMLButtonElement>()
  private readonly figures = new Map<string, HTMLElement>()

  constructor(element: HTMLElement, listener: PaneListener) {
    this.element = element
    this.world = new WorldView(element.querySelector('canvas') as HTMLCanvasElement)
    this.state = element.querySelector('.state') as HTMLElement
    const group = element.querySelector('.keys') as HTMLElement
    for (const key of ORDER) {
      const button = keyButton(key)
      button.addEventListener('click', () => listener.pressed(key))
      group.append(button)
      this.keys.set(key, button)
    }
    for (const figure of element.querySelectorAll<HTMLElement>('[data-figure]'))
      this.figures.set(figure.dataset.figure ?? '', figure)
    listenToFingers(element.querySelector('.screen') as HTMLElement, listener)
  }

  /** The key is seen to go down. */
  show(key: Key): void {
    const button = this.keys.get(key)
    button?.classList.add('is-down')
    setTimeout(() => button?.classList.remove('is-down'), DOWN_MS)
  }

  /** An event has happened here. */
  strike(who: string): void {
    this.figure.strike(performance.now(), colour(who))
  }

  draw(instance: RectInstance | undefined, now: number): void {
    const context = this.world.begin()
    if (instance !== undefined) {
      this.figure.move(instance.seen)
      this.figure.drawTrace(context, colour('ink'), this.world.bold)
      this.figure.draw(context, now)
    }
    this.world.end()
  }

  /** Where its rectangle is in the window. */
  get rect(): { readonly x: number; readonly y: number } {
    return this.world.onCanvas(this.figure.centre)
  }

  describe(instance: RectInstance): void {
    const { latency, drift_ms, seat } = instance
    setText(this.state, stateOf(instance))
    this.setFigure('latency', latency && ticks(latency.ticks), latency && ms(latency.ms))
    this.setFigure('frozen', ticks(seat.instance.stats.frozenTicks))
    this.setFigure('drift', instance.isRunning ? signed(drift_ms) : undefined)
  }

  /** There is no instance yet. */
  wait(): void {
    setText(this.state, 'connecting')
  }

  private setFigure(name: string, value: string | undefined, more = ''): void {
    const element = this.figures.get(name)
    if (element === undefined) return
    if (element.childElementCount === 0) element.append('', document.createElement('small'))
    const [text, small] = element.childNodes as unknown as [Text, HTMLElement]
    if (text.data !== (value ?? '–')) text.data = value ?? '–'
    setText(small, more === '' ? '' : ` ${more}`)
  }
}

const ticks = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'tick' : 'ticks'}`

const ms = (value: number): string => `${Math.round(value)} ms`

const signed = (value: number): string => {
  const rounded = Math.round(value)
  return rounded === 0 ? '0 ms' : `${rounded > 0 ? '+' : '−'}${Math.abs(rounded)} ms`
}

const stateOf = (instance: RectInstance): string => {
  if (instance.place.isStopped) return 'stopped'
  const { phase, catchingUp } = instance.seat.instance
  if (phase !== 'running') return phase === 'ended' ? 'ended' : 'connecting'
  if (catchingUp) return 'catching up'
  return ''
}

export const setText = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

const keyButton = (key: Key): HTMLButtonElement => {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'key'
  button.ariaLabel = LABELS[key]
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 14 14')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', pathOf(key))
  svg.append(path)
  button.append(svg)
  return button
}

/** A finger that is drawn over the screen steers, one that taps it holds. */
const listenToFingers = (screen: HTMLElement, listener: PaneListener): void => {
  let from: { readonly x: number; readonly y: number } | undefined
  screen.addEventListener('pointerdown', (event) => {
    listener.chosen()
    from = { x: event.clientX, y: event.clientY }
    screen.setPointerCapture(event.pointerId)
  })
  const finish = (event: PointerEvent, isOver: boolean) => {
    if (from === undefined) return
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
    if (Math.max(Math.abs(dx), Math.abs(dy)) >= TAP_PX) {
      from = undefined
      listener.pressed(swipe(dx, dy))
    } else if (isOver) {
      from = undefined
      if (event.pointerType !== 'mouse') listener.pressed('hold')
    }
  }
  screen.addEventListener('pointermove', (event) => finish(event, false))
  screen.addEventListener('pointerup', (event) => finish(event, true))
  screen.addEventListener('pointercancel', () => {
    from = undefined
  })
}

const swipe = (dx: number, dy: number): Key => {
  if (Math.abs(dx) > Math.abs(dy)) return dx < 0 ? 'left' : 'right'
  return dy < 0 ? 'up' : 'down'
}

export const isKey = (name: string): name is Key => Object.hasOwn(KEYS, name)
