import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, hunt } from './build.ts'
import { readCorpus, writeCorpus } from './corpus.ts'
import type { Guided } from './fuzzer.ts'
import { TARGETS } from './targets.ts'

/**
 * `npm run fuzz`, `npm run fuzz -- codec channel --minutes 5`, `npm run fuzz -- --inputs 2000000 --keep`: gives the
 * targets inputs until their time or their inputs are over; `--keep` keeps the corpus that it comes to.
 */
const { values, positionals } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    inputs: { type: 'string', default: '1e12' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
})

const names = TARGETS.map(({ name }) => name)
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0 || values.help) {
  console.log(
    `npm run fuzz -- [${names.join('] [')}] [--minutes N] [--inputs N] [--seed N] [--workers N] [--keep]`,
  )
  process.exit(unknown.length > 0 ? 2 : 0)
}

const row = (...cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(10) : cell.padStart(12))).join('')

const print = ({ target, inputs, seconds, edges, slowest, corpus, found }: Guided): void => {
  const rate = Math.round(inputs / Math.max(seconds, 0.001))
  console.log(
    row(
      target,
      `${inputs}`,
      `${rate}`,
      `${edges}`,
      `${corpus.length}`,
      `${slowest.toFixed(1)} ms`,
      `${found.length}`,
    ),
  )
  for (const { what, bytes } of found) console.log(`  ${what}\n  ${Buffer.from(bytes).toString('hex')}`)
}

const folder = await mkdtemp(join(tmpdir(), 'fuzz-'))
const done: Guided[] = []
try {
  const built = await build(join(folder, 'fuzzer.mjs'))
  console.log(row('target', 'inputs', 'a second', 'ways', 'corpus', 'slowest', 'found'))
  const queue = positionals.length > 0 ? [...positionals] : [...names]
  const takeTurns = async (): Promise<void> => {
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      const guided = await hunt(built, {
        target,
        inputs: Number(values.inputs),
        seconds: 60 * Number(values.minutes),
        seed: Number(values.seed),
        corpus: readCorpus(target),
      })
      done.push(guided)
      print(guided)
      if (values.keep && guided.found.length === 0) writeCorpus(target, guided.corpus)
    }
  }
  await Promise.all(Array.from({ length: Number(values.workers) }, takeTurns))
} finally {
  await rm(folder, { recursive: true, force: true })
}
const inputs = done.reduce((sum, each) => sum + each.inputs, 0)
const found = done.reduce((sum, each) => sum + each.found.length, 0)
console.log(`\n${inputs} inputs, ${found} found`)
if (found > 0) process.exitCode = 1
