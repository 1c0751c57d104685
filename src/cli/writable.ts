import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** One after the other: where none can be made, as in /proc, Node's own way to make several never ends. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder) && statSync(folder).isDirectory()) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

/** Why a file cannot be written, which is better said before the runs than after them. */
export const notWritable = (file: string): string | undefined => {
  try {
    makeFolder(dirname(file))
    if (!existsSync(file)) accessSync(dirname(file), constants.W_OK)
    else if (statSync(file).isDirectory()) return `${file} is a folder: name a file in it.`
    else accessSync(file, constants.W_OK)
    return undefined
  } catch (error) {
    return `${file} cannot be written (${(error as NodeJS.ErrnoException).code}): name another file.`
  }
}
