import { register } from 'node:module'

/** The command line as on a machine on which the package is not installed by which peers in Node talk directly. */
const HOOK = `export const resolve = (specifier, context, next) => {
  if (specifier.startsWith('node-datachannel')) throw new Error('not installed')
  return next(specifier, context)
}`

register(`data:text/javascript,${encodeURIComponent(HOOK)}`)
await import('../../src/cli/main.ts')
