import type { RefusalCode } from '../errors.ts'
import { digest } from '../timeline/digest.ts'
import { NEVER, type Tick } from '../timeline/tick.ts'
import { Coming } from './coming.ts'
import type { Refusal } from './meeting.ts'
import { type Chunk, type Claim, encode, type Fetch, type Folded, inParts } from './messages.ts'
import type { Neighbour } from './neighbour.ts'
import type { Settling, Shared } from './settling.ts'

type Refused = RefusalCode | Refusal | undefined

interface Ends {
  /** This one's past does not count: it ends. */
  yields(hint: string): void
  end(link: Neighbour, code: RefusalCode): void
}

/** Parts of a snapshot that are on their way at once. */
const ASKED_AT_ONCE = 16

/**
 * Two whose pasts are folded meet. What one has folded and the other has not seen cannot be sent any more: a snapshot
 * can. What one has and the other has settled without cannot be taken: one of the two has to yield, and says so (Q6).
 */
export class Folding {
  private readonly shared: Shared
  private readonly settling: Settling
  private readonly ends: Ends
  /** From whom a snapshot comes at present: one at a time. */
  private source: Neighbour | undefined

  constructor(shared: Shared, settling: Settling, ends: Ends) {
    this.shared = shared
    this.settling = settling
    this.ends = ends
  }

  /** The last tick that may be folded: as long as somebody is given what is here it stays as it is. */
  get foldable(): Tick {
    const { desk, flood, reading } = this.shared
    for (const { isBeingFed } of desk.links.values()) if (isBeingFed) return flood.foldedTo
    // What has come late is settled as well, but no state holds it yet.
    return Math.min(this.settling.agreed, reading.unchanged)
  }

  // --- whether two pasts fit

  /** Whether a neighbour that has said what it has can be sent the rest. Else it is told what does not fit. */
  fits(to: Neighbour): boolean {
    const { flood, desk } = this.shared
    const first = flood.firstLacking(to, to.bound ?? to.firm)
    // It may know this one, and take what it does not take from others: it says so.
    if (first && to.bound === undefined) return false
    const folded = !to.theirs.includes(flood.folded)
    if (!first && !folded) return true
    const { source = 0, number = 0, stamp = 0 } = first ?? {}
    const late = first !== undefined
    const claim: Claim = {
      kind: 'claim',
      late,
      source,
      number,
      stamp,
      folded,
      ...this.settling.sideWithout(to.id),
    }
    to.ourClaim = claim
    to.fedBy = desk.by(0)
    desk.send(to, encode.claim(claim))
    if (to.theirClaim || to.fits) this.settle(to, claim, to.theirClaim)
    return false
  }

  onClaim(from: Neighbour, claim: Claim): Refused {
    if (from.theirClaim) return 'malformed'
    from.theirClaim = { ...claim }
    if (from.ourClaim) this.settle(from, from.ourClaim, from.theirClaim)
    return undefined
  }

  /** It has sent something that this one lacked: so nothing of its own does not fit. */
  onFits(from: Neighbour): void {
    if (from.fits) return
    from.fits = true
    if (from.ourClaim) this.settle(from, from.ourClaim, undefined)
  }

  private settle(link: Neighbour, ours: Claim, theirs: Claim | undefined): void {
    if (mustYield(ours, theirs, this.shared.desk.id < link.id)) return this.ends.yields(whyOf(ours, theirs))
    // Else the other one yields, or takes the snapshot.
    if (!theirs) this.shared.desk.happened.push({ kind: 'wanted', link: link.link })
  }

  // --- who gives a snapshot

  /** The state at the tick up to which the past is folded. */
  give(to: Neighbour, bytes: Uint8Array): Refused {
    const { desk, flood } = this.shared
    if (!to.ourClaim || to.giving) return undefined
    if (bytes.length > desk.limits.snapshot_bytes_max) return 'overflow'
    to.giving = bytes
    to.fedBy = desk.by(bytes.length)
    const parts = inParts(flood.folded.all())
    const sum = digest(bytes.slice())
    parts.forEach((part, i) => {
      desk.send(to, encode.folded(i === parts.length - 1, flood.foldedTo, bytes.length, sum, part))
    })
    return undefined
  }

