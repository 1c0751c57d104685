/** What the player holds, from keys, a finger or a pad, as the game wants it: a way, and 32 to dash. */

const KEYS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  KeyD: [1, 0],
  KeyW: [0, -1],
  KeyS: [0, 1],
}
const DASH: readonly string[] = ['Space', 'ShiftLeft', 'ShiftRight', 'Enter']

/** A finger that moved less from where it came down holds no way; a stick neither. */
const DEAD_PX = 10
const DEAD_STICK = 0.35
/** How far the drawn stick reaches. */
export const STICK_PX = 56

/** A finger as a stick: where it came down, and where it is. */
export interface Stick {
  readonly x: number
  readonly y: number
  dx: number
  dy: number
}

export class Controls {
  /** The finger that steers, if there is one. */
  stick: Stick | undefined
  /** Whether anything was ever pressed. */
  isUsed = false
  /** When a key, a finger or the stick last moved, by the page's clock. */
  changedAt = 0
  private readonly down = new Set<string>()
  private stickFinger: number | undefined
  private readonly dashFingers = new Set<number>()

  constructor(surface: HTMLElement, pressed: () => void) {
    const used = () => {
      this.isUsed = true
      pressed()
    }
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (!(event.code in KEYS) && !DASH.includes(event.code)) return
      // Space presses a button that has the focus, and arrows move a slider.
      const { target } = event
      if (target instanceof Element && target.closest('button, summary') && !(event.code in KEYS)) return
      if (target instanceof HTMLInputElement) return
      event.preventDefault()
      if (!event.repeat) this.changedAt = event.timeStamp
      this.down.add(event.code)
      used()
    })
    document.addEventListener('keyup', (event) => {
      if (this.down.delete(event.code)) this.changedAt = event.timeStamp
    })
    window.addEventListener('blur', () => this.down.clear())
    surface.addEventListener('pointerdown', (event) => {
      event.preventDefault()
      surface.setPointerCapture(event.pointerId)
      this.changedAt = event.timeStamp
      // The first finger on the left steers, every other one dashes.
      if (this.stickFinger === undefined && event.clientX < surface.clientWidth / 2) {
        this.stickFinger = event.pointerId
        this.stick = { x: event.clientX, y: event.clientY, dx: 0, dy: 0 }
      } else this.dashFingers.add(event.pointerId)
      used()
    })
    surface.addEventListener('pointermove', (event) => {
      if (event.pointerId !== this.stickFinger || this.stick === undefined) return
      this.changedAt = event.timeStamp
      this.stick.dx = event.clientX - this.stick.x
      this.stick.dy = event.clientY - this.stick.y
    })
    const up = (event: PointerEvent) => {
      this.dashFingers.delete(event.pointerId)
      if (event.pointerId !== this.stickFinger) return
      this.stickFinger = undefined
      this.stick = undefined
    }
    surface.addEventListener('pointerup', up)
    surface.addEventListener('pointercancel', up)
  }

  held(): number {
    let [x, y] = [0, 0]
    for (const code of this.down) {
      const [kx, ky] = KEYS[code] ?? [0, 0]
      x += kx
      y += ky
    }
    let dashes = DASH.some((code) => this.down.has(code)) || this.dashFingers.size > 0
    if (this.stick !== undefined && Math.hypot(this.stick.dx, this.stick.dy) >= DEAD_PX) {
      x = this.stick.dx
      y = this.stick.dy
    }
    for (const pad of navigator.getGamepads()) {
      if (pad === null) continue
      const [px = 0, py = 0] = pad.axes
      if (Math.hypot(px, py) > DEAD_STICK) [x, y] = [px, py]
      dashes ||= pad.buttons.slice(0, 4).some(({ pressed }) => pressed)
    }
    return wayTo(x, y) + (dashes ? 32 : 0)
  }
}

/** The sixteenth of a turn that a vector points to; 0 for none. */
const wayTo = (x: number, y: number): number => {
  if (x === 0 && y === 0) return 0
  return 1 + ((Math.round((Math.atan2(y, x) * 8) / Math.PI) + 16) % 16)
}
