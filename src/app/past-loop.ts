import { MILLISECOND, type Micros, NEVER, SECOND, type Tick } from '../core/timeline/tick.ts'
import type { Player } from './app.ts'
import { type Driver, type Frame, drive as machineDrive } from './drive.ts'
import { SametickError } from './errors.ts'
import type { Events } from './event.ts'
import { DRIVEN, type Driven, type Link } from './link.ts'
import { type LoopOptions, loop, tell, type View } from './loop.ts'
import type { Past, PastLoop, RewindTo } from './past.ts'
import { Place } from './past-place.ts'
import { PastRecord } from './past-record.ts'
import { PastViewer } from './past-viewer.ts'

/** A frame runs the past for at most so long. */
const FRAME_MAX: Micros = 10 * MILLISECOND

export interface Kept {
  readonly minutes: number
  readonly wayMax: Micros
  readonly effects: boolean
}

type Options<S, I> = LoopOptions<S, I, Past | undefined>
type Render<S> = (state: S, view: View<S>) => void

/** A loop around a loop: it lets the present draw, be heard and be steered, or puts the past in its place. */
export class Looking<S extends object, E extends Events, I> {
  private readonly link: Link<S, E, I>
  private readonly driven: Driven<S, I>
  private readonly kept: Kept
  private readonly options: Options<S, I>
  private readonly record: PastRecord
  private readonly place: Place
  private shown: PastViewer<S> | undefined
  /** For `at`, which does not move what is shown. */
  private asked: PastViewer<S> | undefined
  /** Up to where what is played was heard: what is run once more on the way there is not heard again. */
  private heardTo: Tick = NEVER
  private driver: Driver | undefined
  /** The link has ended: there are frames only while somebody looks back. */
  private isOver = false
  private isStopped = false

  constructor(link: Link<S, E, I>, kept: Kept, options: Options<S, I>) {
    const { fps, runner } = link[DRIVEN]
    this.link = link
    this.driven = link[DRIVEN]
    this.kept = kept
    this.options = options
    this.place = new Place(fps, kept.wayMax)
    const ticks = Math.ceil(kept.minutes * 60 * fps)
    this.record = new PastRecord(runner, ticks, {
      due: () => this.driven.due(),
      voidFrom: (tick) => {
        this.shown?.voidFrom(tick)
        this.asked?.voidFrom(tick)
      },
      wentBack: (changed) => {
        if (!this.isStopped && this.options.render) this.place.wentBack(changed)
      },
    })
  }

  loop(): PastLoop<S> {
    const { link, place, record } = this
    const shown = (): readonly Player[] | undefined => this.shown?.players
    const { render, input, effects } = this.options
    const present = loop(link, {
      ...(render && { render: (state: S, view: View<S>) => this.render(render, state, view) }),
      ...(input && { input: () => this.hand(input) }),
      ...(effects && { effects: (name: string, data: unknown) => this.hear(name, data) }),
      drive: (frame) => this.drive(frame),
    })
    return {
      ended: present.ended,
      stop: () => {
        this.isStopped = true
        place.comeBack()
        present.stop()
        // What has ended before may be looked at still.
        this.end()
        if (this.driven.recorder === record) this.driven.recorder = undefined
      },
      at: (tick) => this.at(tick),
      rewind: (to) => this.rewind(to),
      play: ({ speed = 1 } = {}) => this.play(speed),
      live: () => {
        place.comeBack()
        this.look()
      },
      get range() {
        return record.range
      },
      get showing() {
        return place.isLive ? record.local : place.tick
      },
      get isLive() {
        return place.isLive
      },
      get players() {
        return (!place.isLive && shown()) || link.players
      },
      get speed() {
        return place.isAway ? place.speed : 1
      },
      get kept() {
        return record.size
      },
    }
  }

  // --- what one who looks does

  private at(tick: Tick): S {
    const { from, local } = this.record
    if (!Number.isSafeInteger(tick) || tick < from || tick > local)
      throw new SametickError(
        'not_kept',
        `There are ticks ${from} to ${local}; past({ minutes }) keeps more.`,
        {
          sentence: `Tick ${tick} cannot be had.`,
        },
      )
    this.asked ??= this.newViewer()
    this.asked.seek(tick)
    return this.asked.copyOfState()
  }

