import { Random } from '../../src/core/random.ts'
import { mutated, without } from './mutate.ts'
import { areSame, type Target } from './target.ts'

export interface GuideOptions {
  readonly inputs: number
  readonly seconds: number
  readonly seed: number
  /** How many counters there are. */
  readonly edges?: number
  /** After so many findings it stops. */
  readonly most?: number
  /** Inputs that went somewhere before. */
  readonly corpus: readonly Uint8Array[]
}

/** An input that was not borne, or took too long. */
export interface Found {
  readonly target: string
  readonly what: string
  readonly bytes: Uint8Array
}

export interface Guided {
  readonly target: string
  readonly inputs: number
  readonly seconds: number
  /** Ways of the program that some input took. */
  readonly edges: number
  /** The longest that one input took, in milliseconds. */
  readonly slowest: number
  /** Few inputs that together take all ways that were taken; none if something was found, which comes first. */
  readonly corpus: readonly Uint8Array[]
  readonly found: readonly Found[]
}

/** Longer than this no input may take. */
export const MILLISECONDS_MAX = 50
/** A machine may be held up by whatever else runs on it: what was slow is run again before it is believed. */
const BELIEVED_AFTER = 4
const FOUND_MAX = 8

/** How often a way was taken, as one of eight: once, twice, 3, 4 to 7, 8 to 15, 16 to 31, up to 127, more. */
const BUCKETS = new Uint8Array(256)
for (let n = 1; n < 256; n++)
  BUCKETS[n] = n < 4 ? 1 << (n - 1) : 1 << Math.min(7, Math.floor(Math.log2(n)) + 1)

/**
 * Searches for inputs that a target does not bear: it keeps every input that takes the program a way that none
 * took before, and tries others near those that it keeps.
 */
export const guide = (target: Target, edges: Uint8Array, options: GuideOptions): Guided => {
  const random = new Random(options.seed, 1)
  const known = new Uint8Array(edges.length)
  const found: Found[] = []
  const kept: Uint8Array[] = []
  let inputs = 0
  let slowest = 0
  const began = performance.now()

  const timed = (bytes: Uint8Array): number => {
    edges.fill(0)
    const from = performance.now()
    target.run(bytes)
    return performance.now() - from
  }
  const report = (what: string, bytes: Uint8Array): void => {
    if (!found.some((other) => other.what === what)) found.push({ target: target.name, what, bytes })
  }
  const run = (bytes: Uint8Array): void => {
    inputs++
    try {
      let ms = timed(bytes)
      for (let again = 0; ms > slowest && again < BELIEVED_AFTER; again++) ms = Math.min(ms, timed(bytes))
      slowest = Math.max(slowest, ms)
      if (ms > MILLISECONDS_MAX) report('takes too long', bytes.slice())
    } catch (error) {
      report(error instanceof Error ? `${error.name}: ${error.message}` : String(error), bytes.slice())
    }
  }
  const isNews = (): boolean => {
    let news = false
    for (let i = 0; i < edges.length; i++) {
      const count = edges[i] as number
      if (count === 0) continue
      const bucket = BUCKETS[count] as number
      if (((known[i] as number) & bucket) === 0) {
        known[i] = (known[i] as number) | bucket
        news = true
      }
    }
    return news
  }

  for (const bytes of [...target.seeds(), ...options.corpus]) {
    run(bytes)
    if (isNews()) kept.push(bytes)
  }
  while (inputs < options.inputs && found.length < (options.most ?? FOUND_MAX)) {
    if ((inputs & 255) === 0 && performance.now() - began > options.seconds * 1000) break
    // The later ones went further.
    const at = random.chance(0.5)
      ? random.below(kept.length)
      : kept.length - 1 - random.below(Math.min(16, kept.length))
    const bytes = mutated(kept[at] as Uint8Array, kept[random.below(kept.length)] as Uint8Array, random)
    run(bytes)
    if (isNews()) kept.push(bytes)
  }
  const seconds = (performance.now() - began) / 1000
  return {
    target: target.name,
    inputs,
    seconds,
    edges: known.reduce((sum, each) => sum + (each > 0 ? 1 : 0), 0),
    slowest,
    corpus: found.length > 0 ? [] : fewest(target, edges, kept),
    found: found.map((each) => ({ ...each, bytes: shortest(target, each) })),
  }
}

/** Ways that an input takes, whichever they are. */
const waysOf = (target: Target, edges: Uint8Array, bytes: Uint8Array): number[] => {
  edges.fill(0)
  try {
    target.run(bytes)
  } catch {
    // It is reported elsewhere.
  }
  const ways: number[] = []
  for (let i = 0; i < edges.length; i++) if ((edges[i] as number) > 0) ways.push(i)
  return ways
}

/** As few and as short inputs as still take all ways: short ones first, and of those only what adds some. */
const fewest = (target: Target, edges: Uint8Array, kept: readonly Uint8Array[]): Uint8Array[] => {
  const byLength = [...kept].sort((a, b) => a.length - b.length)
  const taken = new Set<number>()
  const chosen: Uint8Array[] = []
  for (const bytes of byLength) {
    const fresh = waysOf(target, edges, bytes).filter((way) => !taken.has(way))
    if (fresh.length === 0) continue
    const short = trimmed(bytes, (less) => {
      const ways = new Set(waysOf(target, edges, less))
      return fresh.every((way) => ways.has(way))
    })
    for (const way of waysOf(target, edges, short)) taken.add(way)
    chosen.push(short)
  }
  // Later ones may take all that an earlier one took.
  for (let i = 0; i < chosen.length; ) {
    const others = new Set(chosen.flatMap((bytes, j) => (i === j ? [] : waysOf(target, edges, bytes))))
    if (waysOf(target, edges, chosen[i] as Uint8Array).every((way) => others.has(way))) chosen.splice(i, 1)
    else i++
  }
  return chosen
}

/** What is left when everything is taken away that is not needed. */
const trimmed = (bytes: Uint8Array, holds: (less: Uint8Array) => boolean): Uint8Array => {
  let left = bytes
  for (let size = Math.max(1, left.length >> 1); size >= 1; size >>= 1)
    for (let at = 0; at < left.length; ) {
      const less = without(left, at, size)
      if (!areSame(less, left) && holds(less)) left = less
      else at += size
    }
  return left
}

const shortest = (target: Target, { bytes, what }: Found): Uint8Array =>
  trimmed(bytes, (less) => {
    const from = performance.now()
    try {
      target.run(less)
      return what === 'takes too long' && performance.now() - from > MILLISECONDS_MAX
    } catch (error) {
      return error instanceof Error && `${error.name}: ${error.message}` === what
    }
  })
