import type { Mutant } from './mutant.ts'

const LEDGER = 'core/session/ledger.ts'
const SEQUENCER = 'core/session/sequencer.ts'
const REMOVE = 'this.floor = Math.max(this.floor, Math.min(ran, this.promiseOf(member)))'

/** Who takes part: joins, departures, evictions, and rule 6. */
export const MEMBER_RULES: readonly Mutant[] = [
  {
    name: 'bye does not raise the floor',
    seed: 36,
    rule: 'rule 6: that tick, cut to its promise, goes into the floor',
    file: SEQUENCER,
    find: 'return this.depart(now, member, message.tick, undefined)',
    replace: 'return this.depart(now, member, -1, undefined)',
    by: ['P3', 'P4', 'P1'],
    stories: { always: ['leaves', 'steps'], kinds: ['bursts', 'leaves', 'steps', 'pauses', 'latecomers'] },
  },
  {
    name: 'an eviction does not raise the floor',
    seed: 7,
    rule: 'rule 6: on eviction the promise goes into the floor',
    file: SEQUENCER,
    find: 'if (member !== undefined) return this.depart(now, member, NEVER, code)',
    replace: 'if (member !== undefined) return this.depart(now, member, -1, code)',
    by: ['P3', 'P4', 'P1'],
  },
  {
    name: 'a lost connection does not raise the floor',
    seed: 1,
    rule: 'rule 6: a vanished connection gives up nothing',
    file: SEQUENCER,
    find: "if (member !== undefined) this.depart(now, member, NEVER, 'lost')",
    replace: "if (member !== undefined) this.depart(now, member, -1, 'lost')",
    by: ['P3', 'P4', 'P1'],
  },
  {
    name: 'the floor falls',
    seed: 265,
    rule: 'promises of those who left are folded into one number that never falls',
    file: LEDGER,
    find: REMOVE,
    replace: 'this.floor = Math.min(ran, this.promiseOf(member))',
    by: ['P3', 'P4', 'P1'],
  },
  {
    name: 'the evicted gets the sync of a round that it answered',
    seed: 428,
    rule: 'rule 6: nothing more is sent to the evicted, the sync of a round that it answered included',
    file: SEQUENCER,
    find: '    this.desk.sendTo(link, encode.refuse(code, hint))\n',
    replace: `    for (const round of this.ledger.rounds)
      this.desk.sendTo(link, encode.sync(this.options.epoch, round.number, -2, []))
    this.desk.sendTo(link, encode.refuse(code, hint))
`,
    by: ['P3'],
    stories: { always: ['closes', 'bursts'], discipline: 'gals' },
  },
  {
    name: 'what a source had emitted is dropped when it leaves',
    seed: 81,
    rule: 'P6: an emitted event appears in the timeline',
    file: SEQUENCER,
    find: '    this.ledger.remove(member, ran)\n',
    replace: `    this.rounds.waiting = this.rounds.waiting.filter((each) => each.source !== member.id)
    this.ledger.remove(member, ran)
`,
    by: ['P6'],
    stories: { always: ['leaves', 'bursts'] },
  },
  {
    name: 'a departure is not in the timeline',
    seed: 7,
    rule: 'membership is in the timeline: leave',
    file: SEQUENCER,
    find: 'if (!this.ended) this.rounds.addOwn(RESERVED.leave',
    replace: 'if (this.ended) this.rounds.addOwn(RESERVED.leave',
    by: ['P6'],
  },
  {
    name: 'a join comes after the first event of its member',
    seed: 21,
    rule: 'membership: join is the first of a member',
    file: SEQUENCER,
    find: `    for (const member of this.ledger.members.values()) this.addJoin(member)
    for (const event of early) if (this.ledger.members.has(event.source)) this.rounds.waiting.push(event)
`,
    replace: `    for (const event of early) if (this.ledger.members.has(event.source)) this.rounds.waiting.push(event)
    for (const member of this.ledger.members.values()) this.addJoin(member)
`,
    by: ['P2'],
  },
  {
    name: 'what was emitted before the start is lost',
    seed: 21,
    rule: 'P6: an emitted event appears in the timeline',
    file: SEQUENCER,
    find: '    for (const event of early) if (this.ledger.members.has(event.source)) this.rounds.waiting.push(event)\n',
    replace: '    early.length = 0\n',
    by: ['P2', 'P6'],
  },
  {
    name: 'a newcomer gets no membership events',
    seed: 1,
    rule: 'join: the newcomer gets the events since',
    file: 'core/session/rounds.ts',
    find: '      this.log.add(event)\n',
    replace: '      if (event.id > 0) this.log.add(event)\n',
    by: ['P1', 'P2', 'P5', 'error'],
  },
  {
    name: 'a newcomer runs on a grant that nobody wrote down',
    seed: 1,
    rule: 'join: the newcomer is then like any other',
    file: SEQUENCER,
    find: '    this.leases.feed()\n    this.addJoin(member)\n',
    replace: `    this.leases.feed()
    this.desk.send(member, encode.grant(this.ledger.top() + 1, 0))
    this.addJoin(member)
`,
    by: ['P3', 'P5', 'P1'],
  },
  {
    name: 'the silent are never given up',
    seed: 19,
    rule: 'rule 5: until its eviction',
    file: 'core/session/beats.ts',
    find: 'now - m.heardAt > this.limits.silence_max',
    replace: 'now - m.heardAt > 1e12',
    by: ['P7'],
  },
  {
    name: 'the own pause is taken for the silence of all others',
    seed: 5,
    rule: 'rule 8: the sequencer reads its queues before it judges anyone silent',
    file: SEQUENCER,
    find: '    for (const member of this.ledger.members.values()) member.heardAt += late - OWN_PAUSE\n',
    replace: '',
    by: ['P7'],
    stories: { always: ['sequencerPauses'] },
  },
  {
    name: 'who seems silent is given up before what waits is read',
    story: 'a word that waits while the sequencer wakes up',
    rule: 'rule 8: the sequencer reads its queues before it judges anyone silent',
    file: SEQUENCER,
    find: '    this.beats.suspect(now)\n',
    replace: `    this.beats.suspect(now)
    for (const member of this.beats.silent(NEVER)) this.turnAway(now, member.link, 'silent')
`,
    by: ['P7'],
  },
  {
    name: 'the own pause counts as a word from everybody',
    seed: 82,
    rule: 'rule 8: of a silence the sequencer leaves out what it was held up itself, and nothing more',
    file: SEQUENCER,
    find: '    for (const member of this.ledger.members.values()) member.heardAt += late - OWN_PAUSE\n',
    replace: '    for (const member of this.ledger.members.values()) member.heardAt = now\n',
    by: ['P7'],
  },
  {
    name: 'an event that came twice is taken twice',
    seed: 9,
    rule: 'exactly once: duplicates are judged against everything accepted',
    file: SEQUENCER,
    find: `    if (emit.number <= member.emitted) return
    if (emit.number !== member.emitted + 1 ||`,
    replace: `    if (emit.number < member.emitted) return
    if (emit.number > member.emitted + 1 ||`,
    by: ['P2'],
    stories: { always: ['lies'] },
  },
]
