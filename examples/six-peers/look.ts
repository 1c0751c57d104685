/** The colours of the style sheet, for canvases: they change with the scheme that the reader prefers. */
let colours: Readonly<Record<string, string>> = {}

const NAMES = [
  ...['paper', 'card', 'ink', 'soft', 'line', 'grid', 'good', 'bad', 'sans'],
  ...['a', 'b', 'c', 'd', 'e', 'f', 'on-a', 'on-b', 'on-c', 'on-d', 'on-e', 'on-f'],
  ...['party-0', 'party-1', 'party-2', 'party-3', 'party-4', 'party-5'],
]

const read = (): void => {
  const style = getComputedStyle(document.documentElement)
  colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
}

export const watchColours = (): void => {
  read()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', read)
}

export const colour = (name: string): string => colours[name] ?? '#000'

/** The colour of a peer, by its id; ink for nobody. */
export const colourOf = (id: number, before = ''): string =>
  id > 0 ? colour(`${before}${String.fromCharCode(96 + id)}`) : colour(before === '' ? 'ink' : 'paper')

const stillness = matchMedia('(prefers-reduced-motion: reduce)')
/** Whether the reader wants things to stay where they are. */
export const wantsStillness = (): boolean => stillness.matches

/** A canvas in the px of the page, sharp on every screen. */
export class Surface {
  readonly canvas: HTMLCanvasElement
  readonly pen: CanvasRenderingContext2D
  width = 0
  height = 0

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas
    this.pen = canvas.getContext('2d') as CanvasRenderingContext2D
    new ResizeObserver(() => this.measure()).observe(canvas)
    this.measure()
  }

  /** An empty canvas to draw on. */
  clear(): CanvasRenderingContext2D {
    const ratio = this.canvas.width / Math.max(1, this.width)
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.pen.clearRect(0, 0, this.width, this.height)
    return this.pen
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.canvas
    const ratio = Math.min(3, devicePixelRatio || 1)
    this.width = clientWidth
    this.height = clientHeight
    this.canvas.width = Math.round(clientWidth * ratio)
    this.canvas.height = Math.round(clientHeight * ratio)
  }
}

export const byId = <E extends Element = HTMLElement>(id: string): E => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found as unknown as E
}

export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`