  onFetch(from: Neighbour, { offset }: Fetch): Refused {
    const { giving } = from
    const { desk, flood } = this.shared
    const { chunk_bytes_max } = desk.limits
    if (!giving || offset > giving.length || (offset % chunk_bytes_max > 0 && offset < giving.length))
      return 'malformed'
    if (offset < giving.length) {
      desk.send(from, encode.chunk(offset, giving.subarray(offset, offset + chunk_bytes_max)))
      return undefined
    }
    from.giving = undefined
    flood.feed(from)
    return undefined
  }

  // --- who gets one

  onFolded(from: Neighbour, message: Folded): Refused {
    const { desk, flood } = this.shared
    from.coming ??= new Coming(message)
    const { coming } = from
    if (coming.told || from.merged || !coming.isSame(message)) return 'malformed'
    // One of no bytes would be waited for without end, and all others behind it.
    if (message.size === 0) return 'malformed'
    if (message.size > desk.limits.snapshot_bytes_max) return 'overflow'
    for (const one of message.seen) coming.seen.addAll(one)
    if (!flood.isHeld(coming.seen)) return 'overflow'
    coming.told = message.done
    return this.goOn()
  }

  onChunk(from: Neighbour, { offset, bytes }: Chunk): Refused {
    const { coming } = from
    const { desk } = this.shared
    if (!coming || this.source !== from) return 'malformed'
    if (!coming.put(offset, bytes, desk.limits.chunk_bytes_max)) return 'malformed'
    if (!coming.isWhole) {
      this.ask(from, coming)
      return undefined
    }
    this.source = undefined
    from.comesBy = NEVER
    return this.takeOver(from, coming) ?? this.goOn()
  }

  /** A link is gone: what came over it has to come over another. */
  unlinked(link: Neighbour): void {
    if (this.source !== link) return
    this.source = undefined
    this.goOn()
  }

  /** The next of those who give one, if none is coming. */
  private goOn(): Refused {
    const { desk, flood } = this.shared
    for (const link of desk.links.values()) {
      const { coming } = link
      if (this.source || !coming?.told) continue
      if (flood.seen.includes(coming.seen)) {
        // Somebody else was faster.
        link.coming = undefined
        desk.send(link, encode.fetch(coming.size))
      } else {
        this.source = link
        link.comesBy = desk.by(coming.size)
        for (let i = 0; i < ASKED_AT_ONCE; i++) this.ask(link, coming)
      }
    }
    return undefined
  }

  private ask(from: Neighbour, coming: Coming): void {
    if (coming.asked >= coming.size) return
    this.shared.desk.send(from, encode.fetch(coming.asked))
    coming.asked += this.shared.desk.limits.chunk_bytes_max
  }

  private takeOver(from: Neighbour, coming: Coming): Refused {
    const { tick, size, seen } = coming
    const { desk, flood, reading, member } = this.shared
    const bytes = coming.whole()
    from.coming = undefined
    if (digest(bytes) !== coming.digest) return 'malformed'
    // Q6: something else has come here meanwhile.
    if (tick <= flood.foldedTo || !flood.mayTakeOver(tick, seen)) return 'forgotten'
    flood.takeOver(tick, seen)
    reading.takeOver(tick)
    this.settling.takeOver(tick)
    member.stampAfter(tick)
    desk.happened.push({ kind: 'snapshot', tick, bytes })
    desk.send(from, encode.fetch(size))
    member.comeBack()
    this.linkAnew(from)
    return undefined
  }

  /** Whoever is not known to have what was just taken over lacks it for ever: these links begin again. */
  private linkAnew(from: Neighbour): void {
    const { desk, flood } = this.shared
    for (const link of [...desk.links.values()])
      if (link !== from && link.met && !link.theirs.includes(flood.folded)) this.ends.end(link, 'again')
  }
}

/** Who alone has what does not fit yields if it is not taken. If both have, the side with fewer does, on both sides alike. */
const mustYield = (ours: Claim, theirs: Claim | undefined, isLess: boolean): boolean =>
  theirs ? isLesser(ours, theirs, isLess) : ours.late

const isLesser = (ours: Claim, theirs: Claim, isLess: boolean): boolean => {
  if (ours.members !== theirs.members) return ours.members < theirs.members
  if (ours.least !== theirs.least) return ours.least > theirs.least
  return !isLess
}

const whyOf = ({ late, source, number, stamp }: Claim, theirs: Claim | undefined): string => {
  if (late) return `event ${number} of ${source}, for tick ${stamp}, comes too late for them`
  return `${theirs?.members ?? 0} of them have settled another past`
}
