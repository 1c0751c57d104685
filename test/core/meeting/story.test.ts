import { expect, test } from 'vitest'
import { playMeeting } from './story.ts'

test('whatever peers do, M1 to M6 hold in a room', () => {
  const reached = new Map<string, number>()
  for (let seed = 1; seed <= 100; seed++) {
    const story = playMeeting(seed)
    expect(story.broken, `seed ${seed}`).toEqual([])
    for (const [kind, count] of story.reached) reached.set(kind, (reached.get(kind) ?? 0) + count)
  }
  // A check is worth nothing where what it checks did not come about.
  const kinds = [
    'welcome',
    'introduced',
    'signal',
    'relay',
    'credit',
    'shut',
    'alone',
    'beat',
    'refused',
    'quiet',
  ]
  for (const kind of kinds) expect(reached.get(kind) ?? 0, kind).toBeGreaterThan(100)
})
