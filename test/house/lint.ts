import { describe } from './source.ts'
import { checkTidy } from './tidy.ts'
import { checkWalls } from './walls.ts'

/** What no general linter knows of this project: its walls and its habits. */
const root = process.cwd()
const found = [...checkWalls(root), ...checkTidy(root)]
for (const finding of found) console.error(describe(finding))
if (found.length > 0) {
  console.error(`${found.length} found`)
  process.exitCode = 1
}
