import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

export const EXAMPLES: string = fileURLToPath(new URL('../', import.meta.url))

const DEMO = join(EXAMPLES, '../src/page')

/** The examples that are pages: each with an `index.html`, and beside it the `page.ts` that it runs. */
export const pageNames = async (): Promise<string[]> => {
  const names = await readdir(EXAMPLES)
  return names.filter((name) => existsSync(join(EXAMPLES, name, 'page.ts'))).sort()
}

/**
 * Makes all pages: the program of each in one file, and what lies beside it as it is. They import `sametick` as
 * it is built, or what `alias` says.
 */
export const buildPages = async (
  out: string,
  alias: Readonly<Record<string, string>> = {},
): Promise<void> => {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const names = await pageNames()
  const bundle = await rolldown({
    input: Object.fromEntries(names.map((name) => [`${name}/page`, join(EXAMPLES, name, 'page.ts')])),
    platform: 'browser',
    resolve: { alias },
    // Whose paths lead to the source: they are for the types.
    tsconfig: false,
    // What is not found would be left to the browser, which does not find it either: the page would never begin.
    onLog: (level, log, say) => say(log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log),
  })
  await bundle.write({
    dir: out,
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'common/[name].js',
  })
  await bundle.close()
  for (const name of ['', 'common', ...names]) await copyPages(join(EXAMPLES, name), join(out, name))
  // They look like the demo page: its colours, its letters, its icon.
  await copyFile(join(DEMO, 'icon.svg'), join(out, 'icon.svg'))
  await copyFile(join(DEMO, 'style/1-base.css'), join(out, 'common/base.css'))
}

const AS_THEY_ARE: readonly string[] = ['.html', '.css', '.svg']

const copyPages = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true })
  for (const file of await readdir(from))
    if (AS_THEY_ARE.includes(extname(file))) await copyFile(join(from, file), join(to, file))
}
