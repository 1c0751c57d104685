import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the header is in the package that is published', () => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
  const header = 'src/bindings/c/sametick.h'
  expect(files.filter((entry) => header === entry || header.startsWith(`${entry}/`))).toHaveLength(1)
  expect(existsSync(header)).toBe(true)
})
