import { placeOf } from '../../deterministic/guard.ts'
import type { Machine } from './machine.ts'
import type { Dimension } from './subject.ts'
import { type Fn, isTrapped, type Make, type Trap, trapAt } from './trap.ts'

/** Language and time zone: a plain machine speaks English in UTC, the others do not. */

const OTHER_LOCALE = 'et'
/** Where an i in capitals has a dot. */
const OTHER_CASE = 'tr'
const OTHER_ZONE = 'Asia/Kolkata'
const OTHER_OFFSET = 5.5 * 3_600_000

type DateParts = Record<string, (...args: unknown[]) => number>

/** The machine's own, whatever stands in its place at the moment. */
const { Date: RealDate } = globalThis
const { getTimezoneOffset } = RealDate.prototype

const localeOf = (machine: Machine, name: string, other = OTHER_LOCALE): string =>
  machine.differs('locale', name) ? other : 'en'

const offsetOf = (machine: Machine, name: string): number =>
  machine.differs('locale', name) ? OTHER_OFFSET : 0

/** Where no language is named, that of the machine is taken. `at`: which argument names it. */
const inLocale =
  (at: number, other?: string): Make =>
  (original, machine, name) =>
  (self, args) => {
    const given = args.slice()
    given[at] ??= localeOf(machine, name, other)
    return Reflect.apply(original, self, given)
  }

const dateOf = (ms: number): DateParts => new RealDate(ms) as unknown as DateParts

/** A local part of a date is that of UTC, so much later. */
const partOf =
  (utc: string): Make =>
  (_original, machine, name) =>
  (self) =>
    (dateOf(Number(self) + offsetOf(machine, name))[`get${utc}`] as () => number)()

const partSet =
  (utc: string): Make =>
  (_original, machine, name) =>
  (self, args) => {
    const offset = offsetOf(machine, name)
    const moved = dateOf(Number(self) + offset)
    moved[`set${utc}`]?.(...args)
    return (self as DateParts).setTime?.(Number(moved) - offset)
  }

/** As it was told in the last century. */
const yearOf: Make = (original, machine, name) => (self, args) =>
  (partOf('UTCFullYear')(original, machine, name)(self, args) as number) - 1_900

const minutesToUtc: Make = (_original, machine, name) => () => -offsetOf(machine, name) / 60_000

const localText: Make = (original, machine, name) => (self, args) => {
  const [locale, options] = args as [string | undefined, object | undefined]
  const timeZone = machine.differs('locale', name) ? OTHER_ZONE : 'UTC'
  return Reflect.apply(original, self, [locale ?? localeOf(machine, name), { timeZone, ...options }])
}

const UTC_ZONE = 'GMT+0000 (Coordinated Universal Time)'

/** As `Sat Jan 01 2000 05:30:00 GMT+0530 (India Standard Time)`, or its date, or its time. */
const textOf = (ms: number, zone: string, from = 0, to?: number): string => {
  const text = String(dateOf(ms).toUTCString?.())
  const [weekday = '', day, month, year, time] = text.split(' ')
  if (time === undefined) return text
  return [weekday.slice(0, 3), month, day, year, time, zone].slice(from, to).join(' ')
}

const plainText =
  (from: number, to?: number): Make =>
  (_original, machine, name) =>
  (self) => {
    const zone = machine.differs('locale', name) ? 'GMT+0530 (India Standard Time)' : UTC_ZONE
    return textOf(Number(self) + offsetOf(machine, name), zone, from, to)
  }

const PARTS = ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes']

const METHODS: readonly (readonly [string, Make])[] = [
  ['String.prototype.localeCompare', inLocale(1)],
  ['String.prototype.toLocaleLowerCase', inLocale(0, OTHER_CASE)],
  ['String.prototype.toLocaleUpperCase', inLocale(0, OTHER_CASE)],
  ['Number.prototype.toLocaleString', inLocale(0)],
  ['BigInt.prototype.toLocaleString', inLocale(0)],
  ['Array.prototype.toLocaleString', inLocale(0)],
  ...PARTS.map((part): [string, Make] => [`Date.prototype.get${part}`, partOf(`UTC${part}`)]),
  ...PARTS.filter((part) => part !== 'Day').map((part): [string, Make] => [
    `Date.prototype.set${part}`,
    partSet(`UTC${part}`),
  ]),
  ['Date.prototype.getYear', yearOf],
  ['Date.prototype.getTimezoneOffset', minutesToUtc],
  ['Date.prototype.toLocaleString', localText],
  ['Date.prototype.toLocaleDateString', localText],
  ['Date.prototype.toLocaleTimeString', localText],
  ['Date.prototype.toString', plainText(0)],
  ['Date.prototype.toDateString', plainText(0, 4)],
  ['Date.prototype.toTimeString', plainText(4)],
  ['Date.parse', (original, machine, name) => (_self, args) => parsed(original, machine, name, args[0])],
]

