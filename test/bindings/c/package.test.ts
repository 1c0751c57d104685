import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the header is in the package that is published', async () => {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const { stdout } = await promisify(execFile)('npm', args, { maxBuffer: 1 << 24 })
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  expect(packed.files.map(({ path }) => path)).toContain('src/bindings/c/sametick.h')
})
