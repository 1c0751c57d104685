import type { DelayOptions } from 'sametick'
import { PRESETS, type Preset } from './graph.ts'
import { byId, setText } from './look.ts'
import { LETTERS } from './peer.ts'
import type { Way } from './rect.ts'
import type { Weather } from './wire.ts'

const KEYS: Readonly<Record<string, Way>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Space: 'hold',
}

export interface Keys {
  steer(way: Way): void
  choose(peer: number): void
  toggleOffline(): void
}

/** Arrows and the space bar steer the chosen peer, its letter chooses it, O takes it offline. */
export const listenToKeys = (keys: Keys): void => {
  document.addEventListener('keydown', (event) => {
    const { target, code, key } = event
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (target instanceof HTMLInputElement) return
    // A button that has the focus keeps what works it.
    if (code === 'Space' && target instanceof Element && target.closest('button, [role=button]')) return
    const way = KEYS[code]
    const peer = (LETTERS as readonly string[]).indexOf(key.toUpperCase())
    if (way === undefined && peer < 0 && code !== 'KeyO') return
    event.preventDefault()
    if (event.repeat) return
    if (way !== undefined) keys.steer(way)
    else if (peer >= 0) keys.choose(peer)
    else keys.toggleOffline()
  })
}

/** One of several that are drawn side by side. */
const listenToSegments = (id: string, choose: (value: string) => void): void => {
  const group = byId(id)
  let isByPointer = false
  group.addEventListener('pointerdown', () => {
    isByPointer = true
  })
  group.addEventListener('keydown', () => {
    isByPointer = false
  })
  group.addEventListener('change', ({ target }) => {
    const input = target as HTMLInputElement
    choose(input.value)
    // Whoever has clicked goes on to steer: arrows are not to choose another one.
    if (isByPointer) input.blur()
  })
}

export const listenToPresets = (choose: (preset: Preset) => void): void =>
  listenToSegments('presets', (name) => {
    if (Object.hasOwn(PRESETS, name)) choose(name as Preset)
  })

/** How far ahead keys are stamped: as far as it takes, or so many milliseconds. */
export const listenToDelay = (change: (options: DelayOptions) => void): void =>
  listenToSegments('ahead', (value) => change(value === 'found' ? {} : { delay: Number(value) }))

export const showPreset = (preset: Preset | undefined): void => {
  for (const input of byId('presets').querySelectorAll('input')) input.checked = input.value === preset
}

/** The sliders, and what they are set to. */
export const listenToWeather = (change: (weather: Weather) => void): void => {
  const inputs = [byId<HTMLInputElement>('delay'), byId<HTMLInputElement>('jitter')] as const
  const show = (): void => {
    for (const input of inputs) {
      const output = input.parentElement?.querySelector('output')
      if (output) setText(output, `${input.value} ms`)
      input.setAttribute('aria-valuetext', `${input.value} ms`)
      input.style.setProperty('--at', `${(100 * Number(input.value)) / Number(input.max)}%`)
    }
    change({ delay: Number(inputs[0].value), jitter: Number(inputs[1].value) })
  }
  for (const input of inputs) input.addEventListener('input', show)
  show()
}
