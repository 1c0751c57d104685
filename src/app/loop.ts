import { MILLISECOND, NEVER } from '../core/timeline/tick.ts'
import { type Drive, drive as machineDrive } from './drive.ts'
import type { Events } from './event.ts'
import { DRIVEN, type Link, type Status } from './link.ts'
import type { Past, PastLoop } from './past.ts'

/** What one sees of the moment between two ticks. */
export interface View<S> {
  /** How far the time from the last tick to the next has gone: from 0 to 1. */
  readonly alpha: number
  /**
   * The state one tick before: what is drawn at `mix(before.x, s.x, alpha)` moves smoothly. It is kept from the
   * first time that somebody asks for it, so that who never asks pays nothing.
   */
  readonly before: S
  readonly me: number
  readonly status: Status
}

/** What becomes of effects: a function for each name, or one for all. */
export type Effects =
  | ((name: string, data: unknown) => void)
  | { readonly [name: string]: { bivariant(data: unknown): void }['bivariant'] | undefined }

export interface LoopOptions<S, I, P extends Past | undefined = undefined> {
  /** Draws, once a frame, after all ticks that were due. It may look at the state and not change it. */
  readonly render?: (state: S, view: View<S>) => void
  /** What the own player holds; asked once a frame in which a tick is due. */
  readonly input?: () => I
  readonly effects?: Effects
  /** Who says when a frame is due, in place of the browser or a timer. */
  readonly drive?: Drive
  /** Keeps the past, which can then be looked at: `past()`. */
  readonly past?: P
}

export interface Loop {
  /** Run and draw no more. The link stays as it is. */
  stop(): void
  /** Resolves with the last status, when the link has ended or the loop was stopped. */
  readonly ended: Promise<Status>
}

/**
 * A frame runs ticks for at most so long and then draws, however much is due: what is behind is made good over
 * several frames that can be seen, and not in one that hangs.
 */
const FRAME_MAX = 10 * MILLISECOND
/** Hidden, nothing is drawn, and a frame comes only once a second or less often. */
const HIDDEN_FRAME_MAX = 200 * MILLISECOND
/** In milliseconds: if nothing is due, the status is looked at this often. */
const IDLE_MAX = 250

/**
 * Runs an application along its link and draws it between the ticks. In a browser a frame is an animation frame,
 * elsewhere a timer that goes off when the next tick is due. It is the link's one reader.
 */
export const loop = <S extends object, E extends Events, I, P extends Past | undefined = undefined>(
  link: Link<S, E, I>,
  options: LoopOptions<S, I, P> = {},
): P extends Past ? PastLoop<S> : Loop => {
  type Made = P extends Past ? PastLoop<S> : Loop
  const { past } = options
  if (past) return past.loop(link, options) as Made
  const driven = link[DRIVEN]
  const release = driven.claim('loop()')
  const { render, input, effects, drive = machineDrive } = options
  const view: View<S> = {
    get alpha() {
      return driven.alpha()
    },
    get before() {
      return driven.before()
    },
    get me() {
      return link.me
    },
    get status() {
      return link.status
    },
  }
  const threw = new Set<string>()
  let isOver = false

  const run = (isShown: boolean): void => {
    if (input && driven.due() > 0) driven.hold(input())
    const until = driven.now() + (isShown ? FRAME_MAX : HIDDEN_FRAME_MAX)
    while (driven.run()) {
      const failure = driven.takeFailure()
      if (failure && !threw.has(failure.event)) {
        // Once for each handler: one that throws at every tick would bury everything else.
        threw.add(failure.event)
        throw new Error(failure.message, { cause: failure.error })
      }
      if (isOver || driven.now() >= until) return
    }
  }

  const frame = (isShown = true): number => {
    if (isOver) return NEVER
    try {
      run(isShown)
      if (effects) for (const { name, data } of driven.takeEffects()) tell(effects, name, data)
      else driven.takeEffects()
      if (render && isShown && !isOver && !driven.travels()) render(driven.state, view)
    } finally {
      if (link.status.phase === 'ended') finish()
    }
    if (isOver) return NEVER
    return Math.min(IDLE_MAX, Math.max(0, (driven.nextInput() - driven.now()) / MILLISECOND))
  }

  let over: (status: Status) => void = () => undefined
  const ended = new Promise<Status>((resolve) => {
    over = resolve
  })
  const finish = (): void => {
    if (isOver) return
    isOver = true
    driver?.stop()
    unwake()
    release()
    over(link.status)
  }

  let driver: ReturnType<Drive> | undefined
  const unwake = driven.onWake(() => driver?.wake?.())
  driver = drive(frame)
  // It may have ended in its very first frame.
  if (isOver) driver.stop()
  return { stop: finish, ended } as Made
}

export const tell = (effects: Effects, name: string, data: unknown): void => {
  if (typeof effects === 'function') effects(name, data)
  else if (Object.hasOwn(effects, name)) effects[name]?.(data)
}
