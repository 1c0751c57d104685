import { listed, schemeOf } from './address.ts'
import { type Dial, failed } from './transport.ts'

/** A `dial` that looks at the scheme of an address. */
export const dialBy = (dials: Readonly<Record<string, Dial>>): Dial => {
  const known = new Map(Object.entries(dials))
  return (url, options) => {
    const dial = known.get(schemeOf(url))
    return dial?.(url, options) ?? Promise.resolve(unknown(url, [...known.keys()]))
  }
}

export const unknown = (url: string, schemes: readonly string[]) =>
  failed('unknown_scheme', `${url} is none of ${listed(schemes)}`)
