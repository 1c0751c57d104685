import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Door, startProcess } from '../door.ts'
import { C99, compile, compiler, HOW_TO_GET_ONE, workFolder } from './compile.ts'

const doorOf = (name: string, source: string): Door => {
  let compiled: Promise<string> | undefined
  const program = (): Promise<string> => {
    compiled ??= workFolder().then((folder) =>
      compile(
        fileURLToPath(new URL(source, import.meta.url)),
        join(folder, 'instance'),
        // Writing past an end or counting past a limit ends the instance, and so the run.
        [...C99, '-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
      ),
    )
    return compiled
  }
  return {
    name,
    missing: () => (compiler() === undefined ? HOW_TO_GET_ONE : undefined),
    prepare: async () => void (await program()),
    start: async (place) => startProcess(place, await program(), []),
  }
}

export const c: Door = doorOf('C over the bridge', './instance.c')
export const first: Door = doorOf('C, first protocol', './first.c')
