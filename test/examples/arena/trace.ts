import { after } from '../../../examples/arena/numbers.ts'
import type { State } from '../../../examples/arena/state.ts'
import { sumOf } from '../../../examples/arena/sum.ts'
import { Stage } from './stage.ts'

const TICKS = 6_400
const SUM_EVERY = 50

/** A round and a bit of the next: what happens at which tick, and the state's sum every so many ticks. */
export const traceOf = (): { text: string; states: State[] } => {
  const stage = new Stage()
  const inputs: (readonly (number | string)[])[] = []
  const sums: (readonly number[])[] = []
  const states: State[] = []
  let seed = 7
  const draw = (n: number): number => {
    seed = after(seed)
    return seed % n
  }
  const here = new Set<number>()
  const join = (tick: number, player: number, slot: number): void => {
    inputs.push([tick, 'join', player, slot])
    stage.join(player, slot)
    here.add(player)
  }
  const leave = (tick: number, player: number): void => {
    inputs.push([tick, 'leave', player])
    stage.leave(player)
    here.delete(player)
  }

  for (let tick = 0; tick < TICKS; tick++) {
    if (tick === 0) join(tick, 1, 0)
    if (tick === 40) join(tick, 2, 1)
    if (tick === 700) for (const slot of [2, 3, 4]) join(tick, slot + 1, slot)
    if (tick === 1_900) leave(tick, 3)
    if (tick === 2_400) join(tick, 9, 2)
    if (tick === 3_000) for (const player of [2, 4, 5]) leave(tick, player)
    for (const player of here) {
      if (draw(24) > 0) continue
      const held = draw(17) + 32 * draw(2)
      inputs.push([tick, 'hold', player, held])
      stage.hold(player, held)
    }
    stage.run()
    if (tick % SUM_EVERY !== SUM_EVERY - 1) continue
    sums.push([tick, sumOf(stage.state)])
    states.push(structuredClone(stage.state))
  }
  const list = (rows: readonly unknown[]): string =>
    `[\n${rows.map((row) => `    ${JSON.stringify(row).replaceAll(',', ', ')}`).join(',\n')}\n  ]`
  return { text: `{\n  "inputs": ${list(inputs)},\n  "sums": ${list(sums)}\n}\n`, states }
}
