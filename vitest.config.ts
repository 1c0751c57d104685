import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Their tests mostly wait: for browsers, engines, processes, sockets. */
const WAITING = /\/test\/(bindings|bridge|cli|client|doors|examples|package|page|peer|server|transport)\//

/** The longest of these, the longest first: what begins late ends alone. */
const LONGEST = [
  'cli/kill',
  'page/demo',
  'transport/conformance',
  'examples/pages',
  'cli/lab-try',
  'package/package',
  'page/peers',
  'peer/processes',
]

/** First those that wait, side by side; those that only reckon fill the cores to the end. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const place = ({ moduleId }: TestSpecification): number => {
      const long = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      if (long >= 0) return long
      return WAITING.test(moduleId) ? LONGEST.length : LONGEST.length + 1
    }
    return sorted.toSorted((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  // Examples import the package by its name; here that is its source.
  resolve: {
    alias: [
      { find: /^sametick$/, replacement: fileURLToPath(new URL('src/node.ts', import.meta.url)) },
      {
        find: /^sametick\/(server|deterministic|transport)$/,
        replacement: `${fileURLToPath(new URL('src', import.meta.url))}/$1/index.ts`,
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // The long stories of the examples' pages are a run of their own: npm run pages.
    exclude: ['test/pages/**'],
    allowOnly: false,
    // Measured with 91 files on 2 cores: 17 s, against 37 s with a fresh process for every file. Threads gain
    // nothing more, and modules with native code are safer in processes. So a test leaves no global changed.
    pool: 'forks',
    isolate: false,
    // Who waits needs no core: more workers than those keep the cores busy.
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: WaitingFirst },
    // A slow machine is not a broken product: these end what hangs, they judge nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
