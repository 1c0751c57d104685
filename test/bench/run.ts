import { readdirSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Figure, Live } from './live/figure.ts'
import { type Case, interleaved, type Measured } from './measure.ts'
import { caseTable, figureLines } from './table.ts'

/**
 * `npm run bench`, `npm run bench -- codec --json`: runs every `*.bench.ts` and `*.live.ts` of this folder whose
 * name contains one of the words given, and prints a table, or JSON. The first kind has its cases as its default
 * export, the one to compare with first. The second needs processes, sockets and minutes, and gives figures, each
 * beside its floor and what it must reach.
 *
 * `--rounds N`: rounds of each case. `--pairs N`: figures and floors in turns, five pairs unless told otherwise.
 * `--scale N`: the parts of a live bench last so many times as long. `--strict`: ends with 1 if a figure falls short.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
  },
  allowPositionals: true,
})

const named = (ending: string): string[] =>
  readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .filter((name) => positionals.length === 0 || positionals.some((word) => name.includes(word)))
    .sort()

const say = (line: string): void => {
  if (!values.json) console.log(line)
}

const CASES = '.bench.ts'
const LIVE = '.live.ts'
const caseNames = named(CASES)
const liveNames = named(LIVE)

const results: Record<string, Measured[]> = {}
for (const name of caseNames) {
  const { default: cases } = (await import(`./${name}${CASES}`)) as { default: readonly Case[] }
  const measured = interleaved(cases, values.rounds === undefined ? {} : { rounds: Number(values.rounds) })
  results[name] = measured
  say(`${caseTable(name, measured)}\n`)
}

const figures: Record<string, readonly Figure[]> = {}
for (const name of liveNames) {
  const { default: live } = (await import(`./${name}${LIVE}`)) as { default: Live }
  // On the other stream: what is printed can be read by a program while somebody watches.
  const progress = (line: string): void => console.error(`… ${line}`)
  const found = await live({ pairs: Number(values.pairs), scale: Number(values.scale), say: progress })
  figures[name] = found
  for (const figure of found) say(`${figureLines(figure)}\n`)
}

if (values.json) {
  const [load] = loadavg()
  const machine = { node: process.version, arch: process.arch, cpu: cpus()[0]?.model, cores: cpus().length }
  console.log(JSON.stringify({ machine: { ...machine, load }, results, figures }, null, 2))
}
const short = Object.values(figures)
  .flat()
  .filter(({ reached }) => !reached)
if (short.length > 0) {
  console.error(`${short.length} of the figures fall short: ${short.map(({ what }) => what).join('; ')}`)
  if (values.strict) process.exitCode = 1
}
if (caseNames.length + liveNames.length === 0) {
  console.error(`no bench is named like ${positionals.join(' or ')}`)
  process.exitCode = 1
}
