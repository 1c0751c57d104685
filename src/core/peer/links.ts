import type { RefusalCode } from '../errors.ts'
import type { InstanceId, LinkId, Micros } from '../timeline/tick.ts'
import type { Folding } from './folding.ts'
import { type Refusal, whyNot } from './meeting.ts'
import { decode, encode, type Meet, type Message } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import type { PeerOptions } from './options.ts'
import type { Settling, Shared } from './settling.ts'

/** What is heard of one that has not said who it is: where messages overtake each other, some come before it. */
const BEFORE_MET: ReadonlySet<Message['kind']> = new Set(['meet', 'have', 'sync', 'bound', 'stand', 'part'])

/** Of one that says something, but not what is waited for. */
const NOT_THROUGH = 'What one of the two lacks did not come through in time.'

/** Whom a peer is linked with: what each of them says goes to the part that it concerns. */
export class Links {
  private readonly shared: Shared
  private readonly settling: Settling
  private readonly folding: Folding
  private readonly options: PeerOptions
  /** Who has not taken in time what it was given, and until when it is not taken itself. */
  private readonly late = new Map<InstanceId, Micros>()

  constructor(shared: Shared, settling: Settling, folding: Folding, options: PeerOptions) {
    this.shared = shared
    this.settling = settling
    this.folding = folding
    this.options = options
  }

  // --- how they begin and end

  open(link: LinkId, refusal: RefusalCode | undefined): void {
    const { desk, times, flood, fps } = this.shared
    const neighbour = desk.open(link, refusal)
    if (neighbour === undefined) return
    // All at once, so that the answer to it is all that is waited for.
    desk.send(neighbour, encode.meet(fps, this.options.app, desk.id))
    times.sync(neighbour)
    flood.greet(neighbour, this.settling.firm)
  }

  /** It is not wanted any more. */
  close(link: LinkId): void {
    const neighbour = this.shared.desk.links.get(link)
    if (neighbour === undefined) return
    this.shared.desk.close(neighbour)
    this.unlinked(neighbour)
  }

  closeAll(): void {
    for (const link of [...this.shared.desk.links.keys()]) this.close(link)
  }

  lost(link: LinkId): void {
    const neighbour = this.shared.desk.links.get(link)
    if (neighbour !== undefined) this.forget(neighbour, 'lost')
  }

  refuse(link: LinkId, refusal: RefusalCode | Refusal): void {
    const neighbour = this.shared.desk.links.get(link)
    if (neighbour === undefined) return
    if (typeof refusal === 'string') this.end(neighbour, refusal)
    else this.end(neighbour, refusal.code, refusal.hint)
  }

  endSilent(): void {
    const { now, limits, links } = this.shared.desk
    for (const [id, until] of this.late) if (until <= now) this.late.delete(id)
    for (const neighbour of [...links.values()]) {
      if (now <= neighbour.patience(limits.silence_max)) continue
      // It held back what all others fold: for as long again they may.
      if (neighbour.isBeingFed && now > neighbour.fedBy)
        this.late.set(neighbour.id, now + limits.fed_within_max)
      this.end(neighbour, 'silent', now > neighbour.heardAt + limits.silence_max ? '' : NOT_THROUGH)
    }
  }

  endAll(code: RefusalCode, hint: string): void {
    for (const neighbour of [...this.shared.desk.links.values()]) this.end(neighbour, code, hint)
  }

  end(neighbour: Neighbour, code: RefusalCode, hint = ''): void {
    this.shared.desk.end(neighbour, code, hint)
    this.unlinked(neighbour)
  }

  private forget(neighbour: Neighbour, code: RefusalCode, hint = ''): undefined {
    this.shared.desk.forget(neighbour, code, hint)
    this.unlinked(neighbour)
  }

  private unlinked(neighbour: Neighbour): void {
    this.shared.times.pace.unlinked(neighbour.link)
    this.settling.dismiss(neighbour)
    this.folding.unlinked(neighbour)
    this.joinIfPlaced()
  }

