import { SametickError } from '../app/errors.ts'
import { LIMITS } from '../core/limits.ts'
import { DISCIPLINES } from '../core/session/options.ts'
import type { ServerOptions, SessionOptions } from './options.ts'

/** A server is not opened with what no session could be run by. */
export const checkSettings = (settings: ServerOptions): void => {
  const { ws, tcp, udp, sessions, sessionsMax, roomsMax, origins } = settings
  for (const [name, port] of Object.entries({ ws, tcp, udp }))
    if (!isWhole(port, 0, 65_535)) wrong(name, port, 'a port from 0 to 65535')
  if (!isWhole(sessionsMax, 1, Number.MAX_SAFE_INTEGER))
    wrong('sessionsMax', sessionsMax, 'a whole number from 1')
  if (!isWhole(roomsMax, 0, Number.MAX_SAFE_INTEGER)) wrong('roomsMax', roomsMax, 'a whole number from 0')
  for (const origin of origins ?? [])
    if (!isOrigin(origin))
      wrong('origins', origin, "an origin as browsers name it, like 'https://play.example', or '*'")
  checkSession(settings, '')
  if (typeof sessions !== 'object') return
  const { fps, app, instances, discipline, k, margin, members } = settings
  const all = { fps, app, instances, discipline, k, margin, members } as SessionOptions
  for (const [name, own] of Object.entries(sessions)) checkSession({ ...all, ...own }, `sessions['${name}'].`)
}

const checkSession = (options: SessionOptions, of: string): void => {
  const { fps, app, instances, discipline, k, margin, members } = options
  if (!isWhole(fps, 1, LIMITS.fps_max)) wrong(`${of}fps`, fps, `a whole number from 1 to ${LIMITS.fps_max}`)
  if (app !== undefined && (typeof app !== 'string' || app === ''))
    wrong(`${of}app`, app, 'an id like rect@1')
  for (const [name, count] of Object.entries({ instances, members }))
    if (!isWhole(count, name === 'members' ? 1 : 0, LIMITS.members_max))
      wrong(`${of}${name}`, count, `a whole number up to ${LIMITS.members_max}`)
  if (instances !== undefined && members !== undefined && instances > members)
    wrong(`${of}instances`, instances, `no more than its members, ${members}`)
  if (discipline !== undefined && !DISCIPLINES.includes(discipline))
    wrong(`${of}discipline`, discipline, `one of ${DISCIPLINES.join(', ')}`)
  for (const [name, length] of Object.entries({ k, margin }))
    if (length !== undefined && !(Number.isFinite(length) && length >= 0))
      wrong(`${of}${name}`, length, 'a number from 0')
}

const isWhole = (value: number | undefined, least: number, most: number): boolean =>
  value === undefined || (Number.isInteger(value) && value >= least && value <= most)

/** `https://play.example`, or `*` for all. */
export const isOrigin = (text: string): boolean => {
  if (text === '*') return true
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}

const wrong = (name: string, value: unknown, right: string): never => {
  throw new SametickError('bad_request', `${name} is ${String(value)}: give it ${right}.`)
}
