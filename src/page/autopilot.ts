import type { SideName } from './agreement.ts'
import type { Key } from './rect.ts'

/** Presses keys in both instances until somebody else does. */
export class Autopilot {
  isOn = true
  private readonly press: (side: SideName, key: Key) => void
  private next = 0
  private presses = 0
  private horizontal = false
  /** The other key of two that cross. */
  private crossing: { readonly at: number; readonly side: SideName; readonly key: Key } | undefined

  constructor(press: (side: SideName, key: Key) => void) {
    this.press = press
  }

  /** The first press comes so much later, in milliseconds. */
  restart(now: number, wait: number): void {
    this.next = now + wait
    this.presses = 0
    this.crossing = undefined
  }

  run(now: number): void {
    if (!this.isOn) return
    const { crossing } = this
    if (crossing !== undefined && now >= crossing.at) {
      this.crossing = undefined
      this.press(crossing.side, crossing.key)
    }
    if (now < this.next) return
    const side: SideName = this.presses % 2 === 0 ? 'A' : 'B'
    this.press(side, this.turned())
    // Every third time the other one presses before it can have heard of the first.
    if (this.presses % 3 === 2)
      this.crossing = { at: now + 60, side: side === 'A' ? 'B' : 'A', key: this.turned() }
    this.presses++
    this.next = now + 1_300 + 900 * Math.random()
  }

  /** A key that turns the rectangle, whichever way it goes. */
  private turned(): Key {
    this.horizontal = !this.horizontal
    const first = Math.random() < 0.6
    if (this.horizontal) return first ? 'right' : 'left'
    return first ? 'down' : 'up'
  }
}
