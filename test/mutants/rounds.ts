import type { Mutant } from './mutant.ts'

const ROUNDS = 'core/session/rounds.ts'
const SEQUENCER = 'core/session/sequencer.ts'

/** Rounds, their order and their answers: rules 1 to 3. */
export const ROUND_RULES: readonly Mutant[] = [
  {
    name: 'a direct stamp overtakes an open round',
    seed: 52,
    rule: 'rule 1: no event is stamped without a round while a round is open',
    file: ROUNDS,
    find: 'if (rounds.length === 0 && this.directIsBest(now))',
    replace: 'if (this.directIsBest(now))',
    by: ['P2'],
  },
  {
    name: 'rounds are stamped as they are answered',
    seed: 47,
    rule: 'rule 1: rounds are stamped in order',
    file: ROUNDS,
    find: '      const round = this.desk.ledger.rounds[0]\n      if (round === undefined ||',
    replace:
      '      const round = this.desk.ledger.rounds.find((each) => this.isOver(now, each))\n      if (round === undefined ||',
    also: [
      {
        file: ROUNDS,
        find: '    ledger.rounds.shift()\n',
        replace: '    ledger.rounds.splice(ledger.rounds.indexOf(round), 1)\n',
      },
    ],
    by: ['P2'],
  },
  {
    name: 'the newest round is stamped first',
    rule: 'rule 1: rounds are stamped in order',
    file: ROUNDS,
    find: '      const round = this.desk.ledger.rounds[0]\n      if (round === undefined ||',
    replace: '      const round = this.desk.ledger.rounds.at(-1)\n      if (round === undefined ||',
    also: [{ file: ROUNDS, find: '    ledger.rounds.shift()\n', replace: '    ledger.rounds.pop()\n' }],
    by: ['P2', 'error'],
  },
  {
    name: 'events of one round are taken in reverse',
    seed: 4,
    rule: 'P2: events of one source in the order of emission',
    file: ROUNDS,
    find: 'this.waiting.splice(0, this.limits.sync_events_max), this.reckoning.reach, false)',
    replace: 'this.waiting.splice(0, this.limits.sync_events_max).reverse(), this.reckoning.reach, false)',
    by: ['P2'],
  },
  {
    name: 'a round takes the newest events first',
    seed: 4,
    rule: 'rule 1: all events that wait when a round starts share it',
    file: ROUNDS,
    find: 'this.waiting.splice(0, this.limits.sync_events_max), this.reckoning.reach, false)',
    replace: 'this.waiting.splice(-this.limits.sync_events_max), this.reckoning.reach, false)',
    by: ['P2'],
    stories: { always: ['limits', 'bursts'] },
  },
  {
    name: 'an answer to another round counts',
    seed: 4,
    rule: 'rule 2: an answer for another round changes nothing',
    file: SEQUENCER,
    find: 'this.ledger.rounds.find((each) => each.number === ack.round)',
    replace: 'this.ledger.rounds[0]',
    by: ['P3', 'P1', 'P4', 'P5'],
  },
  {
    name: 'a round waits for a silent one for ever',
    rule: 'rule 3: a round stops waiting',
    file: ROUNDS,
    find: 'if (round.awaited.size === 0 || now >= round.stopAt) return true',
    replace: 'if (round.awaited.size === 0) return true',
    by: ['error', 'P7', 'P6'],
  },
  {
    name: 'a round waits for a silent one for ten times as long',
    rule: 'rule 3: so that nobody freezes for a silent instance',
    file: ROUNDS,
    find: 'awaited, now, now + reach, again)',
    replace: 'awaited, now, now + 10 * reach, again)',
    by: ['P7'],
  },
  {
    name: 'a round that is asked again leaves the first deadline armed',
    seed: 4,
    rule: 'rule 3: nobody keeps a deadline of a round that is over',
    file: ROUNDS,
    find: '    this.desk.sendAll(encode.sync(this.epoch, round.number, NO_LEASE, []))\n',
    replace: '',
    by: ['P7', 'P6'],
  },
  {
    name: 'a round is asked again though later ones are open',
    seed: 4,
    rule: 'rule 1: rounds are stamped in order',
    file: ROUNDS,
    find: 'return desk.ledger.rounds.length === 1 && desk.ledger.top() > answered',
    replace: 'return desk.ledger.top() > answered',
    by: ['P2', 'P4'],
  },
  {
    name: 'the round ends with the first of several messages',
    rule: 'sync: each event with its own stamp, before the round is over',
    file: 'core/session/log.ts',
    find: 'messages.push(encode.sync(epoch, 0, NO_LEASE, events.slice(from, i)))',
    replace: 'messages.push(encode.sync(epoch, round, NO_LEASE, events.slice(from, i)))',
    by: ['P1', 'P3', 'P5'],
    stories: { always: ['large', 'bursts'] },
  },
]
