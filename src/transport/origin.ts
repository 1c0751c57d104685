/**
 * Which pages may connect. A browser lets every page connect to every server and only names the page's origin, so
 * that the server has to look: without that any page could speak to a server on the machine of its reader.
 */
export interface OriginOptions {
  /** Origins that may connect as well, such as https://play.example; `*` for all. */
  readonly origins?: readonly string[]
}

const hostOf = (origin: string): URL | undefined => {
  try {
    return new URL(origin)
  } catch {
    return undefined
  }
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

/**
 * Whether a page of this origin may connect: one from this machine, one from the server's own host, or one that is
 * named. `host` is what the browser called the server. A server that was reached at an address of this machine's
 * own is only called by such a name: else a page whose name was made to lead here would pass for its own.
 */
export const mayConnect = (
  origin: string | undefined,
  host: string | undefined,
  isLocal: boolean,
  { origins = [] }: OriginOptions,
): boolean => {
  // No browser sends none; whoever writes his own client may claim any.
  if (origin === undefined) return true
  if (origins.includes('*') || origins.includes(origin)) return true
  const page = hostOf(origin)
  if (page === undefined) return false
  if (isLoopback(page.hostname)) return true
  const own = host === undefined ? undefined : hostOf(`http://${host}`)
  return own !== undefined && !isLocal && page.hostname === own.hostname
}

/** Whether an address is one that only this machine has. */
export const isLocalAddress = (address: string | undefined): boolean =>
  address !== undefined &&
  isLoopback(address.includes(':') ? `[${address}]`.replace(/^\[::ffff:(.*)\]$/, '$1') : address)