  // --- what they say

  /** Why the link is to be ended, if it is. */
  receive(from: LinkId, bytes: Uint8Array): RefusalCode | Refusal | undefined {
    const neighbour = this.shared.desk.links.get(from)
    if (neighbour === undefined) return undefined
    const message = decode(bytes)
    if (typeof message === 'string') return message
    neighbour.heardAt = this.shared.desk.now
    if (!neighbour.met && !BEFORE_MET.has(message.kind)) return 'malformed'
    switch (message.kind) {
      case 'sync':
        if (!this.shared.times.onSync(neighbour, message)) return 'bad_request'
        if (message.echo > 0) neighbour.doubtful = false
        if (neighbour.hasRead(message.echo)) this.shared.flood.feed(neighbour)
        this.feed(neighbour)
        return this.joinIfPlaced()
      case 'flood':
        return this.shared.flood.receive(neighbour, message.events, true)
      case 'missed': {
        const { done, events } = message
        this.folding.onFits(neighbour)
        const refusal = this.shared.flood.receive(neighbour, events, false)
        if (refusal === undefined && done) this.onMerged(neighbour)
        return refusal
      }
      case 'pulse':
        this.shared.times.onPulse(neighbour, message)
        return
      case 'have':
        return this.shared.flood.onHave(neighbour, message) ?? this.feed(neighbour)
      case 'meet':
        return this.onMeet(neighbour, message)
      case 'stand':
        return this.settling.onStand(neighbour, message) ? undefined : 'bad_request'
      case 'bound':
        neighbour.bound = message.tick
        return this.feed(neighbour)
      case 'claim':
        return this.folding.onClaim(neighbour, message)
      case 'folded':
        return this.folding.onFolded(neighbour, message)
      case 'fetch':
        return this.folding.onFetch(neighbour, message)
      case 'chunk':
        return this.folding.onChunk(neighbour, message)
      case 'part':
        return this.forget(neighbour, message.code, message.hint)
    }
  }

  private onMeet(neighbour: Neighbour, meet: Meet): RefusalCode | Refusal | undefined {
    const near = this.shared.desk.near
    const refusal = neighbour.met ? 'malformed' : whyNot(meet, { ...this.options, near })
    const { id } = meet
    if (refusal === 'replaced') this.shared.desk.happened.push({ kind: 'doubled', link: neighbour.link, id })
    if (refusal !== undefined) return refusal
    if (!this.settling.takes(id)) return 'overflow'
    if ((this.late.get(id) ?? 0) > this.shared.desk.now) return { code: 'busy', hint: NOT_THROUGH }
    neighbour.id = id
    neighbour.doubtful = near.includes(id)
    this.shared.desk.happened.push({ kind: 'linked', link: neighbour.link, id })
    this.settling.meet(neighbour)
    return this.feed(neighbour)
  }

  private feed(neighbour: Neighbour): undefined {
    if (!neighbour.waitsForFood) return
    this.shared.member.withdrawIfLate(neighbour)
    if (!this.folding.fits(neighbour)) return
    this.shared.flood.feed(neighbour)
  }

  /** All that a neighbour had is here: now its time counts. */
  private onMerged(neighbour: Neighbour): void {
    if (neighbour.merged) return
    neighbour.merged = true
    this.shared.desk.happened.push({ kind: 'merged', link: neighbour.link })
    this.shared.times.onMerged(neighbour)
    this.joinIfPlaced()
  }

  /**
   * Nobody joins before it knows where the others are: all of those that it is linked with, since one may be as new as
   * it is itself, and another one may be about to give it the past.
   */
  private joinIfPlaced(): undefined {
    const links = [...this.shared.desk.links.values()]
    if (links.every(({ merged }) => merged) && links.some(({ clock }) => clock.count > 0))
      this.shared.member.join()
  }
}
