import type { App } from '../../app/app.ts'
import { accepts, INPUT_ID } from '../../app/event.ts'
import { encodePayload } from '../../app/payload.ts'
import { Runner } from '../../app/runner.ts'
import { Random } from '../../core/random.ts'
import { joinPayload } from '../../core/session/membership.ts'
import { type Input, RESERVED, SEQUENCER } from '../../core/timeline/event.ts'
import { printed } from '../../core/timeline/printed.ts'
import { EMPTY } from '../../core/wire/bytes.ts'
import type { Sample, Samples } from './subject.ts'

/** Why an application cannot be tried, and what to do. */
export interface CannotTry {
  readonly verdict: 'refused'
  readonly code: 'samples' | 'script' | 'start' | 'state'
  readonly hint: string
}

/** An event that can be emitted: its id, and how its payloads are found. */
export interface Emittable {
  readonly name: string
  readonly id: number
  draw(random: Random): Uint8Array
}

/** So many payloads of a function are looked at before anything is tried. */
const DRAWS = 32

/** The name under which samples of held inputs are given. */
export const HELD = 'input'

/** All that the players of an application can emit, or why no payload is known for one of them. */
export const emittables = (app: App, samples: Samples = {}): Emittable[] | CannotTry => {
  const known = Object.entries(app.events).map(([name, kind]) => ({ name, id: kind.id, check: kind.check }))
  if (app.input !== undefined) known.push({ name: HELD, id: INPUT_ID, check: app.input.check })
  const found: Emittable[] = []
  if (typeof samples !== 'object' || samples === null)
    return cannot('samples is an object: the name of each event, and payloads for it.')
  for (const name of Object.keys(samples))
    if (!known.some((kind) => kind.name === name))
      return cannot(
        `samples.${name}: the application has no event of this name. It has ${known.map((k) => k.name).join(', ') || 'none'}.`,
      )
  for (const { name, id, check } of known) {
    const sample = samples[name] ?? guessed(app, name, id, check)
    if (cannotBeTried(sample)) return sample
    const emittable = emittableOf(name, id, check, sample)
    if (cannotBeTried(emittable)) return emittable
    found.push(emittable)
  }
  return found
}

export const cannotBeTried = (value: unknown): value is CannotTry =>
  typeof value === 'object' && value !== null && 'verdict' in value && value.verdict === 'refused'

const cannot = (hint: string): CannotTry => ({ verdict: 'refused', code: 'samples', hint })

const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const STEADY = 16

/** Whether a check says the same of a payload whenever it is asked. */
const isSteady = (check: ((payload: unknown) => boolean) | undefined, payload: unknown): boolean => {
  const first = accepts(check, payload)
  for (let i = 1; i < STEADY; i++) if (accepts(check, payload) !== first) return false
  return true
}

const emittableOf = (
  name: string,
  id: number,
  check: ((payload: unknown) => boolean) | undefined,
  sample: Sample,
): Emittable | CannotTry => {
  if (typeof sample === 'function') {
    const random = new Random(id)
    for (let i = 0; i < DRAWS; i++) {
      try {
        const payload = sample(random)
        if (!accepts(check, payload))
          return cannot(`samples.${name} gives ${printed(payload)}, which the check of the event refuses.`)
        encodePayload(payload)
      } catch (error) {
        return cannot(`samples.${name} gives no payload: ${saidBy(error)}`)
      }
    }
    return { name, id, draw: (random) => encodePayload(sample(random)) }
  }
  if (!Array.isArray(sample))
    return cannot(
      `samples.${name} is ${printed(sample)}: give a list of payloads, or a function that makes one.`,
    )
  const unsteady = sample.findIndex((payload) => !isSteady(check, payload))
  if (unsteady >= 0)
    return cannot(
      `The check of ${name} lets ${printed(sample[unsteady])} through at one time and not at another: it may look at the payload only.`,
    )
  const refused = sample.find((payload) => !accepts(check, payload))
  if (sample.length === 0 || sample.some((payload) => !accepts(check, payload)))
    return cannot(
      sample.length === 0
        ? `samples.${name} is empty: give it payloads.`
        : `samples.${name} has ${printed(refused)}, which the check of the event refuses.`,
    )
  try {
    const payloads = sample.map(encodePayload)
    return { name, id, draw: (random) => payloads[random.below(payloads.length)] as Uint8Array }
  } catch (error) {
    return cannot(`samples.${name} has what no event carries: ${saidBy(error)}`)
  }
}

/** Without samples: what the text of check and handler speaks of, and else some values of every kind. */
const guessed = (
  app: App,
  name: string,
  id: number,
  check: ((payload: unknown) => boolean) | undefined,
): Sample | CannotTry => {
  if (name === HELD && app.input !== undefined)
    return [app.input.neutral, ...neighbours(app.input.neutral)].filter((value) => accepts(check, value))
  const handler = Object.hasOwn(app.on, name) ? app.on[name] : undefined
  const text = `${check ?? ''} ${handler ?? ''}`
  // Who never speaks of a payload is sent none.
  if (!text.includes('payload') && accepts(check, undefined)) return [undefined]
  const why: string[] = []
  for (const pool of [wordsOf(text), SOME]) {
    const accepted = pool.filter((payload) => accepts(check, payload))
    const taken = handler ? accepted.filter((payload) => goesThrough(app, id, payload, why)) : accepted
    if (taken.length > 0) return taken
  }
  const problem =
    why[0] === undefined
      ? 'its check refuses all that were tried'
      : `on.${name} throws with all that were tried (${why[0]})`
  return cannot(
    `No payload for the event ${name} is known: ${problem}. Export some: export const samples = { ${name}: [ … ] }`,
  )
}

const SOME: readonly unknown[] = [
  ...[undefined, 0, 1, 2, 3, -1, 0.5, 10, true, false, '', 'a', 'left', 'right', 'up', 'down'],
  ...[[0, 0], [1, 2], { x: 1, y: 2 }, { dx: 1, dy: -1 }, { n: 1 }, { id: 1 }, {}],
]

/** Texts and names that stand in the source: `'left'`, and `left` in `{ left: [-1, 0] }`. */
const wordsOf = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/'([^'\\\n]{1,40})'|"([^"\\\n]{1,40})"|[{,]\s*([A-Za-z_]\w*)\s*:/g)].map(
      ([, single, double, key]) => (single ?? double ?? key) as string,
    ),
  ),
]

const neighbours = (value: unknown): unknown[] => {
  switch (typeof value) {
    case 'number':
      return [value + 1, value - 1]
    case 'boolean':
      return [!value]
    case 'object':
      if (value === null || Array.isArray(value)) return []
      return Object.entries(value).flatMap(([key, item]) =>
        neighbours(item).map((other) => ({ ...value, [key]: other })),
      )
    default:
      return []
  }
}

const goesThrough = (app: App, id: number, payload: unknown, why: string[]): boolean => {
  try {
    const runner = new Runner(app)
    runner.take(inputOf(RESERVED.join, SEQUENCER, joinPayload({ member: 1, slot: 0, data: EMPTY })))
    const failure = runner.take(inputOf(id, 1, encodePayload(payload)))
    if (failure?.code === 'handler_threw') why.push(String(failure.error))
    return failure?.code !== 'handler_threw'
  } catch (error) {
    why.push(String(error))
    return false
  }
}

const inputOf = (id: number, source: number, payload: Uint8Array): Input => ({
  tick: 0,
  id,
  source,
  number: 1,
  seq: 1,
  payload,
})
