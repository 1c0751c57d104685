import { expect } from 'vitest'
import { closureOf } from '../../../src/cli/closures.ts'
import { app, event } from '../../../src/index.ts'
import type { CauseKind } from '../../../src/lab/try/report.ts'
import type { Subject } from '../../../src/lab/try/subject.ts'
import { tryApp } from '../../../src/lab/try/try.ts'
import { wordsOf } from '../../../src/lab/try/words.ts'

export interface State {
  n: number
  last: unknown
  xs: number[]
}

type Go = (s: State, by: number, t: { random(): number }) => unknown

export const of = (go: Go, more: object = {}): Subject['app'] =>
  app({
    id: 'otherwise@1',
    fps: 20,
    events: { go: event<number>(1) },
    start: (): State => ({ n: 0, last: 0, xs: [] }),
    on: {
      go(s, e, t) {
        s.n++
        return void go(s, e.payload, t)
      },
    },
    ...more,
  })

type Loaded = Subject['app'] | Omit<Subject, 'samples'>

export interface Case {
  readonly name: string
  /** As its module is loaded: what stands in it is each copy's own. */
  readonly load: () => Loaded
  readonly kind: CauseKind
  readonly call?: string
  readonly handler?: string
  /** What is said of it beside. */
  readonly says?: RegExp
}

const subjectOf = (loaded: Loaded): Subject => ({
  ...('app' in loaded ? loaded : { app: loaded }),
  samples: { go: [5, 3, 9, 1, 7] },
})

/** It is tried, and what is wrong with it is found. */
export const expectFound = async ({ load, kind, call, handler, says }: Case): Promise<void> => {
  const report = await tryApp(() => subjectOf(load()), { minutes: 0.12, network: 'lan', closures: closureOf })
  const words = wordsOf(report).join('\n')
  expect(report.verdict, words).toBe('differs')
  if (report.verdict === 'refused') return
  const [cause, ...others] = report.causes
  expect(others, words).toEqual([])
  expect(cause?.kind, words).toBe(kind)
  if (call !== undefined) expect(cause?.call).toBe(call)
  if (handler !== undefined) expect(cause?.handler).toBe(handler)
  if (says !== undefined) expect(cause?.what).toMatch(says)
}
