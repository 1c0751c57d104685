import { Memory } from '../core/machine/memory.ts'
import {
  containerOf,
  isPlainBuffer,
  lengthOf,
  type View,
  viewKindOf,
  viewOf,
} from '../core/timeline/values.ts'
import { clone } from './clone.ts'
import type { Events } from './event.ts'
import type { Kept, Runner } from './runner.ts'
import { saveWorld } from './saved.ts'

/** A world in memory; its state beside it, if that is one buffer seen through views. */
export interface KeptMemory extends Kept {
  readonly memory?: MemoryState
}

/** A state whose values are all views of one buffer, and its bytes at one moment. */
interface MemoryState {
  readonly views: Readonly<Record<string, View>>
  readonly memory: Memory
  readonly bytes: Uint8Array
}

/** The buffer of a state that is nothing but views of it; undefined for any other state. */
const bufferOf = (state: object): ArrayBuffer | undefined => {
  if (containerOf(state) !== 'object') return undefined
  let buffer: ArrayBuffer | undefined
  for (const value of Object.values(state) as unknown[]) {
    if (typeof value !== 'object' || value === null || containerOf(value) !== 'view') return undefined
    const under = (value as View).buffer
    if (!isPlainBuffer(under) || (buffer !== undefined && under !== buffer)) return undefined
    buffer = under
  }
  return buffer
}

/** Copy such a state as bytes, over those of a snapshot that nobody needs any more. */
const memoryStateOf = (state: object, spare: MemoryState | undefined): MemoryState | undefined => {
  const buffer = bufferOf(state)
  if (buffer === undefined) return undefined
  const memory = new Memory(buffer)
  return { views: { ...(state as Record<string, View>) }, memory, bytes: memory.save(spare?.bytes) }
}

/** The state as it was: the same views of the same buffer, with what was in it then. */
const stateOf = ({ views, memory, bytes }: MemoryState): object => {
  memory.restore(bytes)
  return { ...views }
}

/**
 * The world as it is now, for one who keeps many: a state that is one buffer is copied as bytes, into those of
 * `spare`, which nobody needs any more; any other is cloned.
 */
export const keepOver = <S extends object, E extends Events, I>(
  runner: Runner<S, E, I>,
  spare: KeptMemory | undefined,
): KeptMemory => {
  const memory = runner.app.save ? undefined : memoryStateOf(runner.state, spare?.memory)
  if (memory === undefined) return runner.keep()
  return { tick: runner.tick, world: clone({ ...runner.whole(), state: undefined }), memory }
}

/** Such a world as bytes, for somebody else. The runner is then where it was. */
export const bytesOf = <S extends object, E extends Events, I>(
  runner: Runner<S, E, I>,
  kept: KeptMemory,
): Uint8Array => {
  const now = keepOver(runner, undefined)
  goBack(runner, kept)
  const bytes = saveWorld(runner)
  goBack(runner, now)
  return bytes
}

/** Go back to it, as often as one likes: the past is then in the same buffer. */
export const goBack = <S extends object, E extends Events, I>(
  runner: Runner<S, E, I>,
  { world, memory }: KeptMemory,
): void => {
  const copy = clone(world)
  runner.become(memory === undefined ? copy : { ...copy, state: stateOf(memory) })
}

/**
 * Be in it with another runner than the one that was kept: a state that is one buffer comes into a buffer of its
 * own, and the one that is kept there is not disturbed. `own`: the buffer that this returned last, to be used again.
 */
export const goApart = (
  runner: Runner,
  { world, memory }: KeptMemory,
  own: ArrayBuffer | undefined,
): ArrayBuffer | undefined => {
  const copy = clone(world)
  if (memory === undefined) {
    runner.become(copy)
    return undefined
  }
  const { views, bytes } = memory
  const buffer = own?.byteLength === bytes.length ? own : new ArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  const apart = (view: View): View => viewOf(viewKindOf(view), buffer, view.byteOffset, lengthOf(view))
  const state = Object.fromEntries(Object.entries(views).map(([name, view]) => [name, apart(view)]))
  runner.become({ ...copy, state })
  return buffer
}
