import * as deterministic from '../../src/deterministic/index.ts'
import { app, connect, digest, event, loop } from '../../src/index.ts'

/** An application whose state depends on every byte of every payload, and on mathematics. */
export const mixed = app({
  id: 'mixed@1',
  fps: 50,
  events: { bytes: event<Uint8Array | undefined>(1), say: event<unknown>(2) },
  start: () => ({ got: [] as string[], angle: 0, x: 0 }),
  on: {
    bytes(s, e) {
      let sum = 0
      for (const byte of e.payload ?? []) sum = (Math.imul(sum, 31) + byte) | 0
      s.got.push(`${e.player.id}: ${e.payload?.length ?? 'none'} ${sum}`)
    },
    say(s, e) {
      s.got.push(`${e.player.id}: ${JSON.stringify(e.payload)}`)
    },
  },
  tick(s, t) {
    s.angle += deterministic.pow(t.random(), 1.5)
    s.x += deterministic.sin(s.angle) * deterministic.exp(-s.angle % 3)
  },
})

const taken = (url: string) => connect(url, mixed)
export type Mixed = Awaited<ReturnType<typeof taken>>

/** What the state was after each tick. */
export class Seen {
  readonly digests = new Map<number, number>()
  note(link: Mixed): void {
    this.digests.set(link.stats().tick, digest(link.state))
  }
}

/** One number for very many results of every function: the same in every engine, or something differs. */
export const digestOfMath = (): number => {
  const { sin, cos, tan, asin, acos, atan, atan2, exp, log, pow, hypot } = deterministic
  const random = new deterministic.Random(7)
  const all = new Float64Array(11 * 4_000)
  for (let i = 0; i < all.length; i += 11) {
    const [x, y] = [random.between(-1e3, 1e3), random.between(-20, 20)]
    const unit = random.between(-1, 1)
    const of = [
      sin(x),
      cos(x),
      tan(x),
      asin(unit),
      acos(unit),
      atan(x),
      atan2(x, y),
      exp(y),
      log(x * x),
      pow(x * x, y),
      hypot(x, y),
    ]
    all.set(of, i)
  }
  return digest(all)
}

/** What a test sees of a page. */
export interface PageUnderTest {
  join(url: string): Promise<void>
  readonly link: Mixed
  readonly seen: Seen
  readonly renders: number
  readonly frames: number
  readonly alphas: number[]
  digestOfMath(): number
}

declare global {
  interface Window {
    underTest: PageUnderTest
  }
}

if (typeof window !== 'undefined') {
  let frames = 0
  const count = (): void => {
    frames++
    requestAnimationFrame(count)
  }
  requestAnimationFrame(count)
  const seen = new Seen()
  const alphas: number[] = []
  let renders = 0
  let link: Mixed | undefined
  window.underTest = {
    join: async (url) => {
      link = await taken(url)
      const joined = link
      loop(joined, {
        render: (_, { alpha }) => {
          renders++
          alphas.push(alpha)
          seen.note(joined)
        },
      })
    },
    get link() {
      return link as Mixed
    },
    seen,
    get renders() {
      return renders
    },
    get frames() {
      return frames
    },
    alphas,
    digestOfMath,
  }
}
