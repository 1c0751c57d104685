import { SametickError } from '../app/errors.ts'
import type { Link, LinkInput } from '../app/link.ts'
import type { Connect } from './connect.ts'

/** What `mid_wait` gives: the time in milliseconds, the event (0 is the tick), and what came with it. */
export type MidInput = readonly [now: number, evt: number, payload: unknown]

export interface Mid {
  mid_connect(url: string, fps: number, options?: { readonly signal?: AbortSignal }): Promise<void>
  mid_wait(): Promise<MidInput>
  mid_emit(evt: number, payload?: unknown): void
  mid_disconnect(): void
}

/** The paper's four commands, over a link: one connection a program, events and ticks and nothing else. */
export const midBy = (connect: Connect): Mid => {
  let link: Link<object, Record<never, never>, undefined> | undefined
  let inputs: AsyncIterator<LinkInput> | undefined

  const connected = <T>(value: T | undefined): T => {
    if (value === undefined) throw new SametickError('not_admitted', 'Call mid_connect first.')
    return value
  }

  return {
    mid_connect: async (url, fps, { signal } = {}) => {
      link?.leave()
      link = await connect(url, { id: 'mid@1', fps }, signal === undefined ? {} : { signal })
      inputs = link[Symbol.asyncIterator]()
    },

    mid_wait: async () => {
      const reader = connected(inputs)
      for (;;) {
        const { done, value } = await reader.next()
        if (done) {
          const status = link?.status
          throw new SametickError('session_ended', status?.phase === 'ended' ? status.why : '')
        }
        if (value.id >= 0) return [value.now, value.id, value.payload]
      }
    },

    mid_emit: (evt, payload) => {
      connected(link).emit(evt, payload)
    },

    mid_disconnect: () => {
      link?.leave()
      link = undefined
      inputs = undefined
    },
  }
}
