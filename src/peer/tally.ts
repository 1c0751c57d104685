import { app } from '../app/app.ts'
import { event } from '../app/event.ts'
import { digest } from '../core/timeline/digest.ts'
import type { Tick } from '../core/timeline/tick.ts'

/** Seconds whose digests the state holds. */
const MARKS_MAX = 60

/** What the state was once a second: since that is in the state, what comes late corrects it. */
export interface Mark {
  readonly tick: Tick
  readonly digest: number
}

/**
 * An application without a face: every event and every tick is mixed into its state, which says once a second what
 * it is. Peers that agree say the same.
 */
export const tally = (fps: number) =>
  app({
    id: 'peer@1',
    fps,
    events: { count: event<number>(1) },
    start: () => ({ mixed: 1, events: 0, members: 0, marks: [] as Mark[] }),
    on: {
      count(s, e) {
        s.events++
        s.mixed = digest([s.mixed, e.player.id, e.payload])
      },
      join(s) {
        s.members++
      },
      leave(s) {
        s.members--
      },
    },
    tick(s, t) {
      s.mixed = Math.imul(s.mixed ^ t.tick, 0x0100_0193) >>> 0
      if (t.tick % fps !== 0) return
      s.marks.push({ tick: t.tick, digest: digest([s.mixed, s.events, s.members]) })
      if (s.marks.length > MARKS_MAX) s.marks.shift()
    },
  })
