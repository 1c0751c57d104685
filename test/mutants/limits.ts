import type { StoryOptions } from '../../src/lab/faults/draw.ts'
import type { Mutant } from './mutant.ts'

const INSTANCE = 'core/session/instance.ts'
const SEQUENCER = 'core/session/sequencer.ts'
const CROWDED: StoryOptions = { always: ['limits', 'bursts'] }

/** P8: every queue has a limit. */
export const LIMIT_RULES: readonly Mutant[] = [
  {
    name: 'the queue of those that wait has no end',
    seed: 148,
    rule: 'P8: waiting_max',
    file: SEQUENCER,
    find: "    if (this.rounds.waiting.length >= this.limits.waiting_max) return 'busy'\n",
    replace: '',
    by: ['P8'],
    stories: CROWDED,
  },
  {
    name: 'any number of rounds is open',
    seed: 8,
    rule: 'P8: rounds_max',
    file: 'core/session/rounds.ts',
    find: 'if (rounds.length >= this.limits.rounds_max ||',
    replace: 'if (',
    by: ['P8', 'error'],
    stories: CROWDED,
  },
  {
    name: 'the log has no end',
    seed: 14,
    rule: 'P8: log_events_max',
    file: 'core/session/log.ts',
    find: 'if (this.count > this.limits.log_events_max ||',
    replace: 'if (',
    by: ['P8'],
    stories: CROWDED,
  },
  {
    name: 'one member more than there may be is admitted',
    seed: 23,
    rule: 'P8: members_max',
    file: 'core/session/admission.ts',
    find: 'if (this.ledger.members.size >= room)',
    replace: 'if (this.ledger.members.size > room)',
    by: ['P8'],
    stories: { always: ['limits', 'latecomers'] },
  },
  {
    name: 'an instance holds any number of events',
    seed: 62,
    rule: 'P8: pending_max',
    file: INSTANCE,
    find: 'if (this.timeline.pending > this.limits.pending_max)',
    replace: 'if (this.timeline.pending > 1e12)',
    by: ['P8'],
    stories: CROWDED,
  },
  {
    name: 'a source has any number of events under way',
    seed: 2,
    rule: 'P8: unstamped_max',
    file: INSTANCE,
    find: "    if (this.unstamped >= this.limits.unstamped_max) return 'busy'\n",
    replace: '',
    by: ['P8'],
    stories: CROWDED,
  },
  {
    name: 'any round trip is reckoned with',
    seed: 14,
    rule: 'RTT: bounded above',
    file: 'core/session/reckoning.ts',
    find: 'k * Math.min(trip, this.limits.rtt_max)',
    replace: 'k * trip',
    also: [
      {
        file: SEQUENCER,
        find: 'if (trip < 0 || trip > this.limits.rtt_max) return',
        replace: 'if (trip < 0) return',
      },
      {
        file: 'core/session/reckoning.ts',
        find: 'patience(trips, PRICE_OF_A_CUT, this.limits.rtt_max)',
        replace: 'patience(trips, PRICE_OF_A_CUT, 1e12)',
      },
    ],
    by: ['P7'],
    stories: {
      kinds: ['limits', 'badLinks', 'bursts'],
      always: ['limits', 'badLinks', 'bursts'],
      discipline: 'gals',
      trouble: 40_000_000,
    },
  },
]
