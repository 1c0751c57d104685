import { Runner } from '../../../src/app/runner.ts'
import { restoreWorld, saveWorld } from '../../../src/app/saved.ts'
import { writeSnapshot } from '../../../src/app/snapshot.ts'
import { readSnapshot } from '../../../src/app/snapshot-reader.ts'
import { digest } from '../../../src/core/timeline/digest.ts'
import { game } from '../../app/game.ts'
import { must, type Target } from '../target.ts'

const shared = { hp: 3 }

/** What those who join are sent: refused, or read as a state that is written and read again as itself. */
export const snapshot: Target = {
  name: 'snapshot',
  seeds: () => [
    saveWorld(new Runner(game)),
    writeSnapshot({ a: shared, b: [shared, undefined, null], c: new Map([[1, 'x']]), d: new Set([1.5, -0]) }),
    writeSnapshot([{ x: 1, y: 2 }, { x: 3, y: 4 }, 'ä€', 12n, -5n, Object.create(null)]),
    writeSnapshot({ views: [new Float64Array(3), new Uint8Array(new ArrayBuffer(8), 2, 3)] }),
  ],
  run: (bytes) => {
    const read = readSnapshot(bytes)
    if (read === undefined) return
    const written = writeSnapshot(read.value)
    const again = readSnapshot(written)
    must(
      again !== undefined && digest(again.value) === digest(read.value),
      'what is read again is another state',
    )
    restoreWorld(new Runner(game), bytes)
  },
}
