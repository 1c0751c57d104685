import type { Mutant } from './mutant.ts'

const LEDGER = 'core/session/ledger.ts'
const ROUNDS = 'core/session/rounds.ts'

const LAST = 'Math.max(base, this.lastStampOf(source), this.lastStampOf(member), at)'
const TOP = '    const promise = desk.ledger.top()\n'

/** The stamp rule of section 2, and the first implementation's. */
export const STAMPS: readonly Mutant[] = [
  {
    name: 'the stamp is the highest answer, whoever has not answered',
    seed: 4,
    rule: 'stamp rule: above every promise; the first implementation',
    file: ROUNDS,
    find: TOP,
    replace: `    const answers = [...(desk.ledger.rounds[0]?.deadlines.values() ?? [])]
    const promise = answers.length > 0 ? Math.max(desk.ledger.floor, ...answers) - 1 : desk.ledger.top()
`,
    by: ['P1', 'P4', 'P5'],
  },
  {
    name: 'the deadline is computed a second time, by the sequencer',
    seed: 4,
    rule: 'a deadline is computed once by the instance and never recomputed elsewhere; the first implementation',
    file: ROUNDS,
    find: TOP,
    replace: `    const want = Math.max(...events.map((each) => each.want))
    const computed = tickFrom(want + this.reckoning.reach, this.reckoning.fps) - 1
    const promise = desk.ledger.rounds.length > 0 ? computed : desk.ledger.top()
`,
    by: ['P1', 'P4', 'P5'],
  },
  {
    name: 'the stamp is the highest promise itself',
    seed: 1,
    rule: 'stamp rule: above every promise',
    file: ROUNDS,
    find: 'desk.ledger.stamp(promise + 1, waiting)',
    replace: 'desk.ledger.stamp(promise, waiting)',
    by: ['P4'],
  },
  {
    name: 'a stamp may be below the floor',
    seed: 1,
    rule: 'stamp rule: above the floor',
    file: LEDGER,
    find: '    let top = this.floor\n',
    replace: '    let top = BEFORE_FIRST\n',
    by: ['P4'],
  },
  {
    name: 'an answer counts one tick too low',
    seed: 4,
    rule: 'promise: its own deadline less one',
    file: LEDGER,
    find: 'deadline - 1 < promise) promise = deadline - 1',
    replace: 'deadline - 1 < promise) promise = deadline - 2',
    by: ['P3'],
  },
  {
    name: 'answers do not lower a promise',
    seed: 262,
    rule: 'promise: for every round that was answered, its deadline less one',
    file: LEDGER,
    find: 'if (deadline !== undefined && deadline - 1 < promise) promise = deadline - 1',
    replace: 'if (deadline !== undefined && deadline < 0) promise = deadline',
    by: ['P7'],
  },
  {
    name: 'the last stamp of the source is forgotten',
    seed: 4,
    rule: 'stamp rule: not below the last stamp of its source',
    file: LEDGER,
    find: LAST,
    replace: 'base',
    by: ['P2', 'P4'],
  },
  {
    name: 'a leave may come before the last event of its member',
    seed: 32,
    rule: 'stamp rule: for leave, not below the last stamp of the member',
    file: LEDGER,
    find: LAST,
    replace: 'Math.max(base, this.lastStampOf(source), at)',
    by: ['P2', 'P4'],
  },
  {
    name: 'events of the session itself may come out of order',
    seed: 71,
    rule: 'membership: their source is the sequencer, numbered like any other',
    file: LEDGER,
    find: LAST,
    replace: 'Math.max(base, this.lastStampOf(member), at)',
    by: ['P2', 'P4'],
  },
  {
    name: 'the stamp of a join does not count for its member',
    seed: 71,
    rule: 'stamp rule: such a stamp counts for both',
    file: LEDGER,
    find: '    this.lastStamps.set(member, stamp)\n',
    replace: '',
    by: ['P2', 'P4'],
  },
  {
    name: 'the end may come before other events',
    seed: 114,
    rule: 'stamp rule: end is not below any stamp',
    file: LEDGER,
    find: 'if (waiting.id === RESERVED.end) stamp',
    replace: 'if (waiting.id === RESERVED.end && stamp < 0) stamp',
    by: ['P4', 'P1', 'P5'],
    stories: { always: ['ends', 'bursts', 'cuts'], discipline: 'gals' },
  },
  {
    name: 'something is stamped after the end',
    seed: 13,
    rule: 'stamp rule: nothing is stamped after end',
    file: ROUNDS,
    find: '      if (event.id === RESERVED.end) this.ended = true\n',
    replace: '',
    by: ['P4'],
    stories: { always: ['asks'] },
  },
]
