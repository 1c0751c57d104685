import { play } from '../../src/lab/faults/play.ts'
import { ALL_STATES, type State } from '../../src/lab/faults/states.ts'
import type { Story } from '../../src/lab/faults/story.ts'
import { Table } from '../../src/lab/faults/table.ts'
import type { Way } from '../../src/lab/path.ts'

/** The same story over other ways. */
export const withWays = (story: Story, change: (way: Way) => Way): Story => ({
  ...story,
  members: story.members.map((member) => ({ ...member, up: change(member.up), down: change(member.down) })),
})

/** A way that does not do what has one of these names. */
export const without = (way: Way, ...names: (keyof Way)[]): Way =>
  Object.fromEntries(
    Object.entries(way).filter(([name]) => !names.includes(name as keyof Way)),
  ) as unknown as Way

/** Whether a way of somebody does that. */
export const does = ({ members }: Story, name: keyof Way): boolean =>
  members.some(({ up, down }) => up[name] !== undefined || down[name] !== undefined)

/** What befell these sessions when they were played. */
export const tableOf = (stories: readonly Story[]): Table => {
  const table = new Table()
  for (const story of stories) table.add(play(story).table)
  return table
}

/** How often a fault was counted, in any of these states. */
export const rowOf = (table: Table, fault: string, states: readonly State[] = ALL_STATES): number =>
  states.reduce((sum, state) => sum + table.of(fault, state), 0)
