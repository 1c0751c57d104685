/**
 * Lets Node 20, which cannot read TypeScript, run it from source: `node --import ./test/ts.mjs some.ts`.
 * The types are cut away and nothing is checked; that is what `npm run typecheck` is for.
 */
import { readFile } from 'node:fs/promises'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'rolldown/utils'

// Node loads this file a second time, on a thread of its own, for the hook below: only the first registers.
const HOOK = '?hook'
if (!import.meta.url.endsWith(HOOK)) register(import.meta.url + HOOK)

export async function load(url, context, next) {
  if (!url.replace(/[?].*$/, '').endsWith('.ts')) return next(url, context)
  const path = fileURLToPath(url)
  const { code, errors } = transformSync(path, await readFile(path, 'utf8'), {
    typescript: { onlyRemoveTypeImports: true },
  })
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`)
  return { format: 'module', source: code, shortCircuit: true }
}
