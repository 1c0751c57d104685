import { app } from '../app/app.ts'
import { drive as machineDrive } from '../app/drive.ts'
import { SametickError } from '../app/errors.ts'
import { event } from '../app/event.ts'
import { loop } from '../app/loop.ts'
import { hostPort } from '../transport/address.ts'
import type { Peers, PeersLink } from './peers.ts'

/** An event of the second paper: what happened, and up to four numbers with it. */
export interface P2pEvent {
  readonly id: number
  readonly pay: readonly number[]
}

export interface P2pCallbacks<G extends object> {
  /** Called at the beginning, where links are made, and at the end. */
  cb_ini?(begins: boolean): void
  /** One event, or the tick: changes the state, and depends on nothing else. */
  cb_sim(G: G, evt: P2pEvent): void
  /** Draws; never while time travels. */
  cb_ren?(G: G): void
  /** Asked once a frame, also while time travels: what the user has done meanwhile, if anything. */
  cb_evt?(): P2pEvent | undefined
}

export interface P2pOptions {
  /** Where others can link to: a port on this machine, or on another of its addresses. */
  readonly port?: number
  readonly host?: string
  readonly signal?: AbortSignal
}

export interface P2p {
  /** Runs until the signal comes. `me` is one's own number, `G` the whole state at the start. */
  p2p_loop<G extends object>(
    me: number,
    fps: number,
    G: G,
    callbacks: P2pCallbacks<G>,
    options?: P2pOptions,
  ): Promise<void>
  /** Link with the peer of that number, as soon as it is there, and again whenever the link is lost. */
  p2p_link(peer: number, host: string, port: number): void
  p2p_unlink(peer: number): void
}

/** The beginning of the simulation, the tick, and the first number that an application may choose. */
export const P2P_EVT_START = 1
export const P2P_EVT_TICK = 0
export const P2P_EVT_NEXT = 2

const LOCAL = '127.0.0.1'
const PAY_MAX = 4
const ME_MAX = 2 ** 20

const isEvent = (payload: unknown): payload is number[] =>
  Array.isArray(payload) &&
  payload.length >= 1 &&
  payload.length <= 1 + PAY_MAX &&
  payload.every((n) => Number.isSafeInteger(n)) &&
  payload[0] >= P2P_EVT_NEXT

/** The second paper's commands over peers: one loop a program. */
export const p2pBy = (peers: Peers): P2p => {
  const wanted = new Map<number, string>()
  let link: PeersLink | undefined
  let isBusy = false

  const appOf = <G extends object>(fps: number, G: G, { cb_sim }: P2pCallbacks<G>) => {
    const tick = { id: P2P_EVT_TICK, pay: [] }
    return app({
      id: 'p2p@1',
      fps,
      events: { evt: event<number[]>(1, isEvent) },
      start: () => {
        const state = structuredClone(G)
        cb_sim(state, { id: P2P_EVT_START, pay: [] })
        return state
      },
      on: { evt: (state, { payload: [id = 0, ...pay] }) => cb_sim(state, { id, pay }) },
      tick: (state) => cb_sim(state, tick),
    })
  }

  return {
    p2p_loop: async (me, fps, G, callbacks, options = {}) => {
      if (isBusy) throw new SametickError('link_driven', 'p2p_loop runs already: one a program.')
      if (!Number.isInteger(me) || me < 1 || me >= ME_MAX)
        throw new SametickError('bad_request', `The number ${me}: it is whole, from 1 to ${ME_MAX - 1}.`)
      const { port, host = LOCAL, signal } = options
      isBusy = true
      try {
        callbacks.cb_ini?.(true)
        const listen = port === undefined ? {} : { listen: `tcp://${hostPort(host, port)}` }
        const mine = await peers({ ...listen, link: [...wanted.values()] }, appOf(fps, G, callbacks), {
          keep: true,
          // The same number first, so that its order is the paper's; a new process is another source.
          id: me * 2 ** 32 + Math.floor(Math.random() * 2 ** 32),
          ...(signal === undefined ? {} : { signal }),
        })
        link = mine as never
        const leave = (): void => mine.leave()
        signal?.addEventListener('abort', leave, { once: true })
        if (signal?.aborted) leave()
        await loop(mine, {
          ...(callbacks.cb_ren ? { render: (state) => callbacks.cb_ren?.(state as never) } : {}),
          drive: (frame) =>
            machineDrive((isShown) => {
              for (let evt = callbacks.cb_evt?.(); evt; evt = callbacks.cb_evt?.())
                mine.emit('evt', [evt.id, ...evt.pay])
              return frame(isShown)
            }),
        }).ended
        signal?.removeEventListener('abort', leave)
      } finally {
        isBusy = false
        link = undefined
        callbacks.cb_ini?.(false)
        wanted.clear()
      }
    },

    p2p_link: (peer, host, port) => {
      const address = `tcp://${hostPort(host, port)}`
      wanted.set(peer, address)
      // A link that never comes about is no error: whoever is meant may come later, or never.
      link?.link(address, { keep: true }).catch(() => undefined)
    },

    p2p_unlink: (peer) => {
      const address = wanted.get(peer)
      wanted.delete(peer)
      if (address !== undefined) link?.unlink(address)
    },
  }
}
