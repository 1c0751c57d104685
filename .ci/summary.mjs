import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/**
 * Names what failed or was left out, and why, then prints 'N passed, N failed, N skipped', and fails unless every test
 * ran and passed. What was run is given as `name=status`, followed by what it printed (`'npm run doors=0'
 * out/doors.txt`), and that of tests by Vitest's report of it too (`'npm test=0' out/tests.json out/tests.txt`).
 */
const runs = []
for (const given of process.argv.slice(2)) {
  if (given.endsWith('.json')) runs.at(-1).report = given
  else if (given.endsWith('.txt')) runs.at(-1).printed = given
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
  failed: report.numFailedTests + report.testResults.filter(isBrokenAsAWhole).length,
  skipped: report.numPendingTests + report.numTodoTests,
})

const isBrokenAsAWhole = ({ status, assertionResults }) =>
  status === 'failed' && !assertionResults.some((test) => test.status === 'failed')

const indented = (text, lines) =>
  stripVTControlCharacters(text)
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes('/node_modules/'))
    .slice(0, lines)
    .map((line) => `    ${line}`)
    .join('\n')

/** The log of a run is long, and who reads its end needs no more than this. */
const tellTests = ({ testResults }) => {
  for (const file of testResults) {
    const name = relative(process.cwd(), file.name)
    if (isBrokenAsAWhole(file)) console.log(`\nFailed: ${name}\n${indented(file.message, 20)}`)
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      if (status === 'failed')
        console.log(`\nFailed: ${name} > ${fullName}\n${indented(failureMessages.join('\n'), 20)}`)
      else if (status !== 'passed') console.log(`\nLeft out: ${name} > ${fullName}`)
    }
  }
}

const tellPrinted = (name, path) => {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  console.log(`\nThe end of what ${name} printed:\n${indented(lines.slice(-20).join('\n'), 20)}`)
}

/** Vitest's report says nothing of an error that no test has, nor of a worker that is gone: only what it prints does. */
const tellOutside = (name, path, isCounted) => {
  const printed = readFileSync(path, 'utf8')
  const from = printed.indexOf('Unhandled Errors')
  if (from >= 0) console.log(`\nOutside of any test of ${name}:\n${indented(printed.slice(from), 40)}`)
  else if (!isCounted) tellPrinted(name, path)
}

/** A run that failed is counted by its tests, or once if it failed outside of any; so is one without any test. */
const resultOf = ({ name, status, report, printed }) => {
  const isBroken = status !== '0'
  if (isBroken) console.log(`${name} ended with ${status}`)
  const isKept = isBroken && printed !== undefined && existsSync(printed)
  if (report === undefined) {
    if (isKept) tellPrinted(name, printed)
    return { ...NONE, failed: isBroken ? 1 : 0 }
  }
  const told = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
  if (told !== undefined) tellTests(told)
  const counts = told === undefined ? NONE : countsOf(told)
  if (counts.passed + counts.failed === 0) console.log(`${name}: no test was run`)
  const isCounted = counts.failed > 0
  if (isKept) tellOutside(name, printed, isCounted)
  return { ...counts, failed: isCounted ? counts.failed : isBroken || counts.passed === 0 ? 1 : 0 }
}

const results = runs.map(resultOf)
const sum = (key) => results.reduce((total, result) => total + result[key], 0)
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
if (sum('failed') + sum('skipped') > 0 || sum('passed') === 0) process.exitCode = 1
