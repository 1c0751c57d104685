import type { App } from '../app/app.ts'
import { SametickError } from '../app/errors.ts'
import type { Events } from '../app/event.ts'
import type { Link } from '../app/link.ts'
import { encodePayload } from '../app/payload.ts'
import { RewindingLink } from '../app/rewinding-link.ts'
import { trial } from '../app/trial.ts'
import type { DelayRule, FoldRule } from '../core/peer/options.ts'
import { MILLISECOND, type Micros, SECOND } from '../core/timeline/tick.ts'
import { guard } from '../deterministic/guard.ts'
import type { Dial, Listen } from '../transport/transport.ts'
import type { Direct, IceServer } from './channel.ts'
import { iceOf } from './ice.ts'
import { Meeting } from './meeting.ts'
import type { Relayed } from './room.ts'

/** How far ahead events are stamped. */
export interface DelayOptions {
  /** How many milliseconds ahead events are stamped. Without it as many as it takes. */
  readonly delay?: number
  /** The share of events that may come late and roll somebody back, if the delay is found: 0.01. */
  readonly late?: number
}

export interface PeersOptions extends DelayOptions {
  /** What the others should know of this player: a name, a colour. It comes with the player. */
  readonly as?: unknown
  /** A number above 0 that nobody else has, and no process that ran before. Drawn without it. */
  readonly id?: number
  /** Of `t.random()`: the same for all. From the application's id without it. */
  readonly seed?: number
  /** Servers that help to find a direct way through routers, as browsers take them. None without it. */
  readonly ice?: readonly IceServer[]
  /** False: those that are met at a server are linked through it, and never directly. */
  readonly direct?: false
  /** Links again with an address where nobody listens yet, and whenever such a link is lost. */
  readonly keep?: boolean
  /**
   * How many milliseconds somebody may be out of reach and still bring what it did meanwhile: ten minutes. Who was
   * gone for longer is forgotten, and the past before that is folded. Infinity: nobody and nothing is, and all that
   * ever happened is held.
   */
  readonly forget?: number
  /** Gives up while it is being linked. */
  readonly signal?: AbortSignal
  /** False: do not watch for clocks and chance inside of steps. */
  readonly guard?: false
  /** False: do not look for what cannot be rolled back before anything begins. */
  readonly trial?: false
}

/** Where others are: an address of a peer or of a server where peers meet, several, or where they may come to, in Node. */
export type Where =
  | string
  | readonly string[]
  | { readonly listen?: string; readonly link?: string | readonly string[] }

export interface LinkOptions {
  readonly signal?: AbortSignal
  /** Again if nobody listens yet or the link is lost, until it is unlinked. */
  readonly keep?: boolean
}

/** A link to a timeline that nobody is in the middle of. */
export interface PeersLink<S extends object = object, E extends Events = Events, I = unknown>
  extends Link<S, E, I> {
  /**
   * Link with whoever listens there, or with those who are in that room of a server: resolves with the id of one of
   * them when all that it had is here, and with 0 where nobody is yet.
   */
  link(address: string, options?: LinkOptions): Promise<number>
  /** End the link to that address, or to the neighbour of that id; of a room: all links that were made there. */
  unlink(which: string | number): void
  /** Stamp events so far ahead from now on. */
  setDelay(options: DelayOptions): void
  /** The ids of those that this one is linked with. */
  readonly neighbours: readonly number[]
  /** Of these the links that go through a server, and why no direct way has come about, if it is known. */
  readonly relayed: readonly Relayed[]
  /** Where others can link to this one: where it listens, and the rooms that it is in. */
  readonly addresses: readonly string[]
  /**
   * `neighbours`: links have come or gone, or one goes another way; what has changed at one moment is told once. Who
   * takes part is another question, which `players` and the handlers of an application answer.
   */
  readonly on: Link<S, E, I>['on'] &
    ((what: 'neighbours', listener: (neighbours: readonly number[]) => void) => () => void)
}

export type Peers = <S extends object, E extends Events, I>(
  where: Where,
  app: App<S, E, I>,
  options?: PeersOptions,
) => Promise<PeersLink<S, E, I>>

