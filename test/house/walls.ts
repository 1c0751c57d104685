import { builtinModules } from 'node:module'
import { impuritiesOf, realTimesOf } from './pure.ts'
import { type Finding, findingAt, importsOf, readSources, type Source } from './source.ts'

/** What a room may import. A room that is not listed may import every other but those that are closed. */
interface Room {
  /** The rooms that it may import, beside itself; undefined: any that is not closed. */
  readonly rooms?: readonly string[]
  /** Whether it may import packages and modules of Node's. */
  readonly outside: boolean
  /** Who may import it; undefined: anybody. */
  readonly openTo?: readonly string[]
  /** Finds what it may not see of the machine that it runs on. */
  readonly impurities?: (source: Source) => Finding[]
}

const ANY_ROOM: Room = { outside: true }

const ROOMS: Readonly<Record<string, Room>> = {
  core: { rooms: [], outside: false, impurities: impuritiesOf },
  transport: { rooms: ['core'], outside: true },
  lab: { rooms: ['core', 'app', 'deterministic'], outside: false, openTo: ['cli'], impurities: realTimesOf },
  cli: { outside: true, openTo: [] },
}

/** What speaks of messages and of their meaning: a transport carries bytes and knows none of it. */
const MESSAGES = /^src\/core\/((session|peer|machine)\/|wire\/codec\.ts$|(.*\/)?messages\.ts$)/

/** `src/lab/net/link.ts` is in room `lab`; `src/index.ts` is in none. */
const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1]

/** Why this import goes through a wall, or undefined. `path` is undefined for what is not of this project. */
const wallBetween = (from: string, name: string, path: string | undefined): string | undefined => {
  const room = roomOf(from)
  const may = (room && ROOMS[room]) || ANY_ROOM
  if (path === undefined) {
    if (!may.outside) return `${room} imports ${name}: it may import nothing from outside the project`
    if (builtinModules.includes(name)) return `imports ${name}: write node:${name}`
    return undefined
  }
  if (!path.startsWith('src/')) return `imports ${name}: what is in src may not leave src`
  const target = roomOf(path)
  if (target === room) return undefined
  if (may.rooms && !(target && may.rooms.includes(target)))
    return `${room} imports ${target ?? path}: it may import ${['itself', ...may.rooms].join(' and ')} only`
  const openTo = target && ROOMS[target]?.openTo
  if (openTo && !(room && openTo.includes(room)))
    return `${room ?? from} imports ${target}: ${openTo.length > 0 ? `only ${openTo.join(' and ')} may` : 'nobody may'}`
  if (room === 'transport' && MESSAGES.test(path))
    return `transport imports ${path}: a transport knows bytes and addresses, nothing of messages`
  return undefined
}

/** Every place where the walls between the rooms are broken. */
export const brokenWalls = (sources: readonly Source[]): Finding[] =>
  sources.flatMap((source) => {
    const found: Finding[] = []
    for (const { name, offset, path } of importsOf(source)) {
      const wall = wallBetween(source.path, name, path)
      if (wall) found.push(findingAt(source, offset, 'wall', wall))
    }
    const room = roomOf(source.path)
    const impurities = room && ROOMS[room]?.impurities
    if (impurities) found.push(...impurities(source))
    return found
  })

export const checkWalls = (root: string): Finding[] => brokenWalls(readSources(root, 'src'))
