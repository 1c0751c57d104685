import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildPages } from '../../examples/common/build.ts'
import { FROM_SOURCE } from './visitors.ts'

test('an import that leads nowhere fails when pages are made, and not when they are opened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sametick-no-pages-'))
  const sametick = join(folder, 'sametick.js')
  await writeFile(sametick, `import 'not-there'\nexport * from '${FROM_SOURCE.sametick$}'\n`)
  const made = buildPages(join(folder, 'pages'), { ...FROM_SOURCE, sametick$: sametick })
  await expect(made).rejects.toThrow("Could not resolve 'not-there'")
  await rm(folder, { recursive: true })
})
