import type { Mutant } from './mutant.ts'

const CLOCK = 'core/session/clock.ts'
const INSTANCE = 'core/session/instance.ts'
const PACER = 'core/timeline/pacer.ts'
const STANCE = 'core/session/stance.ts'

/** Heartbeats, clocks, pace and the reference. */
export const TIME_RULES: readonly Mutant[] = [
  {
    name: 'drift is made good in the wrong direction',
    rule: 'drift: behind, an instance shortens its ticks; ahead, it stretches them',
    file: STANCE,
    find: 'this.clock.reference(now) - this.pacer.position(now)\n',
    replace: 'this.pacer.position(now) - this.clock.reference(now)\n',
    by: ['P9'],
  },
  {
    name: 'drift is not made good',
    rule: 'drift: until the distance is gone',
    file: STANCE,
    find: 'const CLOSE_ENOUGH: Micros = 1 * MILLISECOND\n',
    replace: 'const CLOSE_ENOUGH: Micros = 200 * MILLISECOND\n',
    by: ['P9'],
  },
  {
    name: 'ticks are shortened by more than a fifth',
    rule: 'drift: by at most 20 %',
    file: PACER,
    find: 'export const FASTEST = 1.25\n',
    replace: 'export const FASTEST = 2\n',
    by: ['P9'],
  },
  {
    name: 'one that is ahead goes back',
    rule: 'drift: time never jumps and never runs backward',
    file: PACER,
    find: '    this.anchor(now, position)\n    if (distance === 0 ||',
    replace: '    this.anchor(now, Math.min(position, position + distance))\n    if (distance <= 0 ||',
    by: ['P9', 'error'],
  },
  {
    name: 'one that is far behind does not catch up',
    rule: 'drift: one more than 250 ms behind runs unthrottled',
    file: STANCE,
    find: 'if (distance > CATCH_UP) this.leaping = true',
    replace: 'if (distance > 1e12) this.leaping = true',
    by: ['P7', 'P9'],
  },
  {
    name: 'the reference is not held after a pause',
    rule: 'drift: after a freeze of everybody the reference is set to the highest tick run',
    file: 'core/session/sequencer.ts',
    find: '      this.reckoning.hold(now)\n      this.rounds.advance(now)\n',
    replace: '      this.rounds.advance(now)\n',
    by: ['P9'],
    stories: { always: ['sequencerPauses'] },
  },
  {
    name: 'the whole round trip is taken for the way down',
    rule: 'P9: half the least RTT',
    file: CLOCK,
    find: 'clock + Math.max(0, trip) / 2 - now',
    replace: 'clock + Math.max(0, trip) - now',
    by: ['P9'],
    stories: { always: ['asymmetry'] },
  },
  {
    name: 'the age of a sample does not count',
    rule: 'P9: and drift since the sample',
    file: CLOCK,
    find: 'return (this.trips[i] as number) / 2 + (now - (this.taken[i] as number)) * DRIFT',
    replace: 'return (this.trips[i] as number) / 2 + (now - (this.taken[i] as number)) * 1e-9',
    by: ['P9'],
  },
  {
    name: 'what was held counts as the way, at the instance',
    rule: "RTT: samples come from every heartbeat's echo",
    file: INSTANCE,
    find: 'now - echo - held, held)',
    replace: 'now - echo, held)',
    by: ['P9'],
  },
  {
    name: 'what was held counts as the way, at the sequencer',
    rule: "RTT: samples come from every heartbeat's echo",
    file: 'core/session/sequencer.ts',
    find: 'now - pulse.echo - pulse.held)',
    replace: 'now - pulse.echo)',
    by: ['P7'],
  },
  {
    name: 'no heartbeat while frozen',
    rule: 'rule 5: heartbeats on a real-time timer, also while frozen',
    file: INSTANCE,
    find: 'if (now >= this.nextPulse) this.pulse(now)',
    replace:
      'if (now >= this.nextPulse && this.stance.isFrozen()) this.nextPulse = now + this.interval\n    if (now >= this.nextPulse) this.pulse(now)',
    by: ['P7'],
  },
  {
    name: 'an instance that hears nothing gives up at once',
    rule: 'rule 5: a heartbeat every second in an idle session',
    file: INSTANCE,
    find: 'if (now - this.heardAt > this.limits.silence_max) return',
    replace: 'if (now - this.heardAt > 900_000) return',
    by: ['P7'],
  },
  {
    name: 'a correction goes on though better is known',
    rule: 'drift: until the distance is gone',
    file: STANCE,
    find: ' || this.pacer.correctingAt(now))',
    replace: ')',
    by: ['P9'],
  },
  {
    name: 'a clock that parts fast from the other is not heard any more',
    rule: 'P9: half the least RTT, and drift since the sample',
    file: INSTANCE,
    find: 'if (echo > 0 && now !== heard)',
    replace: 'if (echo > 0 && now !== heard && now - echo - held >= 0)',
    by: ['P6', 'P7', 'P9'],
    stories: { always: ['wildClocks'] },
  },
]