const INTL = [
  ...['Collator', 'NumberFormat', 'DateTimeFormat', 'PluralRules', 'ListFormat'],
  ...['RelativeTimeFormat', 'Segmenter', 'DisplayNames', 'DurationFormat'],
]

/** Texts that name their zone, or are a date alone, which is one of UTC. */
const NAMES_ITS_ZONE = /(Z|GMT|UTC|[+-]\d\d:?\d\d|\(.*\))\s*$|^\s*[+-]?\d{4,6}(-\d\d(-\d\d)?)?\s*$/i

const parsed = (parse: Fn, machine: Machine, name: string, text: unknown): number => {
  const ms = Reflect.apply(parse, undefined, [text] as never) as number
  if (Number.isNaN(ms) || NAMES_ITS_ZONE.test(String(text))) return ms
  return asUtc(ms) - offsetOf(machine, name)
}

/** A moment of this process's own zone, told as if it were one of UTC. */
const asUtc = (ms: number): number =>
  ms - (Reflect.apply(getTimezoneOffset, dateOf(ms), []) as number) * 60_000

/** `new Date()` asks for the time; with the parts of a date, or a text without its zone, for the zone. */
const dateTrap = (): Trap[] => {
  const place = placeOf('Date')
  if (place === undefined) return []
  const { parse, UTC } = place.value as unknown as { parse: Fn; UTC: (...args: unknown[]) => number }
  const stand = new Proxy(place.value, {
    construct(target, args: unknown[], newTarget) {
      const made = (...given: unknown[]) => Reflect.construct(target, given, newTarget) as object
      const isLocal = args.length > 1 || typeof args[0] === 'string'
      if (args.length > 0 && !isLocal) return made(...args)
      const machine = isTrapped(isLocal ? 'locale' : 'clock', 'new Date', this.construct as object)
      if (machine === undefined) return made(...args)
      if (!isLocal) return made(machine.clock())
      if (args.length === 1) return made(parsed(parse, machine, 'new Date', args[0]))
      return made(UTC(...args) - offsetOf(machine, 'new Date'))
    },
    apply(target, self, args) {
      const machine = isTrapped('clock', 'Date', this.apply as object)
      if (machine === undefined) return Reflect.apply(target, self, args as never)
      return textOf(machine.clock(), UTC_ZONE)
    },
  })
  return [{ ...place, dimension: 'clock', stand }]
}

/** `Intl` formats in the language of the machine where none is named, with or without `new`. */
const intlTraps = (): Trap[] =>
  INTL.flatMap((kind) => {
    const name = `Intl.${kind}`
    const place = placeOf(name)
    if (place === undefined) return []
    const given = ([locale, options]: unknown[], above: object): unknown[] => {
      const machine = isTrapped('locale', name, above)
      if (machine === undefined) return [locale, options]
      const timeZone = machine.differs('locale', name) ? OTHER_ZONE : 'UTC'
      const more = kind === 'DateTimeFormat' ? { timeZone, ...(options as object) } : options
      return [locale ?? localeOf(machine, name), more]
    }
    const stand = new Proxy(place.value, {
      construct(target, args: unknown[], newTarget) {
        return Reflect.construct(target, given(args, this.construct as object), newTarget) as object
      },
      apply(target, self, args: unknown[]) {
        return Reflect.apply(target, self, given(args, this.apply as object) as never)
      },
    })
    return [{ ...place, dimension: 'locale' as Dimension, stand }]
  })

export const localeTraps = (): Trap[] => [
  ...METHODS.flatMap(([path, make]) => {
    const place = placeOf(path)
    return place === undefined ? [] : [trapAt(place, 'locale', path.replace('.prototype', ''), make)]
  }),
  ...dateTrap(),
  ...intlTraps(),
]
