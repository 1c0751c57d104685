import type { Graph, Pair } from './graph.ts'
import { COUNT, LETTERS } from './peer.ts'
import type { Point } from './rect.ts'

/** A link in the page: from the edge of one peer to that of the other, bent a little. */
export interface Curve {
  readonly from: Point
  readonly bend: Point
  readonly to: Point
  /** The part that no peer hides. */
  readonly start: number
  readonly end: number
}

interface Drawn {
  readonly pair: Pair
  readonly group: SVGGElement
  curve: Curve
}

const SVG = 'http://www.w3.org/2000/svg'
const NOWHERE: Curve = { from: { x: 0, y: 0 }, bend: { x: 0, y: 0 }, to: { x: 0, y: 0 }, start: 0, end: 1 }

/** The lines between peers, those that are there and those that could be. */
export class LinksView {
  private readonly svg: SVGSVGElement
  private readonly drawn: readonly Drawn[]
  private readonly rubber: SVGPathElement
  private boxes: readonly DOMRect[] = []

  constructor(parent: HTMLElement, graph: Graph, toggle: (pair: Pair) => void) {
    this.svg = document.createElementNS(SVG, 'svg')
    this.svg.classList.add('links')
    parent.append(this.svg)
    this.drawn = graph.pairs.map((pair) => {
      const group = groupOf(pair)
      group.addEventListener('click', () => toggle(pair))
      group.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        toggle(pair)
      })
      return { pair, group, curve: NOWHERE }
    })
    this.rubber = document.createElementNS(SVG, 'path')
    this.rubber.classList.add('rubber')
    this.svg.append(...this.drawn.map(({ group }) => group), this.rubber)
  }

  /** Where the peers are. */
  measure(nodes: readonly HTMLElement[]): void {
    const origin = this.svg.getBoundingClientRect()
    this.boxes = nodes.map((node) => {
      const { x, y, width, height } = node.getBoundingClientRect()
      return new DOMRect(x - origin.x, y - origin.y, width, height)
    })
    for (const drawn of this.drawn) {
      drawn.curve = this.curveOf(drawn.pair)
      const { from, bend, to, start, end } = drawn.curve
      const d = `M${from.x} ${from.y}Q${bend.x} ${bend.y} ${to.x} ${to.y}`
      for (const path of drawn.group.querySelectorAll('path.line, path.hit')) path.setAttribute('d', d)
      const middle = pointOn(drawn.curve, (start + end) / 2)
      drawn.group.querySelector('.tool')?.setAttribute('transform', `translate(${middle.x} ${middle.y})`)
      const beside = this.beside(drawn.curve, middle)
      const text = drawn.group.querySelector('text')
      text?.setAttribute('x', `${beside.x}`)
      text?.setAttribute('y', `${beside.y + 4}`)
    }
  }

  curve(one: number, other: number): Curve {
    const [a, b] = [Math.min(one, other), Math.max(one, other)]
    return this.drawn.find(({ pair }) => pair.a === a && pair.b === b)?.curve ?? NOWHERE
  }

  /** The peer at a place in the window. */
  peerAt({ x, y }: Point): number {
    const origin = this.svg.getBoundingClientRect()
    const [px, py] = [x - origin.x, y - origin.y]
    return this.boxes.findIndex((box) => px > box.left && px < box.right && py > box.top && py < box.bottom)
  }

  /** A link that is being drawn. */
  pull(from: number, to: Point | undefined): void {
    const box = this.boxes[from]
    if (to === undefined || box === undefined) return this.rubber.removeAttribute('d')
    const origin = this.svg.getBoundingClientRect()
    const start = middle(box)
    this.rubber.setAttribute('d', `M${start.x} ${start.y}L${to.x - origin.x} ${to.y - origin.y}`)
  }

  write(graph: Graph): void {
    const wanted = this.drawn.filter(({ pair }) => pair.isWanted).length
    this.svg.classList.toggle('is-crowded', wanted > 8)
    for (const { pair, group } of this.drawn) {
      const phase = graph.phaseOf(pair)
      if (group.dataset.phase !== phase) {
        group.dataset.phase = phase
        group.setAttribute('aria-pressed', `${pair.isWanted}`)
      }
      const text = group.querySelector('text')
      const label = `${pair.wire.delay} ms`
      if (text !== null && text.textContent !== label) text.textContent = label
    }
  }

  /** A place beside a line, on the side that looks away from the middle. */
  private beside(curve: Curve, at: Point): Point {
    const [one, other] = [pointOn(curve, curve.start), pointOn(curve, curve.end)]
    const length = Math.hypot(other.x - one.x, other.y - one.y) || 1
    const [nx, ny] = [(other.y - one.y) / length, (one.x - other.x) / length]
    const out = nx * (at.x - this.svg.clientWidth / 2) + ny * (at.y - this.svg.clientHeight / 2) < 0 ? -1 : 1
    return { x: at.x + out * nx * 24, y: at.y + out * ny * 12 }
  }

  private curveOf({ a, b }: Pair): Curve {
    const [boxA, boxB] = [this.boxes[a], this.boxes[b]]
    if (boxA === undefined || boxB === undefined) return NOWHERE
    const [from, to] = [middle(boxA), middle(boxB)]
    const centre = { x: this.svg.clientWidth / 2, y: this.svg.clientHeight / 2 }
    const half = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
    // Neighbours on the ring are linked straight. The next bend inward, past the one between them; those that face
    // each other bend sideways, so that not all cross at one point.
    const apart = Math.min(b - a, COUNT - b + a)
    const [pull, aside] = apart === 2 ? [0.84, 0] : [0, apart === 3 ? 0.09 : 0]
    const bend = {
      x: half.x + (centre.x - half.x) * pull + (to.y - from.y) * aside,
      y: half.y + (centre.y - half.y) * pull - (to.x - from.x) * aside,
    }
    const bare: Curve = { from, bend, to, start: 0, end: 1 }
    const steps = 60
    let [start, end] = [0, 1]
    for (let i = 0; i <= steps && inside(boxA, pointOn(bare, i / steps)); i++) start = i / steps
    for (let i = steps; i >= 0 && inside(boxB, pointOn(bare, i / steps)); i--) end = i / steps
    return { from, bend, to, start, end }
  }
}

/** Where a share of the way along a curve is. */
export const pointOn = ({ from, bend, to }: Curve, share: number): Point => {
  const rest = 1 - share
  const [p, q, r] = [rest * rest, 2 * rest * share, share * share]
  return { x: p * from.x + q * bend.x + r * to.x, y: p * from.y + q * bend.y + r * to.y }
}

const middle = ({ x, y, width, height }: DOMRect): Point => ({ x: x + width / 2, y: y + height / 2 })

const inside = (box: DOMRect, { x, y }: Point): boolean =>
  x > box.left && x < box.right && y > box.top && y < box.bottom

const groupOf = ({ a, b }: Pair): SVGGElement => {
  const group = document.createElementNS(SVG, 'g')
  group.classList.add('link')
  group.dataset.link = `${LETTERS[a]}${LETTERS[b]}`
  group.setAttribute('role', 'button')
  group.setAttribute('tabindex', '0')
  group.setAttribute('aria-label', `Link ${LETTERS[a]} and ${LETTERS[b]}`)
  group.innerHTML = `<path class="hit"/><path class="line"/>
    <text text-anchor="middle"></text><g class="tool"><circle r="11"/><path class="join" d="M-5 0H5M0-5V5"/><path class="cut" d="M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5"/></g>`
  return group
}