  private rewind(to: RewindTo): void {
    const { from, local } = this.record
    const back = typeof to === 'number' ? 0 : 'ticks' in to ? to.ticks : to.seconds * this.driven.fps
    const tick = Math.round(typeof to === 'number' ? to : this.position - back)
    if (Number.isNaN(tick))
      throw new SametickError('bad_request', 'rewind: to a tick, { ticks } or { seconds }.')
    this.leave(Math.min(local, Math.max(from, tick)), 0)
  }

  private play(speed: number): void {
    if (!Number.isFinite(speed))
      throw new SametickError('bad_request', `A speed of ${speed}: it is a number.`)
    // In the present nothing lies ahead.
    if (!this.place.isLive || speed < 1) this.leave(this.position, speed)
  }

  private leave(position: number, speed: number): void {
    if (this.isStopped) return
    this.place.leave(position, speed, this.driven.now())
    this.look()
  }

  /** What is drawn of the present. */
  private get present(): number {
    return this.record.local - 1 + this.driven.alpha()
  }

  private get position(): number {
    return this.place.isLive ? this.present : this.place.position
  }

  // --- frames

  private drive(present: Frame): Driver {
    // From here on the link is read by this loop and nobody else.
    this.driven.recorder = this.record
    this.frame = (isShown) => {
      const wait = this.isOver ? this.frameAfterEnd(isShown) : present(isShown)
      return this.place.isLive ? wait : Math.min(wait, SECOND / MILLISECOND / this.driven.fps)
    }
    this.begin()
    return {
      stop: () => {
        this.isOver = true
        if (this.place.isLive) this.end()
      },
      wake: () => this.driver?.wake?.(),
    }
  }

  private frame: Frame = () => NEVER

  private begin(): void {
    const { drive = machineDrive } = this.options
    this.driver = drive(this.frame)
  }

  private end(): void {
    this.driver?.stop()
    this.driver = undefined
  }

  /** Something else is to be shown. */
  private look(): void {
    if (this.driver) this.driver.wake?.()
    else if (this.isOver && !this.place.isLive) this.begin()
  }

  /** What has ended is drawn while somebody looks back, and once more when nobody does any longer. */
  private frameAfterEnd(isShown = true): number {
    const { driven, link } = this
    const { render } = this.options
    if (render && isShown && this.driver) {
      const { me, status } = link
      this.render(render, driven.state, { alpha: driven.alpha(), before: driven.before(), me, status })
    }
    if (this.place.isLive) this.end()
    return NEVER
  }

  private render(render: Render<S>, state: S, view: View<S>): void {
    const { place, record, kept } = this
    const now = this.driven.now()
    if (!place.isLive) place.move(now, record.range, this.present)
    if (place.isLive) return render(state, view)
    this.shown ??= this.newViewer()
    const viewer = this.shown
    const { goesOn } = place
    viewer.hearsAfter = kept.effects && place.isAway && goesOn ? this.heardTo : NEVER
    const isThere = viewer.show(place.tick, () => this.driven.now() < now + FRAME_MAX)
    viewer.hearsAfter = NEVER
    if (isThere) place.isThere = true
    else if (goesOn) place.position = viewer.tick
    else {
      place.isThere = false
      return
    }
    this.heardTo = goesOn ? Math.max(this.heardTo, viewer.tick) : viewer.tick
    this.tellOf(viewer)
    render(viewer.state, {
      alpha: place.alpha,
      get before() {
        return viewer.before
      },
      me: view.me,
      status: view.status,
    })
  }

  // --- what is heard and held

  private hear(name: string, data: unknown): void {
    const { effects } = this.options
    if (effects && !(this.place.isAway && this.kept.effects)) tell(effects, name, data)
  }

  private tellOf(viewer: PastViewer<S>): void {
    const { effects } = this.options
    for (const { name, data } of viewer.takeEffects()) if (effects) tell(effects, name, data)
  }

  /** Who looks away lets go of everything. */
  private hand(input: () => I): I {
    return this.place.isAway ? (this.driven.runner.app.input?.neutral as I) : input()
  }

  private newViewer(): PastViewer<S> {
    return new PastViewer<S>(this.record, this.driven.runner)
  }
}
