import type { Player } from 'sametick'
import { type Board, SEATS } from './board.ts'
import { rowsSince } from './strokes.ts'

const NAMES = [
  'Ada',
  'Bela',
  'Cleo',
  'Dora',
  'Emil',
  'Finn',
  'Gwen',
  'Hugo',
  'Iris',
  'Jona',
  'Kaja',
  'Lino',
] as const
const COLOURS = [
  '#d9480f',
  '#2b6be0',
  '#2f9e58',
  '#8a4fd8',
  '#c2255c',
  '#0b8494',
  '#a67c00',
  '#5c6370',
] as const
const NAME_MAX = 12

export const colourOf = (slot: number): string => COLOURS[slot % COLOURS.length] as string

/** What others say may be anything. */
export const nameOf = ({ slot, data }: Player): string =>
  typeof data === 'string' && data.trim() !== '' ? data.trim().slice(0, NAME_MAX) : `Page ${slot + 1}`

/** The name in the page's address, or the one that it had before it was loaded again, or one by chance. */
export const ownName = (): string => {
  const name =
    new URLSearchParams(location.search).get('name') ??
    sessionStorage.getItem('drawing name') ??
    (NAMES[Math.floor(Math.random() * NAMES.length)] as string)
  sessionStorage.setItem('drawing name', name)
  return name
}

export const isAway = (board: Board, { slot, here }: Player): boolean =>
  !here || (slot < SEATS && board.left[slot] !== 0 && board.back[slot] === 0)

/** Whether somebody was away at a tick, the last time that it was away. */
export const wasAway = ({ left, back }: Board, slot: number, tick: number): boolean => {
  const [from = 0, to = 0] = [left[slot], back[slot]]
  return from > 0 && tick >= from && (to === 0 || tick < to)
}

/** Said of one who is gone without a word, and whose drawing nobody knows. */
export const OUT_OF_REACH = 'out of reach'

/** What is to be told of one of those who draw. */
export interface Person {
  readonly name: string
  readonly colour: string
  readonly isOwn: boolean
  readonly isAway: boolean
  readonly note: string
}

const wait = (count: number): string => (count === 1 ? '1 stroke waits' : `${count} strokes wait`)

/** Everybody who takes part, with what is known of them from here. `alone`: the tick since which nobody else is linked. */
export const peopleOf = (
  board: Board,
  players: readonly Player[],
  me: number,
  sum: number,
  neighbours: readonly number[],
  alone: number | undefined,
): Person[] => {
  const people = players.map((player): Person => {
    const { id, slot } = player
    const isOwn = id === me
    const away = isOwn ? alone !== undefined : isAway(board, player)
    /** What its own page has that the others lack, or the others what it lacks. */
    const waiting = (): number =>
      rowsSince(board, (isOwn ? alone : board.left[slot]) ?? 0, (owner) => (owner === id) === isOwn).length
    const note = (): string => {
      const count = away ? waiting() : 0
      if (isOwn) return count > 0 ? `${wait(count)} here` : ''
      if (away) return count > 0 ? `offline, ${wait(count)}` : 'offline'
      if (alone !== undefined) return OUT_OF_REACH
      if (board.told[slot] === sum) return 'has the same'
      return neighbours.includes(id) ? 'not yet the same' : OUT_OF_REACH
    }
    return { name: nameOf(player), colour: colourOf(slot), isOwn, isAway: away, note: note() }
  })
  const isThere = ({ isOwn, isAway, note }: Person): boolean => isOwn || !(isAway || note === OUT_OF_REACH)
  return [...people.filter(isThere), ...people.filter((person) => !isThere(person))]
}
