import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { notWritable } from '../../src/cli/writable.ts'

const folder = mkdtempSync(join(tmpdir(), 'writable-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('folders that a file wants are made', () => {
  expect(notWritable(join(folder, 'a/b/c.svg'))).toBeUndefined()
  expect(existsSync(join(folder, 'a/b'))).toBe(true)
  expect(existsSync(join(folder, 'a/b/c.svg'))).toBe(false)
})

test('where none can be made that is said, and at once', () => {
  expect(notWritable('/proc/none/of/these.json')).toMatch(
    /^\/proc\/none\/of\/these\.json cannot be written \(\w+\): name another file\.$/,
  )
  writeFileSync(join(folder, 'file'), '')
  expect(notWritable(join(folder, 'file/x.json'))).toMatch(/cannot be written \(EEXIST\)/)
  expect(notWritable(folder)).toContain('is a folder: name a file in it.')
})
