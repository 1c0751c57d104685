import type { Limits } from '../../../src/core/limits.ts'
import { Instance, type InstanceOptions } from '../../../src/core/session/instance.ts'
import { RESERVED } from '../../../src/core/timeline/event.ts'

/** A call of an instance: which, when, with what, and all that could be seen of it afterwards. */
export type Step = readonly unknown[]

export interface Transcript {
  readonly kind: 'transcript'
  readonly name: string
  readonly options: {
    readonly fps: number
    readonly app: string
    readonly session: string
    readonly instances: number
    readonly data: string
    readonly limits: Partial<Limits>
  }
  readonly steps: readonly Step[]
}

const CALLS = ['open', 'emit', 'ask', 'take', 'leave', 'receive', 'closed', 'wake'] as const
type Call = (typeof CALLS)[number]
type Doors = Record<Call, (...args: never[]) => unknown>

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const never = (value: number): number | null => (value === Number.POSITIVE_INFINITY ? null : value)

/** What of the arguments a transcript keeps, behind the name of the call: the moment, then what was given. */
const given = (call: Call, args: readonly unknown[], last: number): unknown[] => {
  const hex = (value: unknown): string => hexOf((value as Uint8Array | undefined) ?? new Uint8Array(0))
  switch (call) {
    case 'emit':
      return [args[0], args[1], hex(args[2])]
    case 'ask':
      return [last, RESERVED[args[0] as 'pause'], hex(args[1])]
    case 'receive':
      return [args[0], hex(args[2])]
    default:
      return [args[0]]
  }
}

const seenOf = (call: Call, result: unknown): unknown => {
  if (call === 'ask') return result ?? ''
  if (call === 'emit') return result
  if (call !== 'take' || result === undefined) return null
  const { seq, tick, source, number, id, payload } = result as NonNullable<ReturnType<Instance['take']>>
  return `${seq} ${tick} ${source} ${number} ${id} ${hexOf(payload)}`
}

/** One that predicts says more than the instances of other languages do. */
const isPlain = (instance: Instance): boolean => instance.constructor === Instance

/**
 * Writes down what anybody does with instances of the core while `run` runs, call by call. Nothing else changes:
 * each call does what it does, and messages and happenings are handed on when they are asked for.
 */
export const record = (name: string, run: () => void, most = 3): Transcript[] => {
  const kept = new Map<Instance, { options: InstanceOptions; steps: Step[]; last: number }>()
  const doors = Instance.prototype as unknown as Doors & Pick<Instance, 'outgoing' | 'happenings'>
  const before = { ...Object.fromEntries(CALLS.map((call) => [call, doors[call]])) } as unknown as Doors
  const { outgoing, happenings } = doors
  const waiting = new Map<Instance, { out: object[]; happened: object[] }>()
  const waitingOf = (instance: Instance) => {
    const found = waiting.get(instance) ?? { out: [], happened: [] }
    waiting.set(instance, found)
    return found
  }
  for (const call of CALLS)
    doors[call] = function (this: Instance, ...args: never[]) {
      const result = before[call].apply(this, args)
      if (!isPlain(this)) return result
      // The tick's object is used again: what is kept is a text of it.
      const seen = seenOf(call, result)
      const held = waitingOf(this)
      const out = outgoing.call(this).slice()
      const happened = happenings.call(this).slice()
      held.out.push(...out)
      held.happened.push(...happened)
      let of = kept.get(this)
      if (of === undefined) {
        const { options } = this as unknown as { options: InstanceOptions }
        of = { options, steps: [], last: 0 }
        kept.set(this, of)
      }
      const how = given(call, args, of.last)
      const now = how[0] as number
      // At its end the lab looks at a moment between two: that is for it alone, and nothing comes after it.
      if (!Number.isInteger(now)) return result
      of.last = now
      const { timeline } = this as unknown as { timeline: { pending: number } }
      const looks = [this.position(now), this.limit, this.local, timeline.pending]
      const moments = [this.nextWake(), this.nextInput(), this.nextFreeze()]
      const sent = out.map(({ bytes }) => hexOf(bytes)).join(',')
      of.steps.push([
        call,
        ...how,
        seen,
        sent,
        happened,
        ...[...looks, ...moments].map(never),
        this.frozen(now),
      ])
      return result
    }
  doors.outgoing = function (this: Instance) {
    if (!isPlain(this)) return outgoing.call(this)
    const held = waitingOf(this)
    const out = held.out as ReturnType<Instance['outgoing']>
    held.out = []
    return out
  }
  doors.happenings = function (this: Instance) {
    if (!isPlain(this)) return happenings.call(this)
    const held = waitingOf(this)
    const happened = held.happened as unknown as ReturnType<Instance['happenings']>
    held.happened = []
    return happened
  }
  try {
    run()
  } finally {
    Object.assign(doors, before, { outgoing, happenings })
  }
  return [...kept.values()].slice(0, most).map(({ options, steps }, i) => ({
    kind: 'transcript',
    name: `${name}, instance ${i + 1}`,
    options: {
      fps: options.fps,
      app: options.app,
      session: options.session ?? '',
      instances: options.instances ?? 0,
      data: hexOf(options.data ?? new Uint8Array(0)),
      limits: options.limits ?? {},
    },
    steps,
  }))
}
