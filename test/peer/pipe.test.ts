import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MEETING_LIMITS } from '../../src/core/meeting/limits.ts'
import type { Shut } from '../../src/core/meeting/messages.ts'
import { Random } from '../../src/core/random.ts'
import type { Channel } from '../../src/peer/channel.ts'
import { Pipe } from '../../src/peer/pipe.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import { Heard } from '../transport/heard.ts'
import { patterned } from '../transport/transports.ts'
import { turn } from '../until.ts'

/** Things on their way, in order; what is done when one arrives is chosen by whoever lets it. */
class Flow {
  private readonly waiting: (() => void)[] = []
  put(arrive: () => void): void {
    this.waiting.push(arrive)
  }
  get size(): number {
    return this.waiting.length
  }
  step(): void {
    this.waiting.shift()?.()
  }
}

/** One end of a direct channel whose other end hears what is let through. */
class Half implements Channel {
  buffered = 0
  other: Half | undefined
  private owner: Parameters<Channel['attach']>[0] | undefined
  private isClosed = false
  private readonly flow: Flow
  private readonly early: Uint8Array[] = []
  constructor(flow: Flow) {
    this.flow = flow
  }
  send(bytes: Uint8Array): void {
    this.buffered += bytes.length
    this.flow.put(() => {
      this.buffered -= bytes.length
      this.other?.arrived(bytes)
    })
  }
  attach(owner: Parameters<Channel['attach']>[0]): void {
    this.owner = owner
    for (const bytes of this.early.splice(0)) owner.message(bytes)
  }
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.flow.put(() => this.other?.close())
    queueMicrotask(() => this.owner?.closed())
  }
  private arrived(bytes: Uint8Array): void {
    if (this.isClosed) return
    if (this.owner) this.owner.message(bytes)
    else this.early.push(bytes)
  }
}

/** Two ends of a pipe, the meeting point between them, and a direct channel if it comes to that. */
class Stage {
  readonly relays = [new Flow(), new Flow()] as const
  readonly directs = [new Flow(), new Flow()] as const
  readonly halves: readonly [Half, Half]
  readonly pipes: readonly [Pipe, Pipe]
  readonly heard: readonly [Heard, Heard]
  isThere = true
  relayed = 0
  relayedBytes = 0
  private isKnown = true

  constructor() {
    this.halves = [new Half(this.directs[0]), new Half(this.directs[1])]
    this.halves[0].other = this.halves[1]
    this.halves[1].other = this.halves[0]
    this.pipes = [this.end(0), this.end(1)]
    this.heard = [Heard.of(this.pipes[0].link), Heard.of(this.pipes[1].link)]
  }

  get flows(): readonly Flow[] {
    return [...this.relays, ...this.directs]
  }

  /** The meeting point is gone, and with it all that was on its way through it. */
  vanish(): void {
    this.isThere = false
    for (const pipe of this.pipes) pipe.onShut('gone')
  }

  /** Lets something through, as chance has it; false if there is nothing. */
  step(random: Random): boolean {
    const flows = this.flows.filter(({ size }, i) => size > 0 && (i > 1 || this.isThere))
    flows[random.below(flows.length)]?.step()
    return flows.length > 0
  }

  private end(me: 0 | 1): Pipe {
    const flow = this.relays[me]
    const other = (): Pipe => this.pipes[me === 0 ? 1 : 0]
    return new Pipe(`end ${me}`, {
      relay: (isLast, bytes) => {
        this.relayed++
        this.relayedBytes += bytes.length + MEETING_LIMITS.piece_cost
        flow.put(() => this.isKnown && other().onRelay(isLast, bytes))
      },
      credit: (bytes) => flow.put(() => this.isKnown && other().onCredit(bytes)),
      shut: (how: Shut) =>
        flow.put(() => {
          if (!this.isKnown) return
          this.isKnown = false
          this.relays[me === 0 ? 1 : 0].put(() => this.pipes[me].onShut(how))
          this.relays[me].put(() => other().onShut(how))
        }),
      // Whoever has a pipe that is over gives up the channel as well.
      over: () => this.halves[me].close(),
    })
  }
}

