import { Random } from 'sametick/deterministic'
import { COUNT, type Peer } from './peer.ts'
import { type Weather, Wire } from './wire.ts'

export const PRESETS = {
  ring: ['AB', 'BC', 'CD', 'DE', 'EF', 'FA'],
  line: ['AB', 'BC', 'CD', 'DE', 'EF'],
  star: ['AB', 'AC', 'AD', 'AE', 'AF'],
  islands: ['AB', 'BF', 'FA', 'CD', 'DE', 'EC'],
  all: ['AB', 'AC', 'AD', 'AE', 'AF', 'BC', 'BD', 'BE', 'BF', 'CD', 'CE', 'CF', 'DE', 'DF', 'EF'],
} as const
export type Preset = keyof typeof PRESETS

export type LinkPhase = 'none' | 'away' | 'opening' | 'up'

/** Before a link that was refused is tried again. */
const AGAIN_MS = 300

/** Two peers, and whether there is to be a link between them. */
export class Pair {
  readonly wire: Wire
  isWanted = false
  /** Seen from both ends. */
  isUp = false
  opening: AbortController | undefined
  retryAt = 0

  constructor(wire: Wire) {
    this.wire = wire
  }

  get a(): number {
    return this.wire.a
  }

  get b(): number {
    return this.wire.b
  }
}

/** Who is to be linked with whom; what there is follows. */
export class Graph {
  readonly pairs: readonly Pair[]
  /** Nobody is linked with anybody, whatever is wanted. */
  isAsleep = false
  private readonly offline = new Set<number>()

  constructor(seed: number) {
    const random = new Random(seed)
    const pairs: Pair[] = []
    for (let a = 0; a < COUNT; a++)
      for (let b = a + 1; b < COUNT; b++) pairs.push(new Pair(new Wire(a, b, random.fork(a * COUNT + b))))
    this.pairs = pairs
  }

  between(one: number, other: number): Pair {
    const [a, b] = [Math.min(one, other), Math.max(one, other)]
    return this.pairs.find((pair) => pair.a === a && pair.b === b) as Pair
  }

  change(weather: Weather): void {
    for (const { wire } of this.pairs) wire.change(weather)
  }

  set(preset: Preset): void {
    const wanted = new Set(PRESETS[preset].map((names) => this.between(indexOf(names), indexOf(names, 1))))
    for (const pair of this.pairs) pair.isWanted = wanted.has(pair)
  }

  /** The preset that the wishes are equal to. */
  get preset(): Preset | undefined {
    const wanted = this.pairs.filter(({ isWanted }) => isWanted)
    return (Object.keys(PRESETS) as Preset[]).find(
      (name) =>
        PRESETS[name].length === wanted.length &&
        PRESETS[name].every((names) => this.between(indexOf(names), indexOf(names, 1)).isWanted),
    )
  }

  isOffline(peer: number): boolean {
    return this.offline.has(peer)
  }

  setOffline(peer: number, isOffline: boolean): void {
    if (isOffline) this.offline.add(peer)
    else this.offline.delete(peer)
  }

  phaseOf(pair: Pair): LinkPhase {
    if (!pair.isWanted) return 'none'
    if (this.isAsleep || this.isOffline(pair.a) || this.isOffline(pair.b)) return 'away'
    return pair.isUp ? 'up' : 'opening'
  }

  /** Cuts and joins what is not as it should be. */
  settle(peers: readonly Peer[], now: number): void {
    for (const pair of this.pairs) {
      const [a, b] = [peers[pair.a], peers[pair.b]]
      if (a === undefined || b === undefined) continue
      const atOne = a.link.neighbours.includes(b.id) || b.link.neighbours.includes(a.id)
      pair.isUp = a.link.neighbours.includes(b.id) && b.link.neighbours.includes(a.id)
      const phase = this.phaseOf(pair)
      if (phase === 'none' || phase === 'away') {
        if (!atOne && pair.opening === undefined) continue
        pair.opening?.abort()
        pair.wire.cut()
      } else if (phase === 'opening' && pair.opening === undefined && now >= pair.retryAt) open(pair, a, b)
    }
  }
}

const open = (pair: Pair, a: Peer, b: Peer): void => {
  const opening = new AbortController()
  pair.opening = opening
  const done = (): void => {
    pair.opening = undefined
  }
  a.link.link(b.address, { signal: opening.signal }).then(done, () => {
    done()
    pair.retryAt = performance.now() + AGAIN_MS
  })
}

const indexOf = (names: string, at = 0): number => names.charCodeAt(at) - 65
