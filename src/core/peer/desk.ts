import { REFUSALS, type RefusalCode } from '../errors.ts'
import { Outbox, type Outgoing } from '../machine.ts'
import { type InstanceId, type LinkId, type Micros, SECOND } from '../timeline/tick.ts'
import type { PeerLimits } from './limits.ts'
import { encode } from './messages.ts'
import { Neighbour } from './neighbour.ts'
import type { PeerHappening } from './options.ts'

/** What all parts of a peer share: the moment, the links, and what goes out. */
export class Desk {
  now: Micros
  readonly id: InstanceId
  readonly limits: PeerLimits
  readonly out = new Outbox<Outgoing>()
  readonly happened = new Outbox<PeerHappening>()
  readonly links = new Map<LinkId, Neighbour>()
  /** Messages handed out. */
  sent = 0

  constructor(now: Micros, id: InstanceId, limits: PeerLimits) {
    this.now = now
    this.id = id
    this.limits = limits
  }

  /** The neighbours that have said who they are. */
  get near(): InstanceId[] {
    return [...this.links.values()].filter(({ met }) => met).map(({ id }) => id)
  }

  send({ link }: Neighbour, bytes: Uint8Array): void {
    this.sent++
    this.out.push({ to: link, bytes })
  }

  /** When so many bytes have to be through that leave now, over a link that is not too slow for them. */
  by(bytes: number): Micros {
    const { fed_within_max, fed_rate_min } = this.limits
    return this.now + fed_within_max + Math.ceil((SECOND * bytes) / fed_rate_min)
  }

  /** To all links that are fed, but not back to where it came from. */
  spread(bytes: Uint8Array, from?: Neighbour): void {
    for (const to of this.links.values()) if (this.isForward(to, from)) this.send(to, bytes)
  }

  isForward(to: Neighbour, from: Neighbour | undefined): boolean {
    return to.fed && to !== from && to.id !== from?.id
  }

  /** Undefined, and told why, if there may be no more. */
  open(link: LinkId, refusal: RefusalCode | undefined): Neighbour | undefined {
    const neighbour = new Neighbour(link, this.now)
    const code = refusal ?? (this.links.size >= this.limits.links_max ? 'busy' : undefined)
    if (code === undefined) {
      this.links.set(link, neighbour)
      return neighbour
    }
    this.part(neighbour, code, '')
    this.happened.push({ kind: 'unlinked', link, code, hint: REFUSALS[code] })
    return undefined
  }

  /** End a link from this side. */
  end(neighbour: Neighbour, code: RefusalCode, hint = ''): void {
    this.part(neighbour, code, hint)
    this.forget(neighbour, code, hint)
  }

  /** End a link because it is not wanted any more. */
  close(neighbour: Neighbour): void {
    this.part(neighbour, 'closing', '')
    this.forget(neighbour, undefined, '')
  }

  /** A link is gone. */
  forget({ link }: Neighbour, code: RefusalCode | undefined, hint: string): void {
    if (!this.links.delete(link)) return
    this.happened.push({ kind: 'unlinked', link, code, hint: hint || (code ? REFUSALS[code] : '') })
  }

  private part(neighbour: Neighbour, code: RefusalCode, hint: string): void {
    this.send(neighbour, encode.part(code, hint))
    this.happened.push({ kind: 'close', link: neighbour.link })
  }
}
