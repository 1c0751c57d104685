import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Invariant } from '../../src/lab/checks.ts'
import type { StoryOptions } from '../../src/lab/faults/draw.ts'
import type { PeerInvariant } from '../../src/lab/peers/findings.ts'
import type { MeetingRule } from '../core/meeting/story.ts'

/** A change of the source that breaks one rule. */
export interface Edit {
  /** Below `src`. */
  readonly file: string
  /** What stands there: just once, or the mutant is out of date. */
  readonly find: string
  readonly replace: string
}

/** A machine with one rule broken, that the checks must find out. */
export interface Mutant extends Edit {
  /** What it does wrong. */
  readonly name: string
  /** Where the protocol says otherwise. */
  readonly rule: string
  /** The invariants of which one is seen to break; `error`: the machine throws or hangs. */
  readonly by: readonly (Invariant | PeerInvariant | MeetingRule | 'error')[]
  /** What stories need for it to matter. */
  readonly stories?: StoryOptions
  /** A seed that caught it: tried first. */
  readonly seed?: number
  /** A kept story that caught it, in place of a seed: its file in `test/lab/stories`, without the ending. */
  readonly story?: string
  /** The rest of the change, if it is not in one place. */
  readonly also?: readonly Edit[]
}

const SRC = join(import.meta.dirname, '../../src')

export const editsOf = (mutant: Mutant): readonly Edit[] => [mutant, ...(mutant.also ?? [])]

/** How often the text that a mutant changes stands in its file: just once, or this is not that source. */
export const occurrences = ({ file, find }: Edit, text = readFileSync(join(SRC, file), 'utf8')): number =>
  text.split(find).length - 1

/** The source of one file as a mutant has it. */
export const mutated = (file: string, text: string, edits: readonly Edit[]): string => {
  let changed = text
  for (const edit of edits) {
    if (edit.file !== file) continue
    if (occurrences(edit, changed) !== 1) throw new RangeError(`${file} does not hold once: ${edit.find}`)
    changed = changed.replace(edit.find, () => edit.replace)
  }
  return changed
}
