import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where the header lies. */
export const HEADER_FOLDER = fileURLToPath(new URL('../../../src/bindings/c', import.meta.url))
/** All that a compiler can complain of is an error. */
export const STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']
export const C99 = ['-std=c99', ...STRICT]

/** A program on the path, if there is one of these names. */
export const onPath = (...names: string[]): string | undefined =>
  (env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path))

/** The C compiler of this machine, if it has one. */
export const compiler = (): string | undefined => env.CC ?? onPath('gcc', 'clang', 'cc')

export const HOW_TO_GET_ONE =
  'That needs a C compiler: apt-get install gcc libc6-dev, or name one: CC=/path/to/cc'

/** A folder for what is compiled. */
export const workFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sametick-c-'))

/** Compile one file to a program; its path. Throws what the compiler says. */
export const compile = async (
  source: string,
  program: string,
  flags: readonly string[],
  libraries: readonly string[] = [],
): Promise<string> => {
  await run(compiler() ?? 'cc', [...flags, '-I', HEADER_FOLDER, '-o', program, source, ...libraries])
  return program
}
