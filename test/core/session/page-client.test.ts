import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/random.ts'
import { Instance } from '../../../src/core/session/instance.ts'
import { type Discipline, Sequencer } from '../../../src/core/session/sequencer.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'
import { MILLISECOND, type Micros, SECOND } from '../../../src/core/timeline/tick.ts'
import { sectionsOf, tableOf } from './page.ts'
import { PageClient, type Ran } from './page-client.ts'

/**
 * A client that was written from docs/protocol.md alone takes part beside an instance of the product: what they
 * run must be the same. Every message takes some milliseconds, each way keeps its order, clocks differ, and on a
 * rough network a way stands still now and then for longer than any lease that is short.
 */

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const codes = tableOf(page, 'number').map(([, code = '']) => code.replaceAll('`', ''))

const FPS = 30
const OWN = 1
const PAGE = 2
/** By how much the clock of the page's client is ahead of the sequencer's. */
const AHEAD: Micros = 77 * SECOND

class Stage {
  now: Micros = 10 * MILLISECOND
  readonly sequencer: Sequencer
  readonly own = new Instance({ fps: FPS, app: 'page@1', link: OWN, instances: 2 })
  readonly page = new PageClient(sectionsOf(page, /^4\./), codes, FPS)
  readonly ran: Ran[] = []
  private readonly random = new Random(4)
  private readonly away: { at: Micros; arrive: () => void }[] = []
  private readonly arrivals = new Map<string, Micros>()
  private readonly stalls: number

  /** `stalls`: the share of messages before which their way stands still. */
  constructor(discipline: Discipline, stalls = 0) {
    this.stalls = stalls
    this.sequencer = new Sequencer({ epoch: 0xdead_beef, discipline })
    this.own.open(this.now)
    this.page.open('page@1', 2)
  }

  /** Go on by a millisecond at a time. */
  run(until: Micros, each: (now: Micros) => void = () => {}): void {
    for (; this.now < until; this.now += MILLISECOND) {
      const due = this.away.filter(({ at }) => at <= this.now)
      this.away.splice(0, due.length)
      for (const { arrive } of due) arrive()
      if (this.sequencer.nextWake() <= this.now) this.sequencer.wake(this.now)
      if (this.own.nextWake() <= this.now) this.own.wake(this.now)
      for (let input = this.own.take(this.now); input !== undefined; input = this.own.take(this.now)) {
        const { tick, id, source, number, payload } = input
        this.ran.push({ tick, id, source, number, payload: [...payload] })
      }
      this.page.turn(this.now + AHEAD)
      each(this.now)
      this.carry()
    }
  }

  private carry(): void {
    for (const { to, bytes } of this.sequencer.outgoing())
      this.post(`to ${to}`, () => {
        if (to === OWN) this.own.receive(this.now, OWN, bytes)
        else this.page.receive(this.now + AHEAD, bytes)
      })
    for (const { bytes } of this.own.outgoing())
      this.post('of own', () => this.sequencer.receive(this.now, OWN, bytes))
    for (const bytes of this.page.out.splice(0))
      this.post('of page', () => this.sequencer.receive(this.now, PAGE, bytes))
    this.sequencer.happenings()
    this.own.happenings()
  }

  private post(way: string, arrive: () => void): void {
    const stall = this.random.chance(this.stalls) ? this.random.between(100, 700) : 0
    const takes = (stall + this.random.between(5, 20)) * MILLISECOND
    const at = Math.max(this.arrivals.get(way) ?? 0, this.now + takes)
    this.arrivals.set(way, at)
    this.away.push({ at, arrive })
    this.away.sort((a, b) => a.at - b.at)
  }
}

describe('a client that was written from the page', () => {
  test.each<[Discipline, string, number]>([
    ['gals', 'smooth', 0],
    ['horizon', 'smooth', 0],
    ['auto', 'smooth', 0],
    ['gals', 'rough', 0.02],
    ['horizon', 'rough', 0.02],
    ['auto', 'rough', 0.02],
  ])('runs what an instance runs: %s, on a %s network', (discipline, _, stalls) => {
    const stage = new Stage(discipline, stalls)
    const chance = new Random(5)
    stage.run(60 * SECOND, (now) => {
      // For ten seconds there are events, for ten there are none: leases become long again in between.
      if (now < SECOND || now % (20 * SECOND) > 10 * SECOND || !chance.chance(0.005)) return
      const payload = Uint8Array.from({ length: chance.below(40) }, (_, i) => i)
      if (chance.chance(0.5)) stage.own.emit(now, 1 + chance.below(9), payload)
      else stage.page.emit(now + AHEAD, 1 + chance.below(9), payload)
    })
    expect(stage.page.ended).toBe('')
    expect(stage.page.local).toBeGreaterThan(59 * FPS - 60)
    const both = Math.min(stage.ran.length, stage.page.ran.length)
    expect(stage.page.ran.slice(0, both)).toEqual(stage.ran.slice(0, both))
    for (const source of [stage.own.id, stage.page.id])
      expect(stage.page.ran.filter((each) => each.source === source).length).toBeGreaterThan(30)
    const { frozen } = stage.page
    if (stalls > 0) expect(frozen).toBeGreaterThan(500 * MILLISECOND)
    else {
      expect(frozen).toBeLessThan(300 * MILLISECOND)
      expect(stage.sequencer.trusts(stage.now, stage.page.id)).toBe(true)
      expect(stage.sequencer.stats.rounds > 0).toBe(discipline !== 'horizon')
    }
  })

  test('leaves, and the others go on', () => {
    const stage = new Stage('auto')
    stage.run(3 * SECOND)
    stage.page.leave()
    stage.run(5 * SECOND)
    const left = stage.ran.filter(({ id }) => id === RESERVED.leave)
    expect(left.map(({ payload }) => payload)).toEqual([[stage.page.id, 0]])
    expect(left[0]?.tick).toBeGreaterThan(stage.page.local)
    expect(stage.own.local).toBeGreaterThan(4 * FPS)
  })

  test('ends with the session, at the same tick', () => {
    const stage = new Stage('auto')
    stage.run(3 * SECOND)
    stage.own.ask('end')
    stage.run(6 * SECOND)
    expect(stage.page.ended).toBe('end')
    expect(stage.page.ran).toEqual(stage.ran)
    expect(stage.ran.at(-2)?.id).toBe(RESERVED.end)
  })
})
