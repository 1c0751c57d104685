import type { Random } from '../random.ts'
import { type InstanceId, type Micros, NEVER } from '../timeline/tick.ts'
import type { Guest } from './guest.ts'
import type { MeetingLimits } from './limits.ts'

type Introduce = (a: Guest, b: Guest) => void

/**
 * Who is to be introduced to whom, so that everybody reaches everybody over few links: in a small room all to all,
 * in a larger one each to a few, by chance; and whatever ends, the room stays in one piece.
 */
export class Introductions {
  private readonly guests: ReadonlyMap<InstanceId, Guest>
  private readonly limits: MeetingLimits
  private readonly random: Random
  private readonly introduce: Introduce

  constructor(
    guests: ReadonlyMap<InstanceId, Guest>,
    limits: MeetingLimits,
    random: Random,
    introduce: Introduce,
  ) {
    this.guests = guests
    this.limits = limits
    this.random = random
    this.introduce = introduce
  }

  /** Introduces whom it can, and returns when it is to be asked again. */
  tend(now: Micros): Micros {
    const guests = [...this.guests.values()]
    const { all_max, few } = this.limits
    const others = guests.length - 1
    const wanted = others <= all_max ? others : few
    const degrees = new Map(guests.map((guest) => [guest, this.near(guest).length]))
    const degreeOf = (guest: Guest): number => degrees.get(guest) ?? 0
    const meet = (a: Guest, b: Guest): void => {
      degrees.set(a, degreeOf(a) + 1)
      degrees.set(b, degreeOf(b) + 1)
      this.introduce(a, b)
    }
    let isLacking = false
    for (const guest of guests)
      while (degreeOf(guest) < wanted) {
        const other = this.oneOf(guest, guests, degreeOf, now)
        if (other === undefined) {
          isLacking = true
          break
        }
        meet(guest, other)
      }
    // Parts that nobody leads into are led into by the one in them, and the one outside, that have the fewest.
    let [first, ...parts] = this.parts(guests)
    for (const part of parts) {
      const pair = this.bridge(part, first as Guest[], degreeOf, now)
      if (pair === undefined) isLacking = true
      else meet(...pair)
      first = (first as Guest[]).concat(part)
    }
    return isLacking ? this.nextTry(guests, now) : NEVER
  }

  /** The guests that this one is linked with. */
  private near(guest: Guest): Guest[] {
    const near: Guest[] = []
    for (const id of guest.ways.keys()) {
      const other = this.guests.get(id)
      if (other) near.push(other)
    }
    for (const id of guest.claims) {
      const other = this.guests.get(id)
      if (other && !guest.ways.has(id) && guest.isLinked(other)) near.push(other)
    }
    return near
  }

  /**
   * Of two by chance the one with fewer links. Always the one with the fewest would be the last to have come, so that
   * the room became a chain; chance alone would give some many.
   */
  private oneOf(
    guest: Guest,
    among: readonly Guest[],
    degreeOf: (guest: Guest) => number,
    now: Micros,
    most = this.limits.near_max,
  ): Guest | undefined {
    const may = among.filter((other) => degreeOf(other) < most && guest.mayMeet(other, now))
    const [one, two] = [may[this.random.below(may.length)], may[this.random.below(may.length)]]
    if (one === undefined || two === undefined) return undefined
    return degreeOf(two) < degreeOf(one) ? two : one
  }

  private bridge(
    part: readonly Guest[],
    rest: readonly Guest[],
    degreeOf: (guest: Guest) => number,
    now: Micros,
  ): [Guest, Guest] | undefined {
    const inside = [...part].sort((a, b) => degreeOf(a) - degreeOf(b))
    for (const guest of inside) {
      const other = this.oneOf(guest, rest, degreeOf, now, NEVER)
      if (other) return [guest, other]
    }
    return undefined
  }

  /** Those that reach each other, the largest part first. */
  private parts(guests: readonly Guest[]): Guest[][] {
    const seen = new Set<Guest>()
    const parts: Guest[][] = []
    for (const guest of guests) {
      if (seen.has(guest)) continue
      const part = [guest]
      seen.add(guest)
      for (const each of part)
        for (const other of this.near(each)) {
          if (seen.has(other)) continue
          seen.add(other)
          part.push(other)
        }
      parts.push(part)
    }
    return parts.sort((a, b) => b.length - a.length)
  }

  /** When the first two that are kept apart may meet. */
  private nextTry(guests: readonly Guest[], now: Micros): Micros {
    let at: Micros = NEVER
    for (const { apart } of guests)
      for (const until of apart.values()) if (until > now && until < at) at = until
    return at
  }
}
