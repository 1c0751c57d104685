import type { SideName } from './agreement.ts'
import type { Naive } from './naive.ts'
import { colour } from './palette.ts'
import { between } from './rect.ts'
import { drawWay, Figure, WorldView } from './world-view.ts'

const OWN: Readonly<Record<SideName, string>> = { A: 'a', B: 'b' }
/** Closer than this they lie on each other, and there is nothing between them. */
const TOUCHING_PX = 30

/** Both copies that have no Sametick, one over the other. */
export class NaiveView {
  private readonly world: WorldView
  private readonly figures: Readonly<Record<SideName, Figure>> = { A: new Figure(), B: new Figure() }

  constructor(canvas: HTMLCanvasElement) {
    this.world = new WorldView(canvas)
  }

  draw({ copies, distance }: Naive): void {
    const context = this.world.begin()
    const { A, B } = this.figures
    const { bold } = this.world
    for (const side of ['A', 'B'] as const) {
      const { before, rect, alpha } = copies[side]
      this.figures[side].move(between(before, rect, alpha))
      this.figures[side].drawTrace(context, colour(OWN[side]), bold)
    }
    if (distance > TOUCHING_PX) drawWay(context, A.centre, B.centre, colour('bad'), bold)
    A.drawGhost(context, 'A', colour('a'), bold)
    B.drawGhost(context, 'B', colour('b'), bold)
    this.world.end()
  }
}
