import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { Violation } from '../checks.ts'
import type { Way } from '../path.ts'
import type { ClockStory, Deed, MemberStory, Shrunk, ShrunkChannel, Story } from './story.ts'

/** A story in words, a line for each thing in it: whoever takes part, then what happens. */
export const wordsOf = (story: Story): string[] => {
  const there = story.members.flatMap((member, i) =>
    member.at === null ? [] : [memberInWords(member, i + 1)],
  )
  const deeds = story.deeds.toSorted((a, b) => a.at - b.at).map(deedInWords)
  return [sessionInWords(story), '', ...there, '', ...deeds]
}

export const violationInWords = ({ invariant, at, what }: Violation): string =>
  `${seconds(at)}  ${invariant} does not hold: ${what}`

const sessionInWords = ({ seed, session, clock, lateness }: Story): string => {
  const { fps, discipline, size, k, margin, reference, limits, channel } = session
  return [
    `Seed ${seed}: ${fps} FPS in ${discipline}`,
    ...(k === undefined ? [] : [`k = ${k}`]),
    ...(margin === undefined ? [] : [`margin ${margin} µs`]),
    ...(reference === 'fastest' ? ['the fastest is the reference'] : []),
    size === 0 ? 'begins with the first' : `begins with ${size}`,
    ...clockInWords(clock),
    ...(lateness > 0 ? [`timers late by ${ms(lateness)}`] : []),
    ...Object.entries({ ...limits, ...channel }).map(
      ([name, value]) => `${name} = ${limitInWords(name, value)}`,
    ),
  ].join(', ')
}

/** Limits that are lengths of time; of all others it is a number. */
const LENGTHS: ReadonlySet<string> = new Set<keyof Shrunk | keyof ShrunkChannel>([
  ...(['rtt_max', 'lead_max', 'at_ahead_max', 'silence_max', 'grant_gap_min'] as const),
  ...(['repeat_age', 'ack_delay', 'ack_gap', 'probe_first', 'probe_max'] as const),
  ...(['opening_pause', 'opening_max', 'keepalive', 'closing_max', 'cookie_slot'] as const),
])

const limitInWords = (name: string, value: number): string => (LENGTHS.has(name) ? ms(value) : String(value))

const memberInWords = (
  { at, up, down, clock, datagrams, predicts, after }: MemberStory,
  who: number,
): string => {
  const one = wayInWords(up)
  const other = wayInWords(down)
  return [
    `${seconds(at ?? 0)}  ${who} comes${after === undefined ? '' : ` where ${after} was`}, ${datagrams ? 'over datagrams' : 'over a stream'}${predicts ? ', and predicts' : ''}`,
    ...(one === other ? [`ways of ${one}`] : [`way up of ${one}`, `way down of ${other}`]),
    ...clockInWords(clock),
  ].join(', ')
}

const clockInWords = ({ ppm }: ClockStory): string[] =>
  ppm === 0 ? [] : [`clock ${ppm > 0 ? 'fast' : 'slow'} by ${ppmInWords(Math.abs(ppm))}`]

const ppmInWords = (ppm: number): string => (ppm >= 10_000 ? `${(ppm / 10_000).toFixed(1)} %` : `${ppm} ppm`)

const wayInWords = ({
  base,
  jitter,
  shape,
  loss,
  burst,
  duplicate,
  reorder,
  corrupt,
  truncate,
}: Way): string =>
  [
    ms(base),
    ...(jitter > 0 ? [`+ ${ms(jitter)}${shape === undefined ? '' : ` ${shape}`}`] : []),
    ...part('lost', loss, burst === undefined ? '' : ` in bursts of ${burst.mean}`),
    ...part('doubled', duplicate),
    ...part('reordered', reorder),
    ...part('with wrong bits', corrupt),
    ...part('cut short', truncate),
  ].join(' ')

const part = (what: string, share: number | undefined, more = ''): string[] =>
  share ? [`${(100 * share).toFixed(1)} % ${what}${more}`] : []

const nameOf = (who: number): string => (who === 0 ? 'the sequencer' : `${who}`)

const lasting = (lasts: Micros | null): string => (lasts === null ? '' : ` for ${ms(lasts)}`)

const hears = (after: Micros | null): string => (after === null ? 'never hears' : `hears after ${ms(after)}`)

const deedInWords = (deed: Deed): string => `${seconds(deed.at)}  ${nameOf(deed.who)} ${whatOf(deed)}`

const DIRECTIONS = { up: 'on the way up', down: 'on the way down', both: 'both ways' }

const whatOf = (deed: Deed): string => {
  switch (deed.kind) {
    case 'emits':
      return `emits ${deed.count} events${deed.gap > 0 ? `, one every ${ms(deed.gap)}` : ' at once'}${deed.bytesMax > 16 ? `, of up to ${deed.bytesMax} bytes` : ''}`
    case 'ask':
      return `asks for ${deed.what === 'end' ? 'the end' : `a ${deed.what}`}`
    case 'leave':
      return 'leaves'
    case 'kill':
      return `is killed, which the sequencer ${hears(deed.heardAfter)}`
    case 'disconnect':
      return `is disconnected, which it ${hears(deed.instanceAfter)} and the sequencer ${hears(deed.sequencerAfter)}`
    case 'pause':
      return `stands still${lasting(deed.lasts)}, then ${deed.first === 'timer' ? 'its timer' : 'what has come'} is first`
    case 'slow':
      return `is slow${lasting(deed.lasts)}: of every ${ms(deed.gap)} it stands still for ${ms(deed.busy)}`
    case 'cut':
      return `is cut off ${DIRECTIONS[deed.which]}${lasting(deed.lasts)}`
    case 'clog':
      return `is clogged ${DIRECTIONS[deed.which]}${lasting(deed.lasts)}`
    case 'readdress':
      return 'has another address'
    case 'damage':
      return `${deed.how === 'bits' ? 'has wrong bits' : 'is cut short'} in the next message ${DIRECTIONS[deed.which]}`
    case 'step':
      return `has its clock put ${deed.by > 0 ? 'forward' : 'back'} by ${ms(Math.abs(deed.by))}`
    case 'rate':
      return `has a clock that is ${deed.ppm > 0 ? 'fast' : 'slow'} by ${ppmInWords(Math.abs(deed.ppm))}${lasting(deed.lasts)}`
    case 'lie':
      return `${deed.what}${lasting(deed.lasts)}`
    case 'close':
      return 'ends the session for all'
  }
}

const seconds = (at: Micros): string => `${(at / SECOND).toFixed(3).padStart(8)} s`

const ms = (micros: Micros): string =>
  micros >= SECOND
    ? `${Number((micros / SECOND).toPrecision(3))} s`
    : `${Number((micros / 1_000).toPrecision(3))} ms`
