import { describe, expect, test } from 'vitest'
import arena from '../../examples/arena/app.ts'
import drawing from '../../examples/drawing/app.ts'
import marbles from '../../examples/marbles/app.ts'
import rectangle from '../../examples/rectangle/rect.ts'
import party, { FRAMES, nameOf, type Party } from '../../examples/watch-party/app.ts'
import type { App } from '../../src/app/app.ts'
import { encodePayload } from '../../src/app/payload.ts'
import { Runner } from '../../src/app/runner.ts'
import { restoreWorld, saveWorld } from '../../src/app/saved.ts'
import { trial } from '../../src/app/trial.ts'
import { askedPayload, joinPayload } from '../../src/core/session/membership.ts'
import { RESERVED, SEQUENCER, TICK } from '../../src/core/timeline/event.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'

describe.each([
  ['rectangle', rectangle],
  ['watch party', party],
  ['arena', arena],
  ['drawing', drawing],
  ['marbles', marbles],
] as [string, App][])('the %s', (_name, app) => {
  test('can be saved, restored and run again', () => {
    expect(trial(app)).toBeUndefined()
  })

  test('goes on alike from a snapshot, wherever that is taken', () => {
    const one = new Runner(app)
    join(one, 1)
    for (let tick = 0; tick < 400; tick++) {
      take(one, TICK)
      if (tick % 80 !== 79) continue
      const other = new Runner(app)
      expect(restoreWorld(other, saveWorld(one))).toBe(true)
      for (let i = 0; i < 40; i++) for (const runner of [one, other]) take(runner, TICK)
      expect(other.digest()).toBe(one.digest())
    }
  })
})

describe('the watch party', () => {
  test('stops at the last frame, and begins anew when somebody plays', () => {
    const runner = begun()
    take(runner, 1, 1, encodePayload(FRAMES - 3))
    for (let i = 0; i < 5; i++) take(runner, TICK)
    expect(runner.state).toMatchObject({ frame: FRAMES - 1, isPlaying: false })
    ask(runner, 'resume')
    expect(runner.state).toMatchObject({ frame: 0, isPlaying: true })
  })

  test('goes to frames that the clip has, and to no others', () => {
    const runner = begun()
    for (const frame of [-1, FRAMES, 1.5, '7', null, Number.NaN]) take(runner, 1, 1, encodePayload(frame))
    expect(runner.state).toMatchObject({ frame: 0, acts: [] })
    take(runner, 1, 1, encodePayload(7))
    expect(runner.state.acts).toEqual([{ who: 'Ada', what: 'seek', frame: 7, tick: 0 }])
  })

  test('notes an act once, and keeps the last six', () => {
    const runner = begun()
    for (let i = 0; i < 3; i++) ask(runner, 'pause')
    expect(runner.state.acts).toHaveLength(1)
    for (let i = 0; i < 9; i++) ask(runner, i % 2 === 0 ? 'resume' : 'pause')
    expect(runner.state.acts.map(({ what }) => what)).toEqual([
      'pause',
      'play',
      'pause',
      'play',
      'pause',
      'play',
    ])
  })

  test('calls viewers what they say, as far as it is a name', () => {
    const names = ['Ada', '  ', 7, null, { name: 'x' }, 'n'.repeat(99)].map((data) =>
      nameOf({ id: 3, slot: 0, data, here: true }),
    )
    expect(names).toEqual(['Ada', 'viewer 3', 'viewer 3', 'viewer 3', 'viewer 3', 'n'.repeat(16)])
  })
})

const begun = (): Runner<Party> => {
  const runner = new Runner(party) as unknown as Runner<Party>
  join(runner, 1)
  return runner
}

const take = (
  runner: Pick<Runner, 'take' | 'tick'>,
  id: number,
  source = SEQUENCER,
  payload: Uint8Array = EMPTY,
): void => {
  const failure = runner.take({ tick: runner.tick + 1, id, source, number: 0, seq: 0, payload })
  if (failure) throw failure.error
}

const join = (runner: Pick<Runner, 'take' | 'tick'>, member: number): void =>
  take(
    runner,
    RESERVED.join,
    SEQUENCER,
    joinPayload({ member, slot: member - 1, data: encodePayload('Ada') }),
  )

const ask = (runner: Pick<Runner, 'take' | 'tick'>, what: 'pause' | 'resume'): void =>
  take(runner, RESERVED[what], SEQUENCER, askedPayload({ by: 1, data: EMPTY }))
