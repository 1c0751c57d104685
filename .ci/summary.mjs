import { existsSync, readFileSync } from 'node:fs'

/**
 * Prints 'N passed, N failed, N skipped' from Vitest's report, and fails unless every test ran and passed. What
 * else was run is given as `name=status`: each that did not end with 0 is one failure more.
 */
const [path, ...runs] = process.argv.slice(2)

const countsOf = (report) => ({
  passed: report.numPassedTests,
  // A file that could not be loaded has failed without any test of its own.
  failed:
    report.numFailedTests +
    report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    ).length,
  skipped: report.numPendingTests + report.numTodoTests,
})

const { passed, failed, skipped } = existsSync(path)
  ? countsOf(JSON.parse(readFileSync(path, 'utf8')))
  : { passed: 0, failed: 0, skipped: 0 }

const broken = runs.filter((run) => !run.endsWith('=0'))
for (const run of broken) console.error(`${run.replace('=', ' ended with ')}`)

// A failed run of the tests is counted by its tests, or once if it failed outside of any.
const also = broken.filter((run) => failed === 0 || !run.startsWith('npm test=')).length
console.log(`${passed} passed, ${failed + also} failed, ${skipped} skipped`)
if (failed + also + skipped > 0 || passed === 0) process.exitCode = 1
