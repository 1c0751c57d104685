import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Door, startProcess } from '../door.ts'
import { C99, compile, compiler, HOW_TO_GET_ONE, workFolder } from './compile.ts'

/** Writing past an end or counting past a limit ends the instance, and so the run. */
const CHECKED = ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

const doorOf = (name: string, source: string, flags: readonly string[] = CHECKED): Door => {
  let compiled: Promise<string> | undefined
  const program = (): Promise<string> => {
    compiled ??= workFolder().then((folder) =>
      compile(fileURLToPath(new URL(source, import.meta.url)), join(folder, 'instance'), [...C99, ...flags]),
    )
    return compiled
  }
  return {
    name,
    missing: () => (compiler() === undefined ? HOW_TO_GET_ONE : undefined),
    prepare: async () => void (await program()),
    start: async (place) => startProcess(place, await program(), []),
    close: async () => {
      if (compiled === undefined) return
      const path = await compiled
      compiled = undefined
      await rm(dirname(path), { recursive: true, force: true })
    },
  }
}

export const c: Door = doorOf('C over the bridge', './instance.c')
export const first: Door = doorOf('C, first protocol', './first.c')
/** As a program would be shipped, for measuring. */
export const plainDoors: readonly Door[] = [
  doorOf('C over the bridge', './instance.c', ['-O2']),
  doorOf('C, first protocol', './first.c', ['-O2']),
]
