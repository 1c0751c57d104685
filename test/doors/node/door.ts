import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Door, startProcess } from '../door.ts'

const TS = fileURLToPath(new URL('../../ts.mjs', import.meta.url))
const INSTANCE = fileURLToPath(new URL('./instance.ts', import.meta.url))

export const node: Door = {
  name: 'Node',
  missing: () => undefined,
  start: (place) => Promise.resolve(startProcess(place, execPath, ['--import', TS, INSTANCE])),
}
