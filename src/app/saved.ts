import type { Events } from './event.ts'
import type { Runner } from './runner.ts'
import { writeSnapshot } from './snapshot.ts'
import { readSnapshot } from './snapshot-reader.ts'
import { isWorld } from './world.ts'

/** The world of a runner as bytes, for those who join. Apart from the runner: a page that only plays needs none of it. */
export const saveWorld = <S extends object, E extends Events, I>(runner: Runner<S, E, I>): Uint8Array =>
  writeSnapshot(runner.whole())

/** Go on from such bytes; false, and nothing changes, if they are none. */
export const restoreWorld = <S extends object, E extends Events, I>(
  runner: Runner<S, E, I>,
  bytes: Uint8Array,
): boolean => {
  const world = readSnapshot(bytes)?.value
  if (!isWorld(world)) return false
  try {
    runner.become(world)
  } catch {
    return false
  }
  return true
}
