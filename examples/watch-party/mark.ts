/** The number of a frame as light and dark cells: what two screens side by side are compared by at a glance. */
export class Mark {
  private readonly cells: HTMLElement[]

  constructor(element: HTMLElement, bits: number) {
    this.cells = Array.from({ length: bits }, () => document.createElement('i'))
    element.append(...this.cells)
  }

  show(frame: number): void {
    for (const [i, cell] of this.cells.entries())
      cell.classList.toggle('is-on', Math.floor(frame / 2 ** (this.cells.length - 1 - i)) % 2 === 1)
  }
}