const run = async (stage: Stage, random: Random, steps = Number.POSITIVE_INFINITY): Promise<void> => {
  for (let n = 0, idle = 0; n < steps && idle < 3; n++) {
    idle = stage.step(random) ? 0 : idle + 1
    if (idle > 0 || random.chance(0.1)) await turn()
  }
}

/** Whether these messages came, and no others; how much differs is of no interest. */
const same = (came: readonly Uint8Array[], sent: readonly Uint8Array[]): boolean =>
  came.length === sent.length && came.every((bytes, i) => Buffer.compare(bytes, sent[i] as Uint8Array) === 0)

const lengths = (random: Random): number =>
  random.chance(0.1) ? random.below(65_000) : random.below(random.chance(0.5) ? 20_000 : 50)

describe('a pipe', () => {
  // Here no time passes, however long it takes; and what sets timers is a pipe, and never what runs the tests.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('loses, doubles and reorders nothing, whenever a direct channel takes over from the meeting point', async () => {
    let both = 0
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed)
      const stage = new Stage()
      const sent: [Uint8Array[], Uint8Array[]] = [[], []]
      const moves = [random.below(40), random.below(40)] as const
      for (let n = 0; n < 40; n++) {
        for (const me of [0, 1] as const) {
          if (moves[me] === n) stage.pipes[me].move(stage.halves[me])
          if (!random.chance(0.7)) continue
          const message = patterned(lengths(random), n)
          sent[me].push(message)
          stage.pipes[me].link.send(message)
        }
        await run(stage, random, random.below(8))
      }
      if (stage.relayed > 5) both++
      await run(stage, random)
      expect(same(stage.heard[1].messages, sent[0]), `seed ${seed}`).toBe(true)
      expect(same(stage.heard[0].messages, sent[1]), `seed ${seed}`).toBe(true)
      expect([stage.heard[0].endings, stage.heard[1].endings]).toEqual([[], []])
      // It ends in order, at a moment at which not all has arrived.
      stage.pipes[0].link.send(patterned(9, 1))
      stage.pipes[0].link.close()
      await run(stage, random)
      expect(stage.heard[1].messages.length).toBe(sent[0].length + 1)
      expect([stage.heard[0].endings, stage.heard[1].endings], `seed ${seed}`).toEqual([
        ['closed'],
        ['closed'],
      ])
    }
    expect(both).toBeGreaterThan(60)
  })

  test('goes on or ends at both ends when the meeting point is gone, and never has a gap', async () => {
    let [on, over] = [0, 0]
    for (let seed = 1; seed <= 100; seed++) {
      const random = new Random(seed)
      const stage = new Stage()
      const sent: [Uint8Array[], Uint8Array[]] = [[], []]
      const moves = [random.below(20), random.below(20)] as const
      const end = random.below(40)
      for (let n = 0; n < 40; n++) {
        for (const me of [0, 1] as const) {
          if (moves[me] === n && stage.heard[0].endings.length + stage.heard[1].endings.length === 0)
            stage.pipes[me].move(stage.halves[me])
          const message = patterned(lengths(random), n)
          if (stage.pipes[me].link.send(message)) sent[me].push(message)
        }
        if (n === end) stage.vanish()
        await run(stage, random, random.below(8))
      }
      await run(stage, random)
      for (const [me, other] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const { messages, endings } = stage.heard[other]
        expect(same(messages, sent[me].slice(0, messages.length)), `seed ${seed}`).toBe(true)
        if (endings.length === 0) expect(messages.length, `seed ${seed}`).toBe(sent[me].length)
      }
      const ends = stage.heard.map(({ endings }) => endings.length)
      expect(ends[0], `seed ${seed}`).toBe(ends[1])
      if (ends[0] === 0) on++
      else over++
      for (const pipe of stage.pipes) pipe.link.destroy()
      await turn()
    }
    expect(Math.min(on, over)).toBeGreaterThan(20)
  })

  test('that has ended leaves no timer behind: nothing keeps a program from ending', async () => {
    let most = 0
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed)
      const stage = new Stage()
      for (const pipe of stage.pipes) pipe.link.send(patterned(9, seed))
      await run(stage, random, random.below(8))
      for (const me of [0, 1] as const) stage.pipes[me].move(stage.halves[me])
      await run(stage, random)
      stage.pipes[0].link.close()
      most = Math.max(most, vi.getTimerCount())
      await run(stage, random)
      expect(stage.heard.map(({ endings }) => endings)).toEqual([['closed'], ['closed']])
      if (seed % 2 === 0) stage.vanish()
      expect(vi.getTimerCount(), `seed ${seed}`).toBe(0)
    }
    expect(most).toBeGreaterThan(0)
  })

  test('that is closed by a program which then stands still has the answer that came meanwhile', async () => {
    const stage = new Stage()
    stage.pipes[0].link.close()
    await turn()
    // What fell due is called once, before anything is read.
    vi.runOnlyPendingTimers()
    await run(stage, new Random(1))
    expect(stage.heard.map(({ endings }) => endings)).toEqual([['closed'], ['closed']])
  })

  test('that is closed and gets no answer while its program runs is lost', async () => {
    const stage = new Stage()
    stage.pipes[0].link.close()
    vi.advanceTimersByTime(TRANSPORT_LIMITS.closing_max / 1_000 - 1)
    await turn()
    expect(stage.heard[0].endings).toEqual([])
    vi.advanceTimersByTime(1)
    await turn()
    expect(stage.heard[0].endings).toEqual(['lost'])
    stage.pipes[1].link.destroy()
    await run(stage, new Random(1))
    expect(vi.getTimerCount()).toBe(0)
  })

  test('never has more on its way than the meeting point may hold', async () => {
    const stage = new Stage()
    const { window_bytes, piece_bytes_max, piece_cost } = MEETING_LIMITS
    for (let n = 0; n < 40; n++) stage.pipes[0].link.send(patterned(60_000, n))
    await turn()
    expect(stage.relayedBytes).toBeLessThanOrEqual(window_bytes)
    expect(stage.relayedBytes).toBeGreaterThan(window_bytes - piece_bytes_max - piece_cost)
    expect(stage.pipes[0].buffered).toBeGreaterThan(2_000_000)
    await run(stage, new Random(1))
    expect(stage.heard[1].messages).toHaveLength(40)
  })

  test('in which more waits than may is ended, as any connection is', async () => {
    const stage = new Stage()
    let sent = 0
    while (stage.pipes[0].link.send(patterned(60_000, 1)) && sent < 1_000) sent++
    expect(sent).toBeLessThan(80)
    await run(stage, new Random(1))
    expect([stage.heard[0].endings, stage.heard[1].endings]).toEqual([['overflow'], ['lost']])
  })

  test.each([
    ['begins with something else', [Uint8Array.of(1, 5)]],
    ['names fewer pieces than have come', [Uint8Array.of(2, 0)]],
    ['says what nobody knows', [Uint8Array.of(2, 1), Uint8Array.of(7)]],
    ['cuts a message into small pieces', [Uint8Array.of(2, 1), Uint8Array.of(0, 5)]],
    ['says nothing', [Uint8Array.of(2, 1), new Uint8Array(0)]],
  ])('whose direct channel %s is ended', async (_, said) => {
    const stage = new Stage()
    stage.pipes[0].link.send(Uint8Array.of(1))
    await run(stage, new Random(1))
    stage.pipes[1].move(stage.halves[1])
    for (const bytes of said) stage.halves[0].send(bytes)
    await run(stage, new Random(1))
    expect(stage.heard[1].endings).toEqual(['malformed'])
  })

  test('does not take a message of pieces that are empty, of which it would keep ever more', async () => {
    const stage = new Stage()
    for (let n = 0; n < 3; n++) stage.pipes[1].onRelay(false, new Uint8Array(0))
    await turn()
    expect(stage.heard[1].endings).toEqual(['malformed'])
    stage.pipes[0].link.destroy()
  })
})
