import { MILLISECOND, type Micros, SECOND } from '../../core/timeline/tick.ts'
import { Tape } from '../tape.ts'
import { pictureOf } from './picture.ts'
import { type Played, type PlayOptions, play } from './play.ts'
import type { Story } from './story.ts'
import { violationInWords, wordsOf } from './words.ts'

export interface TellOptions {
  /** The stretch of it that is told line by line and drawn. Undefined: where something is wrong, or begins. */
  readonly from?: Micros
  /** How long that is. */
  readonly lasts?: Micros
}

export interface Told {
  /** Who takes part and what befalls them. */
  readonly words: readonly string[]
  readonly isWrong: boolean
  /** What came of it. */
  readonly outcome: readonly string[]
  readonly from: Micros
  readonly until: Micros
  /** Each message as it arrives, each fault and each end, of the stretch. */
  readonly lines: readonly string[]
  readonly picture: string
}

const LASTS: Micros = SECOND
/** So much of the stretch is before what it is about. */
const BEFORE = 0.3

/** Play a story once more and tell it: in words, line by line, and as a drawing. */
export const tell = (story: Story, { from, lasts = LASTS }: TellOptions = {}): Told => {
  const first = from ?? Math.max(0, centreOf(story) - BEFORE * lasts)
  const until = first + lasts
  const lines: string[] = []
  const line = (text: string): void => {
    const at = Number.parseFloat(text) * MILLISECOND
    if (at >= first && at <= until) lines.push(text)
  }
  const tape = new Tape(first, until)
  const played = tried(story, { eager: true, line, tape })
  tape.cut()
  return {
    words: wordsOf(story),
    isWrong: 'error' in played || !played.findings.clean,
    outcome: 'error' in played ? [`A machine fails: ${played.error}`] : outcomeOf(played),
    from: first,
    until,
    lines,
    picture: pictureOf(story, tape),
  }
}

const tried = (story: Story, options: PlayOptions = {}): Played | { readonly error: string } => {
  try {
    return play(story, options)
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

const outcomeOf = ({ findings, length }: Played): string[] => {
  const { ticks, events, freezes, departures } = findings.coverage
  return [
    `${(length / SECOND).toFixed(1)} s long; ${ticks} ticks run and ${events} events agreed on; ${freezes} freezes seen, ${departures} departures.`,
    ...(findings.clean ? ['All invariants hold.'] : findings.violations.map(violationInWords)),
  ]
}

/** What a story is about: where something is wrong, or else the first thing that befalls somebody. */
const centreOf = (story: Story): Micros => {
  const played = tried(story)
  const wrong = 'error' in played ? undefined : played.findings.violations[0]
  if (wrong !== undefined) return wrong.at
  const befalls = story.deeds.filter(({ kind }) => kind !== 'emits')
  const first = Math.min(...(befalls.length > 0 ? befalls : story.deeds).map(({ at }) => at))
  return Number.isFinite(first) ? first : SECOND
}
