import { app, digest, event, loop, type PeersOptions, peers } from '../../src/index.ts'

/** What everybody has said: it changes by events alone, so that peers can be compared. */
export const board = app({
  id: 'board@1',
  fps: 50,
  events: { say: event<string>(1) },
  start: () => ({ said: [] as string[], members: 0 }),
  on: {
    say(s, e) {
      s.said.push(e.payload)
    },
    join(s) {
      s.members++
    },
    leave(s) {
      s.members--
    },
  },
})

const met = (url: string, options?: PeersOptions) => peers(url, board, options)
export type Board = Awaited<ReturnType<typeof met>>

/** What a page shows of itself to the test. */
export interface Page {
  link: Board
  join(url: string, options?: PeersOptions): Promise<void>
  /** How many links there are, how many of them go through the server, and what the state comes to. */
  look(): { links: number; relayed: number; said: number; digest: number }
}

export const lookAt = (link: Board): ReturnType<Page['look']> => {
  const { links = 0, relayed = 0 } = link.stats() as unknown as Record<string, number>
  return { links, relayed, said: link.state.said.length, digest: digest(link.state) }
}

declare global {
  var peer: Page
}

if (typeof document !== 'undefined')
  globalThis.peer = {
    link: undefined as never,
    async join(url, options) {
      this.link = await met(url, options)
      // Nobody looks at it: it is driven also where no frame is drawn.
      loop(this.link)
    },
    look() {
      return lookAt(this.link)
    },
  }
