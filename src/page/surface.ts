/** A canvas in the px of the page, sharp on every screen. */
export class Surface {
  readonly canvas: HTMLCanvasElement
  readonly context: CanvasRenderingContext2D
  width = 0
  height = 0

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas
    this.context = canvas.getContext('2d') as CanvasRenderingContext2D
    new ResizeObserver(() => this.measure()).observe(canvas)
    this.measure()
  }

  /** An empty canvas to draw on. */
  clear(): CanvasRenderingContext2D {
    const ratio = this.canvas.width / Math.max(1, this.width)
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.context.clearRect(0, 0, this.width, this.height)
    return this.context
  }

  private measure(): void {
    const { clientWidth, clientHeight } = this.canvas
    const ratio = Math.min(3, window.devicePixelRatio || 1)
    this.width = clientWidth
    this.height = clientHeight
    this.canvas.width = Math.round(clientWidth * ratio)
    this.canvas.height = Math.round(clientHeight * ratio)
  }
}

export interface Point {
  readonly x: number
  readonly y: number
}
