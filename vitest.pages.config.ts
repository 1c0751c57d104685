import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** `npm run pages`: what becomes of the examples when they are used for longer than `npm test` has time for. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/pages/**/*.test.ts'],
    exclude: [],
    // Several browsers to a core are as slow as one after the other, and each of their pages is slow.
    maxWorkers: availableParallelism(),
  },
})
