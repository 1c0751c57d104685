/**
 * Lets `sametick` be imported from its source, as if it were built: `node --import ./test/examples/source.mjs`
 * after `./test/ts.mjs`.
 */
import { register } from 'node:module'

const HOOK = '?hook'
if (!import.meta.url.endsWith(HOOK)) register(import.meta.url + HOOK)

const DOORS = {
  sametick: '../../src/node.ts',
  'sametick/bridge': '../../src/bridge/index.ts',
  'sametick/server': '../../src/server/index.ts',
  'sametick/deterministic': '../../src/deterministic/index.ts',
}

export const resolve = (name, context, next) =>
  Object.hasOwn(DOORS, name)
    ? { url: new URL(DOORS[name], import.meta.url).href.replace(HOOK, ''), shortCircuit: true }
    : next(name, context)
