import { SametickError } from '../app/errors.ts'
import type { IceServer } from './channel.ts'

const STUN = "{ urls: 'stun:stun.example:3478' }"
const TURN = "{ urls: 'turn:turn.example:3478', username: 'me', credential: 'secret' }"

/** As RFC 7064 and RFC 7065 have them: a name, an IPv4 address or an IPv6 address in brackets, and maybe a port. */
const PLACE = /^(?:[\w.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i
const HELPS = /^stuns?:([^?]+)$/
const CARRIES = /^turns?:([^?]+)(?:\?transport=(?:udp|tcp))?$/
const PORT_MAX = 65_535

/**
 * The servers of `ice`, held against what every engine takes: what one would refuse much later, and for each link
 * anew, is refused when it is given. They are copies, since node-datachannel writes into what it gets.
 */
export const iceOf = (ice: unknown): readonly IceServer[] => {
  if (ice === undefined) return []
  if (!Array.isArray(ice)) throw bad(`ice is ${shown(ice)}, and has to be a list`)
  return ice.map((server, n) => iceServerOf(server, `ice[${n}]`))
}

const iceServerOf = (server: unknown, name: string): IceServer => {
  if (typeof server !== 'object' || server === null) throw bad(`${name} is ${shown(server)}`)
  const { urls, username, credential } = server as Record<string, unknown>
  const list: unknown[] = Array.isArray(urls) ? urls : [urls]
  if (list.length === 0) throw bad(`${name}.urls is empty`)
  for (const url of list) {
    const place = typeof url === 'string' ? (HELPS.exec(url) ?? CARRIES.exec(url)) : null
    if (place === null || !isPlace(place[1])) throw bad(`${name}.urls names ${shown(url)}`)
  }
  const needsLogin = list.some((url) => CARRIES.test(url as string))
  // What they are is not said: an error may be shown to anybody.
  for (const [key, value] of Object.entries({ username, credential }))
    if ((needsLogin || value !== undefined) && (typeof value !== 'string' || value === ''))
      throw bad(`${name}.${key} is no text, and a turn: server lets nobody in without it`)
  const login = needsLogin ? { username: username as string, credential: credential as string } : {}
  return { urls: list as string[], ...login }
}

const isPlace = (place = ''): boolean => {
  const found = PLACE.exec(place)
  const port = Number(found?.[1] ?? 1)
  return found !== null && port > 0 && port <= PORT_MAX
}

const SHOWN_MAX = 80
const shown = (value: unknown): string =>
  (typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? 'a list' : String(value)).slice(
    0,
    SHOWN_MAX,
  )

const bad = (what: string): SametickError =>
  new SametickError('bad_request', `${what}: good ones are [${STUN}] and [${TURN}].`)
