import { OUT_OF_REACH, type Person } from './people.ts'

export interface Shown {
  readonly people: readonly Person[]
  /** What the drawing comes to. */
  readonly sum: number
  /** How many others it is linked with. */
  readonly links: number
  /** Of these, with how many what they say goes through the server: the others are linked directly. */
  readonly relayed: number
  /** Whether one has gone offline on purpose. */
  readonly isOff: boolean
}

const found = (id: string): HTMLElement => document.getElementById(id) as HTMLElement

const set = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

const part = (tag: string, text: string): HTMLElement => {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}

const strokes = (count: number): string => `${count} ${count === 1 ? 'stroke' : 'strokes'}`

/** How long a notice stays, in milliseconds. */
const NOTICE = 6_000
/** What came in, the last of it. */
const LOG_MAX = 4
/** What comes in soon after oneself is back belongs to that. */
const TOGETHER = 2_000

/** What stands around the paper: who draws, who is away, what came in, and whether all have the same. */
export class Frame {
  private shown = ''
  private fades: ReturnType<typeof setTimeout> | undefined
  private readonly cells: HTMLElement[] = []
  private went = 0
  private wentAt = -Infinity

  constructor() {
    for (let i = 0; i < 32; i++) this.cells.push(document.createElement('i'))
    found('mark').append(...this.cells)
  }

  say(text: string): void {
    set(found('note'), text)
    clearTimeout(this.fades)
    this.fades = setTimeout(() => set(found('note'), ''), NOTICE)
  }

  /** So many of one's own strokes have gone out to the others just now. */
  sent(count: number): void {
    this.went = count
    this.wentAt = performance.now()
    if (count > 0) this.tell(`${strokes(count)} of yours went out.`, 0)
  }

  /** So many strokes came late, of these authors; `ticks` were run again for it. */
  log(count: number, names: readonly string[], ticks: number): void {
    const isTogether = performance.now() - this.wentAt < TOGETHER && this.went > 0
    const from = names.length > 0 ? ` from ${names.join(', ')}` : ''
    const out = isTogether ? `, ${this.went} of yours went out` : ''
    if (isTogether) found('log').firstElementChild?.remove()
    this.went = 0
    this.tell(`${strokes(count)} came in${from}${out}.`, ticks)
  }

  show(now: Shown): void {
    const text = JSON.stringify(now)
    if (text === this.shown) return
    this.shown = text
    const { people, sum, links, relayed, isOff } = now
    const own = people.find(({ isOwn }) => isOwn)
    document.body.classList.toggle('is-off', isOff)
    document.body.classList.toggle('is-alone', links === 0)
    found('online').setAttribute('aria-checked', `${!isOff}`)
    set(found('how'), isOff ? 'Offline' : 'Online')
    set(
      found('why'),
      links === 0
        ? own?.note || (isOff ? 'Draw on, it waits here' : 'Nobody else is here yet')
        : `${links} ${links === 1 ? 'other' : 'others'}, ${relayed > 0 ? `${relayed} over the server` : 'linked directly'}`,
    )
    found('people').replaceChildren(...people.map(itemOf))
    this.showSum(people, sum, links)
  }

  private showSum(people: readonly Person[], sum: number, links: number): void {
    const others = people.filter(({ isOwn, isAway, note }) => !isOwn && !isAway && note !== OUT_OF_REACH)
    const isSame = others.every(({ note }) => note === 'has the same')
    for (const [i, cell] of this.cells.entries())
      cell.className = (sum >>> i) % 2 === 1 ? 'cell is-on' : 'cell'
    const hex = sum.toString(16).padStart(8, '0')
    set(found('sum'), `${hex.slice(0, 4)} ${hex.slice(4)}`)
    found('agreed').classList.toggle('is-same', isSame && links > 0)
    set(
      found('same'),
      links === 0 || others.length === 0
        ? 'The drawing here'
        : isSame
          ? `The same on all ${others.length + 1} pages`
          : 'Not yet the same everywhere',
    )
  }

  private tell(text: string, ticks: number): void {
    const item = document.createElement('li')
    item.append(part('span', text))
    if (ticks > 0) item.append(part('small', `rolled back, ${ticks.toLocaleString('en')} ticks run again`))
    found('log').prepend(item)
    while (found('log').children.length > LOG_MAX) found('log').lastElementChild?.remove()
  }
}

const itemOf = ({ name, colour, isOwn, isAway, note }: Person): HTMLElement => {
  const item = document.createElement('li')
  item.style.setProperty('--own', colour)
  item.classList.toggle('is-away', isAway)
  const face = part('i', name.slice(0, 1))
  face.className = 'face'
  item.append(face, part('b', name), part('small', isOwn ? note || 'you' : note))
  return item
}
