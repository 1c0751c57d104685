import { clone } from '../../src/app/clone.ts'
import { decodePayload, encodePayload } from '../../src/app/payload.ts'
import { writeSnapshot } from '../../src/app/snapshot.ts'
import { readSnapshot } from '../../src/app/snapshot-reader.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import type { Case } from './measure.ts'

/** What it costs to look at a state of a thousand units (2,002 objects, 12,000 values), and at lists of numbers. */
const state = {
  units: Array.from({ length: 1000 }, (_, i) => ({
    id: i,
    x: i * 1.37,
    y: i / 7,
    vx: 0.5,
    vy: -1,
    hp: 100,
    name: `unit${i}`,
    alive: true,
    tags: [1, 2, 3],
  })),
}
const floats = Float64Array.from({ length: 131_072 }, (_, i) => i * 1.1)
const snapshot = writeSnapshot(state)
const payload = { x: 12.5, y: -3, fire: true, name: 'steer' }
const bytes = encodePayload(payload)

const cases: readonly Case[] = [
  { name: 'digest, 1000 units', run: () => digest(state) },
  { name: 'clone, 1000 units', run: () => clone(state) },
  { name: 'structuredClone, 1000 units', run: () => structuredClone(state) },
  { name: 'JSON.stringify, 1000 units', run: () => JSON.stringify(state) },
  { name: 'snapshot, 1000 units', run: () => writeSnapshot(state) },
  { name: 'snapshot read, 1000 units', run: () => readSnapshot(snapshot) },
  { name: 'digest, 1 MiB of doubles', run: () => digest(floats) },
  { name: 'clone, 1 MiB of doubles', run: () => clone(floats) },
  { name: 'payload, 4 keys', run: () => encodePayload(payload) },
  { name: 'payload read, 4 keys', run: () => decodePayload(bytes) },
]

export default cases
