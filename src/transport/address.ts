import { done, failed, type Result } from './transport.ts'

/** Ports that a scheme stands for. Without one, an address has to name it. */
const PORTS: Readonly<Record<string, number>> = { ws: 80, http: 80, wss: 443, https: 443 }

export interface Address {
  readonly scheme: string
  /** A name or an address, IPv6 without its brackets. */
  readonly host: string
  readonly port: number
}

export const schemeOf = (url: string): string => /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''

/** Reads an address whose scheme is one of these. */
export const addressOf = (url: string, schemes: readonly string[]): Result<Address> => {
  const scheme = schemeOf(url)
  if (!schemes.includes(scheme)) return failed('unknown_scheme', `${url} is none of ${listed(schemes)}`)
  const parts = partsOf(url)
  if (parts === undefined || parts.hostname === '' || parts.hash !== '') return failed('bad_url', url)
  const port = parts.port === '' ? PORTS[scheme] : Number(parts.port)
  if (port === undefined) return failed('bad_url', `${url} names no port`)
  return done({ scheme, host: parts.hostname.replace(/^\[|\]$/g, ''), port })
}

export const listed = (schemes: readonly string[]): string =>
  schemes.map((scheme) => `${scheme}://`).join(', ')

const partsOf = (url: string): URL | undefined => {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

/** An address and a port, in the form that a URL takes. IPv4 in the clothes of IPv6 is shown as it is. */
export const hostPort = (host: string, port: number): string => {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '')
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`
}
