import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { SourceLink } from '../../src/app/source-link.ts'
import { joinAt } from './inputs.ts'
import { ScriptedSource } from './scripted.ts'

export const walker = app({
  id: 'walker@1',
  fps: 100,
  events: { jump: event(1), quit: event(2), boom: event(3) },
  input: { neutral: 0 },
  start: () => ({ x: 0, ticks: 0, jumps: 0 }),
  on: {
    jump(s, _, t) {
      s.jumps++
      t.effect('jumped', { x: s.x })
      t.effect('dust')
    },
    quit: (_, __, t) => t.end('over'),
    boom() {
      throw new Error('boom')
    },
  },
  tick(s, t) {
    s.ticks++
    s.x += t.input(1)
  },
})

export const still = (fps = walker.fps) => {
  const source = new ScriptedSource(fps)
  source.put(joinAt(0, 1))
  return { source, link: new SourceLink(walker, source) }
}
