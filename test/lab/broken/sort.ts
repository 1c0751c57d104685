import { app, event } from '../../../src/index.ts'

interface Task {
  id: number
  urgent: number
}

/** Tasks that are sorted as the text of an object, which is the same for all of them. */
export default app({
  id: 'sort@1',
  fps: 20,
  events: { add: event<number>(1), next: event(2) },
  start: () => ({ tasks: [] as Task[], last: -1, count: 0 }),
  on: {
    add(s, e) {
      s.tasks.push({ id: s.count++, urgent: e.payload })
      if (s.tasks.length > 12) s.tasks.shift()
    },
    next(s) {
      s.tasks.sort()
      s.last = s.tasks.pop()?.id ?? -1
    },
  },
})

export const samples = { add: [1, 2, 3] }
