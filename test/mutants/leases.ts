import type { StoryOptions } from '../../src/lab/faults/draw.ts'
import type { Mutant } from './mutant.ts'

const LEASES = 'core/session/leases.ts'
const ROUNDS = 'core/session/rounds.ts'

/** Hostile parties, and time for it to matter. */
const HOSTILE: StoryOptions = {
  kinds: ['lies', 'bursts'],
  always: ['lies'],
  discipline: 'gals',
  trouble: 40_000_000,
}

const HEARD = 'member.owes === 0 && now - member.heardAt <= patient && member.trusted(now)'

/** Leases and grants: rules 4 and 5, and 7 as far as it speaks of them. */
export const LEASE_RULES: readonly Mutant[] = [
  {
    name: 'one that has not answered gets a new lease with the sync',
    seed: 4,
    rule: 'rule 4: never for one that has not answered',
    file: ROUNDS,
    find: `      if (round.deadlines.has(member.id) && leases.feeds(now, member))
        promises.set(member.id, ledger.promiseOf(member))
`,
    replace: `      if (leases.feeds(now, member))
        promises.set(member.id, round.deadlines.has(member.id) ? ledger.promiseOf(member) : -1)
`,
    by: ['P3'],
  },
  {
    name: 'a replaced lease is below the promise',
    seed: 17,
    rule: 'rule 4: max(L, its promise just before)',
    file: LEASES,
    find: 'const lease = Math.max(this.reckoning.dueGrant(now), promise)',
    replace: 'const lease = Math.min(this.reckoning.dueGrant(now), promise)',
    by: ['P3', 'P5'],
  },
  {
    name: 'a grant counts only when the next one is sent',
    seed: 1,
    rule: 'grant in force: the largest sent, received or not',
    file: LEASES,
    find: '      member.grant = this.granted\n',
    replace: '      member.grant = this.granted - 1\n',
    by: ['P3'],
  },
  {
    name: 'a long lease is sent and not written down',
    seed: 4,
    rule: 'grant in force: the largest sent, received or not',
    file: LEASES,
    find: '    if (tick <= member.grant) return NO_LEASE\n    member.grant = tick\n',
    replace: '    if (tick <= member.grant) return NO_LEASE\n',
    by: ['P3'],
  },
  {
    name: 'what the last was granted before all had left is granted to the next',
    story: 'a grant from before all have left',
    rule: 'horizon: the grants follow the clock of the sequencer',
    file: LEASES,
    find: '    this.granted = Math.min(this.granted, ledger.top())\n',
    replace: '',
    by: ['P7'],
  },
  {
    name: 'the reference goes back behind what is stamped when all have left',
    story: 'a stamp from before all have left',
    rule: 'P7: one who falls silent delays events by a lease at most, once',
    file: LEASES,
    find: '    if (ledger.members.size === 0) ledger.rest()\n',
    replace: '',
    by: ['P7'],
  },
  {
    name: 'a grant overtakes the stamp that was just given',
    seed: 1,
    rule: 'stamp rule: at that moment above every promise',
    file: ROUNDS,
    find: `        this.stampDirect()
        continue
`,
    replace: `        const held = this.desk.out.take().slice()
        this.stampDirect()
        const late = this.desk.out.take().slice()
        for (const each of held) this.desk.out.push(each)
        for (const member of this.desk.ledger.members.values()) {
          member.grant = this.desk.ledger.highest + 1
          this.desk.send(member, encode.grant(member.grant, 0))
        }
        for (const each of late) this.desk.out.push(each)
        continue
`,
    by: ['P1', 'P3', 'P5'],
  },
  {
    name: 'the lease of one that owes an answer is renewed',
    seed: 2,
    rule: 'rule 5: and owing no answer to a round that has stopped waiting',
    file: LEASES,
    find: HEARD,
    replace: 'now - member.heardAt <= patient && member.trusted(now)',
    by: ['P7'],
    stories: HOSTILE,
  },
  {
    name: 'the lease of one that is silent is renewed, whatever it owes',
    seed: 2,
    rule: 'rule 5: otherwise a dead one would delay every event until its eviction',
    file: LEASES,
    find: HEARD,
    replace: 'patient > 0 && member.seasoned',
    by: ['P7'],
    stories: HOSTILE,
  },
  {
    name: 'any answer pays what is owed',
    seed: 4,
    rule: 'rule 2: an answer for another round changes nothing',
    file: 'core/session/sequencer.ts',
    find: 'if (member.owes === ack.round) member.owes = 0',
    replace: 'member.owes = 0',
    by: ['P7'],
    stories: HOSTILE,
  },
  {
    name: 'a lying deadline is believed',
    seed: 288,
    rule: 'rule 7: one that repeatedly sets the stamp alone gets just-in-time leases',
    file: ROUNDS,
    find: '    if (top - second <= stated) return\n',
    replace: '    if (top - second <= 1_000_000) return\n',
    by: ['P7'],
    stories: HOSTILE,
  },
  {
    name: 'one that is not trusted is waited for',
    seed: 288,
    rule: 'rule 7: it is not waited for',
    file: 'core/session/member.ts',
    find: 'return this.seasoned && now >= this.distrustedUntil',
    replace: 'return this.seasoned && now >= 0',
    by: ['P7'],
    stories: HOSTILE,
  },
  {
    name: 'long leases are renewed too late',
    seed: 12,
    rule: 'rule 5: heartbeats every second in an idle session',
    file: 'core/session/beats.ts',
    find: 'const IDLE: Micros = SECOND\n',
    replace: 'const IDLE: Micros = 6 * SECOND\n',
    by: ['P7', 'P9'],
  },
  {
    name: 'who gets no long lease is not fed either',
    seed: 3,
    rule: 'rule 5: just-in-time grants go to every member',
    file: LEASES,
    find: 'return this.short || member.fed || !member.trusted(now)',
    replace: 'return this.short',
    by: ['P7', 'P6'],
  },
  {
    name: 'a want is believed',
    seed: 20,
    rule: "stamp rule: want is first cut to its source's promise",
    file: 'core/session/sequencer.ts',
    find: 'const want = this.started ? this.reckoning.wanted(now, emit.want, this.ledger.promiseOf(member)) : 0',
    replace: 'const { want } = emit',
    by: ['P7'],
    stories: { ...HOSTILE, kinds: ['lies', 'bursts', 'limits'], always: ['lies', 'bursts', 'limits'] },
  },
  {
    name: 'a way down is believed, however long',
    seed: 129,
    rule: 'rule 7: the damage is its way down (capped)',
    file: 'core/session/sequencer.ts',
    find: 'member.down.set(Math.min(pulse.down, most), Math.min(pulse.spread, most))',
    replace: 'member.down.set(pulse.down, pulse.spread)',
    by: ['P7'],
    stories: { ...HOSTILE, discipline: 'horizon' },
  },
]
