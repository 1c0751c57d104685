import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Why a file cannot be written, which is better said before the runs than after them. */
export const notWritable = (file: string): string | undefined => {
  try {
    mkdirSync(dirname(file), { recursive: true })
    if (!existsSync(file)) accessSync(dirname(file), constants.W_OK)
    else if (statSync(file).isDirectory()) return `${file} is a folder: name a file in it.`
    else accessSync(file, constants.W_OK)
    return undefined
  } catch (error) {
    return `${file} cannot be written (${(error as NodeJS.ErrnoException).code}): name another file.`
  }
}
