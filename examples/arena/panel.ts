import { LONGER_MAX, MODES, type Mode } from './agree.ts'
import type { Costs } from './costs.ts'

const TOLD: Readonly<Record<Mode, string>> = {
  lockstep: 'Nothing is shown before it is certain.',
  predicted: 'Own input at once. What was guessed wrong is taken back.',
  peers: 'Nobody in the middle. What comes late is put in its place.',
}

const found = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E

const set = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

/** The switch between the ways to agree, how far away the others are made, and what it costs. */
export class Panel {
  private readonly buttons: readonly HTMLButtonElement[]
  private readonly longer = found<HTMLInputElement>('longer')
  private toldAt = 0

  constructor(chosen: (mode: Mode) => void, longer: (ms: number) => void) {
    this.buttons = MODES.map((mode) => found<HTMLButtonElement>(mode))
    for (const [i, button] of this.buttons.entries())
      button.addEventListener('click', () => {
        // Space dashes, and presses no button.
        button.blur()
        chosen(MODES[i] as Mode)
      })
    document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
      const mode = MODES[Number(key) - 1]
      if (mode && !ctrlKey && !metaKey && !altKey) chosen(mode)
    })
    // Where the page is narrow it lies over the disc.
    found<HTMLDetailsElement>('net').open = matchMedia('(min-width: 1241px)').matches
    this.longer.max = `${LONGER_MAX}`
    this.longer.addEventListener('input', () => {
      longer(Number(this.longer.value))
      this.showLonger()
    })
    // The keys are the game's again, unless it was keys that came here.
    for (const each of [this.longer, found('mode').parentElement])
      each?.addEventListener('pointerup', () => requestAnimationFrame(() => each.blur()))
  }

  show(mode: Mode, longer: number): void {
    for (const [i, button] of this.buttons.entries())
      button.setAttribute('aria-pressed', `${MODES[i] === mode}`)
    set(found('told'), TOLD[mode])
    set(found('mode'), mode)
    this.longer.value = `${longer}`
    this.showLonger()
  }

  /** A few times a second: numbers that change with every frame cannot be read. */
  tell({ seenMs, seenTicks, rollbacksPerSecond, depth, frozen }: Costs, now: number): void {
    if (now - this.toldAt < 250) return
    this.toldAt = now
    const seen = seenMs === undefined ? '–' : `${Math.round(seenMs)} ms`
    set(found('seen'), seen)
    set(found('brief'), seenMs === undefined ? '' : seen)
    set(
      found('ticks'),
      seenTicks === undefined ? 'press a key' : `${seenTicks} ${seenTicks === 1 ? 'tick' : 'ticks'}`,
    )
    set(found('rollbacks'), rollbacksPerSecond === 0 ? 'never' : `${rollbacksPerSecond.toFixed(1)} / s`)
    set(found('depth'), rollbacksPerSecond === 0 ? '' : `${depth.toFixed(1)} ticks`)
    set(found('still'), frozen === 0 ? 'never' : `${Math.ceil(100 * frozen)} %`)
  }

  private showLonger(): void {
    const { value } = this.longer
    this.longer.style.setProperty('--share', `${(100 * Number(value)) / LONGER_MAX}%`)
    set(found('far'), `+ ${value} ms`)
  }
}
