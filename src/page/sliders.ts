import { setText } from './pane.ts'
import type { Conditions, Place } from './place.ts'

interface Range {
  readonly name: keyof Conditions
  readonly label: string
  readonly min: number
  readonly max: number
  readonly step: number
  readonly text: (value: number) => string
}

const RANGES: readonly Range[] = [
  { name: 'delay_ms', label: 'delay', min: 0, max: 400, step: 10, text: (value) => `${value} ms` },
  { name: 'jitter_ms', label: 'jitter', min: 0, max: 150, step: 5, text: (value) => `${value} ms` },
  { name: 'loss_percent', label: 'loss', min: 0, max: 30, step: 1, text: (value) => `${value} %` },
  {
    name: 'clock_percent',
    label: 'clock',
    min: -3,
    max: 3,
    step: 0.1,
    text: (value) => (value === 0 ? 'right' : `${Math.abs(value)} % ${value > 0 ? 'fast' : 'slow'}`),
  },
]

/** One slider for each condition of a place. */
export const addSliders = (parent: HTMLElement, place: Place, who: string): void => {
  parent.dataset.side = who
  for (const range of RANGES) {
    const label = document.createElement('label')
    label.className = 'slider'
    const name = document.createElement('span')
    name.textContent = range.label
    const output = document.createElement('output')
    output.ariaHidden = 'true'
    const input = document.createElement('input')
    input.type = 'range'
    input.min = `${range.min}`
    input.max = `${range.max}`
    input.step = `${range.step}`
    input.value = `${place.conditions[range.name]}`
    input.ariaLabel = `${range.label} of ${who}`
    const show = () => {
      const value = Number(input.value)
      setText(output, range.text(value))
      input.setAttribute('aria-valuetext', range.text(value))
      input.style.setProperty('--at', `${((value - range.min) / (range.max - range.min)) * 100}%`)
    }
    input.addEventListener('input', () => {
      place.change({ [range.name]: Number(input.value) })
      show()
    })
    show()
    label.append(name, output, input)
    parent.append(label)
  }
}

/** How long a click stops an instance. Held, it stays stopped for as long as that. */
const STOPPED_MS = 3_000

/** A button that stops an instance while it is held, and for three seconds at least. */
export const addStop = (parent: HTMLElement, who: string, stop: () => void, go: () => void): void => {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'quiet stop'
  button.textContent = `Stop ${who}’s clock`
  let since: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const begin = () => {
    clearTimeout(timer)
    timer = undefined
    if (since !== undefined) return
    since = performance.now()
    button.classList.add('is-down')
    stop()
  }
  const finish = () => {
    if (since === undefined || timer !== undefined) return
    timer = setTimeout(
      () => {
        timer = undefined
        since = undefined
        button.classList.remove('is-down')
        go()
      },
      Math.max(0, STOPPED_MS - (performance.now() - since)),
    )
  }
  button.addEventListener('pointerdown', (event) => {
    button.setPointerCapture(event.pointerId)
    begin()
  })
  for (const name of ['pointerup', 'pointercancel'] as const) button.addEventListener(name, finish)
  button.addEventListener('keydown', (event) => {
    if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) begin()
  })
  button.addEventListener('keyup', finish)
  button.addEventListener('blur', finish)
  button.addEventListener('click', () => {
    begin()
    finish()
  })
  parent.append(button)
}
