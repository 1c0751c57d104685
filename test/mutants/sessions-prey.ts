import { storyOf } from '../../src/lab/faults/draw.ts'
import { play } from '../../src/lab/faults/play.ts'
import { huntIn } from './prey.ts'

/** Sessions under random faults. */
huntIn(
  (seed, stories) => play(storyOf(seed, stories)).findings.violations,
  (story) => play(story).findings.violations,
)
