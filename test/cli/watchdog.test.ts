import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchSteps } from '../../src/cli/watchdog.ts'
import { app } from '../../src/index.ts'
import { tryApp } from '../../src/lab/try/try.ts'

test('a step that does not end is named, though it keeps its thread busy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'))
  const said = join(folder, 'said')
  const fd = openSync(said, 'w')
  const stop = watchSteps({ patience: 50, fd })
  let endless = true
  const waits = app({
    id: 'waits@1',
    fps: 20,
    start: () => ({ n: 0 }),
    tick(s, t) {
      s.n++
      // As long as nobody says so.
      while (endless && t.tick === 7) endless = !readFileSync(said, 'utf8').includes('tick 7')
    },
  })
  await tryApp(waits, { minutes: 0.02 })
  stop()
  expect(readFileSync(said, 'utf8')).toContain(
    'tick at tick 7 has not ended for 0.05 s: a loop without an end? Ctrl-C ends this.\n',
  )
  rmSync(folder, { recursive: true })
})
