import { type Runtime, Session } from 'node:inspector'

/** Where a function is left for the inspector to find it. */
const PLACE = '__sametick_function'
/** So many functions are looked into: the one that is asked about, what it calls, and what that calls. */
const FUNCTIONS_MAX = 64
/** Of each variable, so many characters. */
const SHOWN = 80

/**
 * The variables outside of a function that it can see, of its module and of the functions around it, each with its
 * value in words. The language hides them; the engine's own inspector, in this process, does not.
 */
export const closureOf = (fn: (...args: never[]) => unknown): ReadonlyMap<string, string> => {
  const session = new Session()
  session.connect()
  try {
    return variablesOf(session, fn)
  } catch {
    // An engine that tells nothing: then nothing is named.
    return new Map()
  } finally {
    session.disconnect()
  }
}

const variablesOf = (session: Session, fn: unknown): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const world = globalThis as Record<string, unknown>
  world[PLACE] = fn
  let first: string | undefined
  session.post('Runtime.evaluate', { expression: `globalThis.${PLACE}` }, (_error, reply) => {
    first = reply?.result.objectId
  })
  delete world[PLACE]
  // What it calls keeps something too, in modules of its own.
  const functions = [first]
  for (let i = 0; i < functions.length && i < FUNCTIONS_MAX; i++) {
    const scopes = propertiesOf(session, functions[i]).internal.find(({ name }) => name === '[[Scopes]]')
    for (const scope of propertiesOf(session, scopes?.value?.objectId).own) {
      if (scope.value?.description === 'Global' || !/^\d+$/.test(scope.name)) continue
      for (const { name, value } of propertiesOf(session, scope.value?.objectId).own)
        if (value?.type === 'function') {
          functions.push(value.objectId)
          for (const [of, held] of staticsOf(session, value.objectId))
            if (!found.has(`${name}.${of}`)) found.set(`${name}.${of}`, said(session, held))
        } else if (value !== undefined && !found.has(name)) found.set(name, said(session, value))
    }
  }
  return found
}

/** What a class keeps of its own: every function has these, and no more unless somebody has put it there. */
const OF_ALL = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

function* staticsOf(
  session: Session,
  objectId: string | undefined,
): Generator<[string, Runtime.RemoteObject]> {
  for (const { name, value } of propertiesOf(session, objectId).own)
    if (!OF_ALL.has(name) && value !== undefined && value.type !== 'function') yield [name, value]
}

const propertiesOf = (
  session: Session,
  objectId: string | undefined,
): {
  readonly own: readonly Runtime.PropertyDescriptor[]
  readonly internal: readonly Runtime.InternalPropertyDescriptor[]
} => {
  let own: readonly Runtime.PropertyDescriptor[] = []
  let internal: readonly Runtime.InternalPropertyDescriptor[] = []
  if (objectId !== undefined)
    session.post('Runtime.getProperties', { objectId, ownProperties: true }, (_error, reply) => {
      own = reply?.result ?? []
      internal = reply?.internalProperties ?? []
    })
  return { own, internal }
}

/** As JSON where that says it; Maps and Sets by their entries, a pattern with where it looks next. */
const SAY =
  'function () { try { if (this instanceof RegExp) return String(this) + " from " + this.lastIndex; return JSON.stringify(this instanceof Map || this instanceof Set ? [...this] : this) } catch { return String(this) } }'

const said = (session: Session, value: Runtime.RemoteObject): string => {
  if (value.objectId === undefined)
    return value.description ?? JSON.stringify(value.value) ?? String(value.value)
  let text = value.description ?? ''
  session.post(
    'Runtime.callFunctionOn',
    { objectId: value.objectId, functionDeclaration: SAY, returnByValue: true },
    (_error, reply) => {
      text = String(reply?.result.value ?? text)
    },
  )
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text
}
