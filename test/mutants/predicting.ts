import type { Mutant } from './mutant.ts'

const GUESSES = 'core/session/guesses.ts'
const stories = { always: ['predicts'] as const }

/** Prediction: what a predicting source asks for, and what an instance makes of its guesses. */
export const PREDICTION_RULES: readonly Mutant[] = [
  {
    name: 'a tick that is asked for is given, whatever was promised',
    seed: 2,
    rule: 'stamp rule: at raises a stamp, and does nothing else',
    file: 'core/session/ledger.ts',
    find: 'Math.max(base, this.lastStampOf(source), this.lastStampOf(member), at)',
    replace: 'at >= 0 ? at : Math.max(base, this.lastStampOf(source), this.lastStampOf(member))',
    by: ['P4', 'P5', 'P1'],
    stories,
  },
  {
    name: 'a tick may be asked for however far it is',
    seed: 23,
    rule: 'stamp rule: at is cut to what at_ahead_max allows',
    file: 'core/session/reckoning.ts',
    find: 'Math.min(at, tickFrom(soonest + this.limits.at_ahead_max, this.fps) + 1)',
    replace: 'Math.max(at, Math.min(at, soonest))',
    by: ['P7', 'P6'],
    stories: { always: ['predicts', 'lies', 'leaves', 'kills'] },
  },
  {
    name: 'an event that comes for a guessed tick changes nothing',
    seed: 3,
    rule: "prediction: others' events arrive for ticks already guessed and roll them back",
    file: GUESSES,
    find: '    this.change(event.stamp)\n    this.insert(event)\n  }',
    replace: '    this.insert(event)\n  }',
    by: ['P1'],
    stories,
  },
  {
    name: 'an own event stays where it was guessed, though its tick is certain without it',
    seed: 2,
    rule: 'prediction: only confirmed ticks count',
    file: 'core/session/predicting.ts',
    find: '    this.guesses.notBefore(due + 1)\n',
    replace: '',
    by: ['P1'],
    stories,
  },
  {
    name: 'an own event that was stamped elsewhere stays where it was guessed, too',
    seed: 4,
    rule: 'prediction: an own event stamped elsewhere than guessed is moved',
    file: GUESSES,
    find: '      this.change(guess.tick)\n      this.change(event.stamp)\n',
    replace: '      this.change(event.stamp)\n',
    by: ['P1'],
    stories,
  },
  {
    name: 'guesses are taken for certain',
    seed: 2,
    rule: 'P3: no instance confirms a tick above its promise',
    file: 'core/session/predicting.ts',
    find: '    return this.local < this.sure ? super.take(now) : undefined\n',
    replace: '    return super.take(now)\n',
    by: ['P1', 'P3'],
    stories,
  },
]
