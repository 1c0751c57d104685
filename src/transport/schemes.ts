import { listed, schemeOf } from './address.ts'
import { type Dial, failed } from './transport.ts'

/** A `dial` that looks at the scheme of an address. */
export const dialBy = (dials: Readonly<Record<string, Dial>>): Dial => {
  const known = new Map(Object.entries(dials))
  return (url, options) => {
    const dial = known.get(schemeOf(url))
    if (dial !== undefined) return dial(url, options)
    return Promise.resolve(failed('unknown_scheme', `${url} is none of ${listed([...known.keys()])}`))
  }
}
