import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'corpus')

const fileOf = (target: string): string => join(FOLDER, `${target}.txt`)

/** The inputs that are kept of a target: each a line of hexadecimal digits. */
export const readCorpus = (target: string): Uint8Array[] => {
  const file = fileOf(target)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^[0-9a-f]*$/.test(line) && line.length > 0)
    .map((line) => new Uint8Array(Buffer.from(line, 'hex')))
}

export const writeCorpus = (target: string, inputs: readonly Uint8Array[]): void => {
  const lines = inputs.map((bytes) => Buffer.from(bytes).toString('hex')).filter((line) => line.length > 0)
  writeFileSync(
    fileOf(target),
    `${[...new Set(lines)].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).join('\n')}\n`,
  )
}
