import type { Rewindable } from '../../core/machine/timemachine.ts'
import type { Peer } from '../../core/peer/peer.ts'
import { type Input, TICK } from '../../core/timeline/event.ts'
import type { Tick } from '../../core/timeline/tick.ts'

/**
 * An application whose state is two words into which every input is mixed: whatever happens to it is seen in the
 * state for ever after, and so is the order.
 */
export class Mixture implements Rewindable<Int32Array> {
  readonly state = Int32Array.of(0x811c_9dc5 | 0, 0x9e37_79b9 | 0)
  private readonly peer: Peer

  constructor(peer: Peer) {
    this.peer = peer
  }

  save(spare: Int32Array | undefined): Int32Array {
    if (spare === undefined) return this.state.slice()
    spare.set(this.state)
    return spare
  }

  restore(snapshot: Int32Array, tick: Tick): void {
    this.state.set(snapshot)
    this.peer.rewind(tick)
  }

  step(): void {
    let input = this.peer.next()
    while (input.id !== TICK) {
      mixEvent(this.state, input)
      input = this.peer.next()
    }
    mixTick(this.state, input.tick)
  }
}

export const mixTick = (state: Int32Array, tick: Tick): void => mix(state, tick)

const mix = (state: Int32Array, word: number): void => {
  const a = Math.imul((state[0] as number) ^ word, 0x0100_0193)
  state[0] = a
  state[1] = Math.imul((state[1] as number) ^ a ^ (a >>> 15), 0x85eb_ca6b)
}

export const mixEvent = (
  state: Int32Array,
  { id, source, number, payload }: Omit<Input, 'tick' | 'seq'>,
): void => {
  mix(state, id)
  mix(state, source)
  mix(state, number)
  for (const byte of payload) mix(state, byte)
}
