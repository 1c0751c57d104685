import { readFileSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { Discipline } from '../core/session/options.ts'
import { SECOND } from '../core/timeline/tick.ts'
import { storyOf } from '../lab/faults/draw.ts'
import { parseStory, type Story } from '../lab/faults/story.ts'
import { type Told, tell } from '../lab/faults/tell.ts'
import { wordsOf } from '../lab/faults/words.ts'
import { parseNumber, type Range } from '../lab/gals/select.ts'
import { orSay } from './lab-options.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings } from './terminal.ts'
import { notWritable } from './writable.ts'

interface Written {
  readonly svg?: string
  readonly from?: number
  readonly for?: number
  readonly discipline?: Discipline
  readonly json?: true
}

const SECONDS: Range = { min: 0, max: 1_000_000, whole: false }
const SEED: Range = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true }
const LENGTH: Range = { min: 0.001, max: 100_000, whole: false }
const one = (range: Range) => (text: string) => orSay(parseNumber(text, range))

/** `sametick lab story`: one run, in words and as a drawing. */
export const addStory = (lab: Command, surroundings: Surroundings, ended: (code: ExitCode) => void): void => {
  lab
    .command('story')
    .summary('one of these worlds, in words and as a drawing')
    .description(DESCRIPTION)
    .argument('<seed or file>', 'a seed, or a story that lab faults has kept')
    .option('--svg <file>', 'draw a stretch of it there')
    .option(
      '--from <seconds>',
      'where the stretch begins (default: before what is wrong, or befalls)',
      one(SECONDS),
    )
    .option('--for <seconds>', 'how long it is (default: 1)', one(LENGTH))
    .addOption(
      new Option('-d, --discipline <name>', 'the session of a seed in this one').choices([
        'gals',
        'horizon',
        'auto',
      ]),
    )
    .option('--json', 'the story itself, as a file that can be changed and told again')
    .addHelpText('after', AFTER)
    .action((which: string, written: Written, command: Command) => {
      const usage = (error: string): never => command.error(`error: ${error}`, { exitCode: EXIT.usage })
      const story = storyNamed(which, written.discipline)
      if (typeof story === 'string') return usage(story)
      const wrong = written.svg === undefined ? undefined : notWritable(written.svg)
      if (wrong !== undefined) return usage(wrong)
      ended(tellIt(story, written, surroundings))
    })
}

/** The story, or why there is none. */
const storyNamed = (which: string, discipline: Discipline | undefined): Story | string => {
  if (/^\d+$/.test(which)) {
    const seed = parseNumber(which, SEED)
    return 'error' in seed ? seed.error : storyOf(seed.value, discipline === undefined ? {} : { discipline })
  }
  let text: string
  try {
    text = readFileSync(which, 'utf8')
  } catch (error) {
    return `${which} cannot be read (${(error as NodeJS.ErrnoException).code}): name a seed, or a story that lab faults has kept.`
  }
  const story = parseStory(text)
  if (typeof story === 'string') return story
  try {
    wordsOf(story)
    return story
  } catch {
    return 'Something is missing in this story: take it anew with lab story SEED --json.'
  }
}

const tellIt = (story: Story, written: Written, { out, env }: Surroundings): ExitCode => {
  const { svg, json, from, for: lasts } = written
  if (json) {
    out.write(`${JSON.stringify(story, null, 2)}\n`)
    return EXIT.ok
  }
  const told = tell(story, {
    ...(from === undefined ? {} : { from: from * SECOND }),
    ...(lasts === undefined ? {} : { lasts: lasts * SECOND }),
  })
  const paint = paintFor(out, env)
  if (svg !== undefined) writeFileSync(svg, told.picture)
  out.write(`${pageOf(told, svg, paint).join('\n')}\n`)
  return told.isWrong ? EXIT.failed : EXIT.ok
}

type Paint = ReturnType<typeof paintFor>

const pageOf = (told: Told, svg: string | undefined, paint: Paint): string[] => [
  ...told.words,
  '',
  ...told.outcome.map((line) => (told.isWrong ? paint.red(line) : line)),
  '',
  paint.bold(
    `From ${(told.from / SECOND).toFixed(3)} to ${(told.until / SECOND).toFixed(3)} s (ms; > to the sequencer, < from it):`,
  ),
  ...(told.lines.length > 0
    ? told.lines
    : ['Nothing happens here: the run is over, or everybody is silent.']),
  ...(svg === undefined ? [] : ['', `The drawing is in ${svg}.`]),
]

const DESCRIPTION = `Tells one run: who takes part over what and what befalls them, what came of it, and a stretch of it message by message. With --svg it draws that stretch: instances are vertical lines, messages arrows, events dots, freezes shaded.`

const AFTER = `
Examples:
  npx sametick lab story 17
  npx sametick lab story 17 --svg out/17.svg --from 4.2 --for 0.5
  npx sametick lab story out/stories/17.json
  npx sametick lab story 17 --json > mine.json     then change it, and tell it again

Ends with 0; 1 if something is wrong in it; 2 if it is called wrongly.`
