import arena from '../../../examples/arena/app.ts'
import type { Body, State } from '../../../examples/arena/state.ts'
import { INPUT_ID } from '../../../src/app/event.ts'
import { encodePayload } from '../../../src/app/payload.ts'
import { Runner } from '../../../src/app/runner.ts'
import type { Effect } from '../../../src/app/step.ts'
import { joinPayload, leavePayload } from '../../../src/core/session/membership.ts'
import { RESERVED, SEQUENCER, TICK } from '../../../src/core/timeline/event.ts'
import { EMPTY } from '../../../src/core/wire/bytes.ts'

/** The game without a network: inputs by hand, one tick after the other. */
export class Stage {
  readonly runner = new Runner(arena)
  readonly effects: Effect[] = []

  get state(): State {
    return this.runner.state
  }

  body(at: number): Body {
    return this.state.bodies[at] as Body
  }

  join(player: number, slot: number): void {
    this.take(RESERVED.join, SEQUENCER, joinPayload({ member: player, slot, data: EMPTY }))
  }

  leave(player: number): void {
    this.take(RESERVED.leave, SEQUENCER, leavePayload({ member: player, why: undefined }))
  }

  hold(player: number, held: unknown): void {
    this.take(INPUT_ID, player, encodePayload(held))
  }

  run(ticks = 1): void {
    for (let i = 0; i < ticks; i++) {
      this.take(TICK, SEQUENCER, EMPTY)
      this.effects.push(...this.runner.takeEffects())
    }
  }

  private take(id: number, source: number, payload: Uint8Array): void {
    const failure = this.runner.take({ tick: this.runner.tick + 1, id, source, number: 0, seq: 0, payload })
    if (failure) throw failure.error
  }
}
