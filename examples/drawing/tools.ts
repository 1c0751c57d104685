import { COLOURS, RUBBER, WIDTHS } from './board.ts'
import { inkAt } from './brush.ts'

export interface ToolsDo {
  undo(): void
  clear(): void
  save(): void
  online(): void
}

const NAMES = ['Rubber', 'Ink', 'Red', 'Orange', 'Yellow', 'Green', 'Teal', 'Blue', 'Violet'] as const
const NIBS = ['Fine', 'Medium', 'Broad', 'Very broad'] as const

/** What one draws with: by buttons, and by keys. */
export class Tools {
  colour = 1
  width = 1
  private readonly colours: HTMLButtonElement[] = []
  private readonly widths: HTMLButtonElement[] = []

  constructor(does: ToolsDo) {
    const button = (id: string): HTMLButtonElement => document.getElementById(id) as HTMLButtonElement
    for (let colour = 1; colour < COLOURS; colour++)
      this.colours.push(this.choice('colours', `${NAMES[colour]} (${colour})`, () => this.take(colour)))
    for (const [i, each] of this.colours.entries()) each.style.setProperty('--ink', inkAt(i + 1))
    this.colours.unshift(button('rubber'))
    button('rubber').addEventListener('click', () => this.take(RUBBER))
    for (let width = 0; width < WIDTHS; width++)
      this.widths.push(
        this.choice('widths', `${NIBS[width]} ([ and ])`, () => this.widen(width - this.width)),
      )
    for (const [i, each] of this.widths.entries()) each.style.setProperty('--nib', `${3 + i * 5}px`)
    for (const name of ['undo', 'clear', 'save', 'online'] as const)
      button(name).addEventListener('click', () => does[name]())
    this.follow(does)
    this.show()
  }

  private choice(where: 'colours' | 'widths', title: string, take: () => void): HTMLButtonElement {
    const made = document.createElement('button')
    made.type = 'button'
    made.title = title
    made.setAttribute('aria-label', title.replace(/ \(.*/, ''))
    const dot = document.createElement('i')
    dot.className = where === 'colours' ? 'ink' : 'nib'
    made.append(dot)
    made.addEventListener('click', take)
    document.getElementById(where)?.append(made)
    return made
  }

  private follow(does: ToolsDo): void {
    const keys: Readonly<Record<string, () => void>> = {
      z: does.undo,
      u: does.undo,
      Delete: does.clear,
      s: does.save,
      o: does.online,
      e: () => this.take(RUBBER),
      '[': () => this.widen(-1),
      ']': () => this.widen(1),
    }
    addEventListener('keydown', (event) => {
      if (event.altKey || event.shiftKey) return
      const isUndo = event.key === 'z' && (event.ctrlKey || event.metaKey)
      if ((event.ctrlKey || event.metaKey) && !isUndo) return
      const number = Number(event.key)
      const act =
        number >= 1 && number < COLOURS
          ? () => this.take(number)
          : Object.hasOwn(keys, event.key)
            ? keys[event.key]
            : undefined
      if (act === undefined) return
      event.preventDefault()
      act()
    })
  }

  private take(colour: number): void {
    this.colour = colour
    this.show()
  }

  private widen(by: number): void {
    this.width = Math.min(WIDTHS - 1, Math.max(0, this.width + by))
    this.show()
  }

  private show(): void {
    for (const [i, each] of this.colours.entries()) each.setAttribute('aria-pressed', `${i === this.colour}`)
    for (const [i, each] of this.widths.entries()) each.setAttribute('aria-pressed', `${i === this.width}`)
    document.body.style.setProperty('--chosen', inkAt(this.colour))
  }
}
