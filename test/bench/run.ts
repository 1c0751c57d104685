import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Case, interleaved, type Measured } from './measure.ts'

/**
 * `npm run bench`, `npm run bench -- codec --json`: runs every `*.bench.ts` of this folder whose name contains
 * one of the words given. Such a file has its cases as its default export, the one to compare with first.
 */
const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
  },
  allowPositionals: true,
})

const ENDING = '.bench.ts'
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .filter((name) => positionals.length === 0 || positionals.some((word) => name.includes(word)))
  .sort()

const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)

const table = (title: string, measured: readonly Measured[]): string => {
  const rows = [
    [title, 'ns', 'p10', 'p90', 'per second', 'to first'],
    ...measured.map(({ name, ns, ns_p10, ns_p90, to_first }) => [
      name,
      ...[ns, ns_p10, ns_p90, 1e9 / ns].map(number),
      to_first.toFixed(2),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

const results: Record<string, Measured[]> = {}
for (const name of names) {
  const { default: cases } = (await import(`./${name}${ENDING}`)) as { default: readonly Case[] }
  const measured = interleaved(cases, values.rounds === undefined ? {} : { rounds: Number(values.rounds) })
  results[name] = measured
  if (!values.json) console.log(`${table(name, measured)}\n`)
}

if (values.json) {
  const machine = { node: process.version, arch: process.arch, cpu: cpus()[0]?.model, cores: cpus().length }
  console.log(JSON.stringify({ machine, results }, null, 2))
}
if (names.length === 0) {
  console.error(`no bench is named like ${positionals.join(' or ')}`)
  process.exitCode = 1
}