/** `peers` by the transports of an environment. */
export const peersBy =
  (dial: Dial, listen?: Listen, direct?: Direct): Peers =>
  async (where, app, options = {}) => {
    const watch = options.guard === false ? {} : { guard }
    const fault = options.trial === false ? undefined : trial(app, watch)
    if (fault) throw fault
    const { listen: at, links } = placesOf(where)
    const ways = { dial, direct: options.direct === false ? undefined : direct, ice: iceOf(options.ice) }
    const meeting = new Meeting(ways, {
      fps: app.fps,
      app: app.id,
      id: idOf(options.id),
      data: encodePayload(options.as),
      delay: ruleOf(options),
      alone: links.length === 0,
      ...foldOf(options),
    })
    const seed = options.seed === undefined ? {} : { seed: options.seed }
    const link = new RewindingLink(app, meeting.source, { ...watch, ...seed })
    try {
      if (at !== undefined) await meeting.listen(at, listen)
      const { signal } = options
      const linked = links.map((address) =>
        options.keep ? meeting.keep(address, signal) : meeting.link(address, signal),
      )
      // Who keeps its links begins with the first of them that is there; only what is refused for good rejects.
      if (linked.length > 0) await (options.keep ? Promise.race(linked) : Promise.all(linked))
      await meeting.joined(signal)
    } catch (error) {
      link.leave()
      throw error
    }
    const on = link.on.bind(link) as (what: string, listener: (news: never) => void) => () => void
    return Object.defineProperties(link, {
      on: {
        value: (what: string, listener: (news: never) => void) =>
          what === 'neighbours' ? meeting.news.on(listener as () => void) : on(what, listener),
      },
      relayed: { get: () => meeting.relayed },
      link: {
        value: (address: string, { signal, keep = false }: LinkOptions = {}) =>
          keep ? meeting.keep(address, signal) : meeting.link(address, signal),
      },
      unlink: { value: (which: string | number) => meeting.unlink(which) },
      setDelay: { value: (rule: DelayOptions) => meeting.host.peer.follow(ruleOf(rule)) },
      neighbours: { get: () => meeting.neighbours },
      addresses: { get: () => meeting.addresses },
    }) as never
  }

const placesOf = (where: Where): { listen: string | undefined; links: readonly string[] } => {
  const list = (links: string | readonly string[]) => (typeof links === 'string' ? [links] : links)
  if (typeof where === 'string' || Array.isArray(where))
    return { listen: undefined, links: list(where as string | readonly string[]) }
  const { listen, link = [] } = where as { listen?: string; link?: string | readonly string[] }
  return { listen, links: list(link) }
}

const ruleOf = ({ delay, late = 0.01 }: DelayOptions): DelayRule => {
  if (delay !== undefined) {
    if (!(delay >= 0)) throw new SametickError('bad_request', `A delay of ${delay} ms: it is 0 or more.`)
    return { fixed: Math.round(delay * MILLISECOND) }
  }
  if (!(late > 0 && late < 1))
    throw new SametickError('bad_request', `A share of ${late} that comes late: it lies between 0 and 1.`)
  return { share: late }
}

/** Who is not heard for so long is dropped. */
const AWAY: Micros = 30 * SECOND
const STAND: Micros = 10 * SECOND
const FORGET_MS = 600_000
const FORGET_MS_MIN = 1_000

const foldOf = ({ forget: ms = FORGET_MS }: PeersOptions): { fold?: FoldRule } => {
  if (ms === Number.POSITIVE_INFINITY) return {}
  if (!(ms >= FORGET_MS_MIN))
    throw new SametickError('bad_request', `Forgotten after ${ms} ms: it is ${FORGET_MS_MIN} or more.`)
  const forget = Math.round(ms * MILLISECOND)
  return { fold: { keep: forget, forget, away: AWAY, every: STAND } }
}

/** Of 48 bits: among a thousand peers two are the same once in half a billion. */
const idOf = (id: number | undefined): number => {
  if (id !== undefined) {
    if (Number.isSafeInteger(id) && id > 0) return id
    throw new SametickError('bad_request', `The id ${id}: it is a whole number above 0.`)
  }
  const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number]
  return (high % 0x1_0000) * 0x1_0000_0000 + Math.max(1, low)
}
