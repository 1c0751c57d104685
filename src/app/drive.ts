/** One frame: runs what is due and draws if it is shown. Returns in how many milliseconds the next tick is due. */
export type Frame = (isShown?: boolean) => number

export interface Driver {
  stop(): void
  /** Something may be due sooner than the last frame said. */
  wake?(): void
}

/** Calls frames until it is stopped; `loop` takes one of one's own as `drive`. */
export type Drive = (frame: Frame) => Driver

/** The parts of a browser that are used here; none of them is there elsewhere. */
interface Page {
  requestAnimationFrame?: (callback: () => void) => number
  cancelAnimationFrame?: (handle: number) => void
  document?: {
    readonly hidden: boolean
    addEventListener(type: 'visibilitychange', listener: () => void): void
    removeEventListener(type: 'visibilitychange', listener: () => void): void
  }
}

/** Animation frames where there are any, and timers elsewhere. */
export const drive: Drive = (frame) => {
  const page = globalThis as Page
  return page.requestAnimationFrame ? byFrames(frame, page) : byTimer(frame)
}

/** A timer that goes off when the next tick is due. A late one is late once: there is never more than one. */
export const byTimer: Drive = (frame) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const plan = (wait: number): void => {
    clearTimeout(timer)
    if (!isOver) timer = setTimeout(turn, Math.ceil(wait))
  }
  const turn = (): void => {
    let wait = 0
    try {
      wait = frame()
    } finally {
      // Even if the frame threw: what went wrong once is no reason to stand still.
      plan(wait)
    }
  }
  plan(0)
  return {
    stop() {
      isOver = true
      clearTimeout(timer)
    },
    wake: () => plan(0),
  }
}

/** In milliseconds: how often a hidden page runs what is due. Browsers make it a second or more. */
const HIDDEN = 250

/** Animation frames; a hidden page gets none, so that a timer takes their place there. */
const byFrames = (frame: Frame, page: Page): Driver => {
  const { document } = page
  let handle: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const plan = (): void => {
    if (isOver) return
    if (document?.hidden) timer = setTimeout(turn, HIDDEN)
    else handle = page.requestAnimationFrame?.(turn)
  }
  const cancel = (): void => {
    clearTimeout(timer)
    if (handle !== undefined) page.cancelAnimationFrame?.(handle)
  }
  const turn = (): void => {
    try {
      frame(!document?.hidden)
    } finally {
      plan()
    }
  }
  const onChange = (): void => {
    cancel()
    plan()
  }
  document?.addEventListener('visibilitychange', onChange)
  plan()
  return {
    stop() {
      isOver = true
      cancel()
      document?.removeEventListener('visibilitychange', onChange)
    },
  }
}
