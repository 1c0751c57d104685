import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * What Node asks, on a thread of its own, before it loads a module: gives an application that is asked for with
 * `?sametick=3` all its own modules anew, and cuts the types out of TypeScript where Node does not.
 */

/** What the hooks are told when they are registered. */
export interface HooksData {
  /** The folder of this library's own modules, which every copy shares. */
  readonly own: string
}

interface Resolved {
  readonly url: string
  readonly shortCircuit?: boolean
}
interface Loaded {
  readonly format: string
  readonly source: string
  readonly shortCircuit: boolean
}
type Next<C, R> = (what: string, context: C) => Promise<R>

const COPY = /[?&]sametick=\d+/
let own = ''

export const initialize = (data: HooksData): void => {
  own = data.own
}

export const resolve = async (
  specifier: string,
  context: { readonly parentURL?: string },
  next: Next<typeof context, Resolved>,
): Promise<Resolved> => {
  const resolved = await next(specifier, context)
  const copy = COPY.exec(context.parentURL ?? '')
  const { url } = resolved
  if (!copy || !url.startsWith('file:') || url.includes('/node_modules/') || url.startsWith(own))
    return resolved
  return COPY.test(url) ? resolved : { ...resolved, url: `${url}?${copy[0].slice(1)}` }
}

export const load = async (url: string, context: object, next: Next<object, Loaded>): Promise<Loaded> => {
  const [bare = url] = url.split('?')
  const isNative = Boolean((process.features as { typescript?: unknown }).typescript)
  if (!COPY.test(url) || !/\.m?ts$/.test(bare) || isNative) return next(url, context)
  const path = fileURLToPath(bare)
  const { transformSync } = await compilerFor(path)
  const { code, map, errors } = transformSync(path, await readFile(path, 'utf8'), {
    sourcemap: true,
    typescript: { onlyRemoveTypeImports: true },
  })
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64')
  return {
    format: 'module',
    source: `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}`,
    shortCircuit: true,
  }
}

interface Compiler {
  transformSync(
    path: string,
    text: string,
    options: object,
  ): {
    readonly code: string
    readonly map?: unknown
    readonly errors: readonly { readonly message: string }[]
  }
}

const compilerFor = async (path: string): Promise<Compiler> => {
  for (const from of [path, `${process.cwd()}/package.json`]) {
    try {
      const found = createRequire(from).resolve('rolldown/utils')
      return (await import(pathToFileURL(found).href)) as Compiler
    } catch {
      // Not there: the next place, or none.
    }
  }
  throw new Error(
    `Node ${process.versions.node} cannot read TypeScript. Run this with Node 22.18 or later, or install rolldown beside the application, or name its built .js file.`,
  )
}
