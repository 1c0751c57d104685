import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Comparison, compare } from '../core/timeline/recording.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings } from './terminal.ts'

/** `sametick diff`: whether two instances saw the same. */
export const addDiff = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  program
    .command('diff')
    .summary('compare two recordings of a timeline')
    .description('Compares two recordings of a session: identical, or the first tick and input that differ.')
    .argument('<a>', 'a file that `sametick join --record` wrote')
    .argument('<b>', 'another one, of the same session')
    .addHelpText('after', AFTER)
    .action((a: string, b: string, _written: unknown, command: Command) => {
      const lines: string[][] = []
      for (const file of [a, b]) {
        try {
          lines.push(linesOf(readFileSync(file, 'utf8')))
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error)
          return command.error(`error: ${file} cannot be read: ${why}`, { exitCode: EXIT.usage })
        }
      }
      ended(show([a, b], compare(lines[0] as string[], lines[1] as string[]), surroundings))
    })
}

/** Whole lines only: whoever writes one may have been killed in the middle of it. */
const linesOf = (text: string): string[] => text.slice(0, text.lastIndexOf('\n') + 1).split('\n')

const AFTER = `
Example:
  npx sametick diff a.txt b.txt

Ends with 0 if they are identical as far as both go, 1 if they differ, 2 if one is no recording.`

const show = ([a, b]: [string, string], found: Comparison, { out, err, env }: Surroundings): ExitCode => {
  const paint = paintFor(out, env)
  switch (found.kind) {
    case 'identical': {
      const longer = found.longer === undefined ? '' : `; ${found.longer === 'a' ? a : b} goes on`
      out.write(`identical: ${found.inputs} inputs, up to tick ${found.lastTick}${longer}\n`)
      return EXIT.ok
    }
    case 'differs':
      out.write(
        `${paint.red(`they differ at tick ${found.tick} (${found.ms} ms)`)}\n  ${a}: ${found.a}\n  ${b}: ${found.b}\n`,
      )
      return EXIT.failed
    case 'other':
      out.write(`${paint.red('they are of different sessions')}\n  ${a}: ${found.a}\n  ${b}: ${found.b}\n`)
      return EXIT.failed
    case 'unreadable': {
      const file = found.which === 'a' ? a : b
      err.write(
        `error: ${file} is no recording: line ${found.line} is ${JSON.stringify(found.text.slice(0, 80))}\n`,
      )
      return EXIT.usage
    }
  }
}
