import { existsSync, readFileSync } from 'node:fs'

/**
 * Prints 'N passed, N failed, N skipped' and fails unless every test ran and passed. What was run is given as
 * `name=status`, that of tests followed by Vitest's report of it: `'npm test=0' out/tests.json`.
 */
const runs = []
for (const given of process.argv.slice(2)) {
  if (given.endsWith('.json')) runs.at(-1).path = given
  else
    runs.push({
      name: given.slice(0, given.lastIndexOf('=')),
      status: given.slice(given.lastIndexOf('=') + 1),
    })
}

const NONE = { passed: 0, failed: 0, skipped: 0 }

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

/** A run that failed is counted by its tests, or once if it failed outside of any; so is one without any test. */
const resultOf = ({ name, status, path }) => {
  const isBroken = status !== '0'
  if (isBroken) console.error(`${name} ended with ${status}`)
  if (path === undefined) return { ...NONE, failed: isBroken ? 1 : 0 }
  const counts = existsSync(path) ? countsOf(JSON.parse(readFileSync(path, 'utf8'))) : NONE
  if (counts.passed + counts.failed === 0) console.error(`${name}: no test was run`)
  const isCounted = counts.failed > 0
  return { ...counts, failed: isCounted ? counts.failed : isBroken || counts.passed === 0 ? 1 : 0 }
}

const results = runs.map(resultOf)
const sum = (key) => results.reduce((total, result) => total + result[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
if (sum('failed') + sum('skipped') > 0 || sum('passed') === 0) process.exitCode = 1
