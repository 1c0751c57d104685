import type { DamageSort } from '../damage.ts'
import { LIES } from '../liar.ts'
import type { Disorder, Way } from '../path.ts'
import { ALL_STATES, STATES, type State } from './states.ts'
import type { Deed, Story } from './story.ts'

/** Faults that befall somebody at a moment: counted then, unless a way tells of them. */
const SUDDEN = [
  'burst',
  'large',
  'ask',
  'leave',
  'kill',
  'restart',
  'comes again',
  'pause',
  'sequencer pauses',
  'slow',
  'sequencer is slow',
  'cut',
  'cut one way',
  'clog',
  'disconnect',
  'readdress',
  'message with wrong bits',
  'message cut short',
  'clock steps',
  'clock stalls',
  'clock rate',
  'close',
] as const

/** Faults that are there all along: counted once every second, but for those of `TOLD`. */
const LASTING = [
  'loss',
  'burst loss',
  'duplicates',
  'reorders',
  'datagrams with wrong bits',
  'datagrams cut short',
  'delays, even',
  'delays, heavy',
  'delays, spikes',
  'long way',
  'one way longer',
  'wild clock',
  'late timers',
  'small limits',
] as const

/**
 * What is damaged is told of by its way, each sort as it comes to pass: a deed waits for a message, which may never be
 * sent, and of all that a way carries it damages little.
 */
export const DAMAGES = {
  deed: { bits: 'message with wrong bits', end: 'message cut short' },
  way: { bits: 'datagrams with wrong bits', end: 'datagrams cut short' },
} as const satisfies Record<'deed' | 'way', Record<DamageSort, string>>

/** Each datagram that comes twice or overtakes another is counted: ways draw either for itself, and jitter overtakes too. */
export const DISORDERS = {
  twice: 'duplicates',
  overtakes: 'reorders',
} as const satisfies Record<Disorder, string>

/** Faults that are counted when a way tells of them, and not as the story has them. */
export const TOLD: ReadonlySet<string> = new Set([
  ...Object.values(DAMAGES).flatMap(({ bits, end }) => [bits, end]),
  ...Object.values(DISORDERS),
])

/** What can befall a session, in the order of the table. */
export const FAULTS: readonly string[] = [
  ...SUDDEN,
  ...Object.keys(LIES).map((what) => `lie: ${what}`),
  ...LASTING,
]

/** A way longer than this is a long one. */
const LONG = 200_000
const PPM_WILD = 1_000

/** What a deed is called in the table; undefined: it is no fault. */
export const faultOf = (deed: Deed): string | undefined => {
  switch (deed.kind) {
    case 'emits':
      if (deed.bytesMax > 16) return 'large'
      return deed.gap < 25_000 ? 'burst' : undefined
    case 'pause':
      return deed.who === 0 ? 'sequencer pauses' : 'pause'
    case 'slow':
      return deed.who === 0 ? 'sequencer is slow' : 'slow'
    case 'cut':
      return deed.which === 'both' ? 'cut' : 'cut one way'
    case 'step':
      return deed.by > 0 ? 'clock steps' : 'clock stalls'
    case 'rate':
      return 'clock rate'
    case 'lie':
      return `lie: ${deed.what}`
    case 'damage':
      return DAMAGES.deed[deed.how]
    default:
      return deed.kind
  }
}

/** What is wrong all along with a member, in words of the table. */
export const lastingOf = ({ members, session, lateness }: Story, i: number): string[] => {
  const { up, down, clock } = members[i] as Story['members'][number]
  const either = (has: (way: Way) => unknown): boolean => Boolean(has(up)) || Boolean(has(down))
  const holds: Record<(typeof LASTING)[number], boolean> = {
    loss: either(({ loss, burst }) => loss !== undefined && burst === undefined),
    'burst loss': either(({ burst }) => burst),
    duplicates: either(({ duplicate }) => duplicate),
    reorders: either(({ reorder }) => reorder),
    'datagrams with wrong bits': either(({ corrupt }) => corrupt),
    'datagrams cut short': either(({ truncate }) => truncate),
    'delays, even': either(({ shape }) => shape === 'even'),
    'delays, heavy': either(({ shape }) => shape === 'heavy'),
    'delays, spikes': either(({ shape }) => shape === 'spikes'),
    'long way': either(({ base }) => base > LONG),
    'one way longer': up.base !== down.base,
    'wild clock': Math.abs(clock.ppm) > PPM_WILD,
    'late timers': lateness > 0,
    'small limits': Object.keys(session.limits).length > 1,
  }
  return LASTING.filter((name) => holds[name])
}

/**
 * Whether a fault can befall a session in a state. Before the start nobody has begun to be what an instance can be
 * at, and what befalls the sequencer befalls no instance.
 */
export const reachable = (fault: string, state: State): boolean =>
  STATES[state] === 'session' || !OF_SEQUENCER.has(fault)

const OF_SEQUENCER: ReadonlySet<string> = new Set(['sequencer pauses', 'sequencer is slow', 'close'])

const STATE_COUNT = ALL_STATES.length
const ROW: ReadonlyMap<string, number> = new Map(FAULTS.map((fault, i) => [fault, i]))
const COLUMN: ReadonlyMap<State, number> = new Map(ALL_STATES.map((state, i) => [state, i]))

/** How often each fault befell a session in each state. */
export class Table {
  /** Row by row. */
  readonly counts: number[]

  constructor(counts?: readonly number[]) {
    this.counts = counts?.slice() ?? new Array(FAULTS.length * STATE_COUNT).fill(0)
  }

  note(fault: string, states: readonly State[]): void {
    const row = (ROW.get(fault) as number) * STATE_COUNT
    for (const state of states) {
      const at = row + (COLUMN.get(state) as number)
      this.counts[at] = (this.counts[at] as number) + 1
    }
  }

  of(fault: string, state: State): number {
    return this.counts[(ROW.get(fault) as number) * STATE_COUNT + (COLUMN.get(state) as number)] as number
  }

  add(other: Table): void {
    for (let i = 0; i < this.counts.length; i++)
      this.counts[i] = (this.counts[i] as number) + (other.counts[i] as number)
  }
}
