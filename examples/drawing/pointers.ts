import { HEIGHT, WIDTH } from './board.ts'

export interface PointersTold {
  begin(): void
  /** In eighths of a unit; how hard it is pressed from 0 to 1. */
  point(x: number, y: number, pressure: number): void
  end(): void
  /** Where the hand is; -1 where it is not above the paper. */
  hover(x: number, y: number): void
}

/** Mouse, finger or pen, one at a time. */
export const followPointers = (area: HTMLElement, told: PointersTold): void => {
  let pointer: number | undefined

  const placeOf = ({ clientX, clientY }: PointerEvent): [number, number] => {
    const { left, top, width, height } = area.getBoundingClientRect()
    return [((clientX - left) / width) * WIDTH, ((clientY - top) / height) * HEIGHT]
  }
  const draw = (event: PointerEvent): void => {
    const [x, y] = placeOf(event)
    // Only pens know how hard they are pressed; the others say a half, or nothing.
    told.point(x, y, event.pointerType === 'pen' ? event.pressure : 1)
  }
  const hover = (event: PointerEvent): void => {
    const [x, y] = placeOf(event).map(Math.round) as [number, number]
    const isAbove = x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT
    told.hover(isAbove ? x : -1, isAbove ? y : -1)
  }
  const end = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse' || event.type === 'pointerleave') told.hover(-1, -1)
    if (event.pointerId !== pointer) return
    pointer = undefined
    told.end()
  }

  area.addEventListener('pointerdown', (event) => {
    if (pointer !== undefined || event.button !== 0) return
    event.preventDefault()
    pointer = event.pointerId
    area.setPointerCapture(pointer)
    told.begin()
    draw(event)
    hover(event)
  })
  area.addEventListener('pointermove', (event) => {
    if (event.pointerId === pointer) {
      // Between two frames the hand went on: a browser tells all of the way on request.
      const way = event.getCoalescedEvents?.() ?? []
      for (const each of way.length > 0 ? way : [event]) draw(each)
    }
    if (pointer === undefined || event.pointerId === pointer) hover(event)
  })
  area.addEventListener('pointerup', end)
  area.addEventListener('pointercancel', end)
  area.addEventListener('pointerleave', (event) => event.pointerId !== pointer && end(event))
  area.addEventListener('contextmenu', (event) => event.preventDefault())
}
