import { app, event, type Player } from 'sametick'

/** A tick is a frame of the clip. */
export const FPS = 30
export const FRAMES = 1_800
/** How many of the last acts are kept, for all to see, latecomers included. */
const ACTS = 6

export interface Act {
  /** Whose it was, by name: whoever it was may have left by now. */
  readonly who: string
  readonly what: 'play' | 'pause' | 'seek'
  /** The frame on the screen from then on, and the tick of it. */
  readonly frame: number
  readonly tick: number
}

export interface Party {
  frame: number
  isPlaying: boolean
  acts: Act[]
}

const isFrame = (frame: unknown): frame is number =>
  Number.isInteger(frame) && (frame as number) >= 0 && (frame as number) < FRAMES

/** The name that somebody gave on connecting, as far as it is one. */
export const nameOf = ({ id, data }: Player): string =>
  typeof data === 'string' && data.trim() !== '' ? data.trim().slice(0, 16) : `viewer ${id}`

const note = (party: Party, player: Player | undefined, what: Act['what'], tick: number): void => {
  const who = player === undefined ? 'somebody' : nameOf(player)
  party.acts = [...party.acts, { who, what, frame: party.frame, tick }].slice(-ACTS)
}

/** A screen that all share: what it shows is a number, and whoever acts, acts for all. */
export default app({
  id: 'watch-party@1',
  fps: FPS,
  events: { seek: event(1, isFrame) },
  start: (): Party => ({ frame: 0, isPlaying: true, acts: [] }),
  on: {
    // Pause and resume are known to every session; what they do is up to the application.
    pause(party, { player }, { tick }) {
      if (!party.isPlaying) return
      party.isPlaying = false
      note(party, player, 'pause', tick)
    },
    resume(party, { player }, { tick }) {
      if (party.isPlaying) return
      // From the end it begins anew.
      if (party.frame === FRAMES - 1) party.frame = 0
      party.isPlaying = true
      note(party, player, 'play', tick)
    },
    seek(party, { payload, player }, { tick }) {
      party.frame = payload
      note(party, player, 'seek', tick)
    },
  },
  tick(party) {
    if (!party.isPlaying) return
    party.frame++
    if (party.frame >= FRAMES - 1) {
      party.frame = FRAMES - 1
      party.isPlaying = false
    }
  },
})
