import { Memory } from '../core/machine/memory.ts'
import { containerOf, isPlainBuffer, type View } from '../core/timeline/values.ts'

/** A state whose values are all views of one buffer, and its bytes at one moment. */
export interface MemoryState {
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
export const memoryStateOf = (state: object, spare: MemoryState | undefined): MemoryState | undefined => {
  const buffer = bufferOf(state)
  if (buffer === undefined) return undefined
  const memory = new Memory(buffer)
  return { views: { ...(state as Record<string, View>) }, memory, bytes: memory.save(spare?.bytes) }
}

/** The state as it was: the same views of the same buffer, with what was in it then. */
export const stateOf = ({ views, memory, bytes }: MemoryState): object => {
  memory.restore(bytes)
  return { ...views }
}
