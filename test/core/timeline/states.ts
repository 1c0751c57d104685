import fc from 'fast-check'

/**
 * Random states, as plans: what a plan builds twice is structurally equal and shares nothing. A plan may refer
 * to what was built before it, so that states have objects in two places, cycles and views of one buffer.
 */
export type Plan =
  | { readonly kind: 'plain'; readonly value: unknown }
  | { readonly kind: 'object' | 'bare'; readonly entries: readonly (readonly [string, Plan])[] }
  | { readonly kind: 'array' | 'set'; readonly items: readonly Plan[] }
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [Plan, Plan])[] }
  | {
      readonly kind: 'view'
      readonly view: ViewName
      readonly bytes: readonly number[]
      readonly skip: number
    }
  | { readonly kind: 'buffer'; readonly bytes: readonly number[]; readonly parts: readonly Part[] }
  | { readonly kind: 'again'; readonly which: number }
  | { readonly kind: 'hole' }

/** A view of some bytes of a buffer, or the buffer itself. No floats: what bits a NaN has is told elsewhere. */
interface Part {
  readonly view: ViewName | 'ArrayBuffer'
  readonly at: number
}

const VIEWS = {
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
}
type ViewName = keyof typeof VIEWS
const VIEW_NAMES = Object.keys(VIEWS) as ViewName[]

const plain = fc.oneof(
  { arbitrary: fc.integer(), weight: 3 },
  { arbitrary: fc.double(), weight: 3 },
  fc.boolean(),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom(
    null,
    undefined,
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    '\ud800',
    2 ** 31,
    -(2 ** 31),
  ),
)

const key = fc.oneof(
  fc.constantFrom('x', 'y', 'hp', 'name', '0', '1', '10', 'constructor', 'toString', ''),
  fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__'),
)

export const plans: fc.Arbitrary<Plan> = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: plain.map((value): Plan => ({ kind: 'plain', value })), weight: 4 },
    {
      arbitrary: fc.record({
        kind: fc.constantFrom('object' as const, 'object' as const, 'bare' as const),
        entries: fc.uniqueArray(fc.tuple(key, tie('plan')), { selector: ([name]) => name, maxLength: 5 }),
      }),
      weight: 3,
    },
    {
      arbitrary: fc.record({
        kind: fc.constant('array' as const),
        items: fc.array(
          fc.oneof({ arbitrary: tie('plan'), weight: 9 }, fc.constant<Plan>({ kind: 'hole' })),
          { maxLength: 5 },
        ),
      }),
      weight: 3,
    },
    fc.record({ kind: fc.constant('set' as const), items: fc.array(tie('plan'), { maxLength: 4 }) }),
    fc.record({
      kind: fc.constant('map' as const),
      pairs: fc.array(fc.tuple(tie('plan'), tie('plan')), { maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('view' as const),
      view: fc.constantFrom(...VIEW_NAMES),
      bytes: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 24 }),
      skip: fc.constantFrom(0, 0, 8),
    }),
    fc.record({
      kind: fc.constant('buffer' as const),
      bytes: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 16 }),
      parts: fc.array(
        fc.record({
          view: fc.constantFrom(
            'ArrayBuffer' as const,
            'Uint8Array' as const,
            'Int16Array' as const,
            'Uint32Array' as const,
          ),
          at: fc.constantFrom(0, 4, 8),
        }),
        { maxLength: 4 },
      ),
    }),
    fc.record({ kind: fc.constant('again' as const), which: fc.nat({ max: 8 }) }),
  ),
})).plan

/** A plan with its nth part replaced by another: states that are nearly the same. */
export const changed = (plan: Plan, n: number, other: Plan): Plan => {
  let left = n
  const at = (part: Plan): Plan => {
    if (left-- === 0) return other
    switch (part.kind) {
      case 'object':
      case 'bare':
        return {
          ...part,
          entries: part.entries.map(([name, item]) => [left-- === 0 ? `${name}'` : name, at(item)]),
        }
      case 'array':
      case 'set':
        return { ...part, items: part.items.map(at) }
      case 'map':
        return { ...part, pairs: part.pairs.map(([from, to]) => [at(from), at(to)]) }
      case 'view':
        return left-- === 0
          ? { ...part, bytes: part.bytes.map((byte, i) => (i === n % 16 ? byte ^ 1 : byte)) }
          : part
      case 'buffer':
        return left-- === 0
          ? { ...part, bytes: part.bytes.map((byte, i) => (i === n % 16 ? byte ^ 1 : byte)) }
          : part
      default:
        return part
    }
  }
  return at(plan)
}

/** What a plan describes: always new. */
export const build = (plan: Plan): unknown => new Builder().build(plan)

class Builder {
  private readonly built: object[] = []

  build(plan: Plan): unknown {
    switch (plan.kind) {
      case 'plain':
        return plan.value
      case 'hole':
        return undefined
      case 'again':
        return this.built.length === 0 ? null : this.built[plan.which % this.built.length]
      case 'object':
      case 'bare': {
        const object = this.keep(plan.kind === 'bare' ? Object.create(null) : {}) as Record<string, unknown>
        for (const [name, item] of plan.entries) object[name] = this.build(item)
        return object
      }
      case 'array': {
        const array = this.keep<unknown[]>([])
        for (const item of plan.items) {
          if (item.kind === 'hole') array.length++
          else array.push(this.build(item))
        }
        return array
      }
      case 'set': {
        const set = this.keep(new Set<unknown>())
        for (const item of plan.items) set.add(this.build(item))
        return set
      }
      case 'map': {
        const map = this.keep(new Map<unknown, unknown>())
        for (const [from, to] of plan.pairs) map.set(this.build(from), this.build(to))
        return map
      }
      case 'buffer': {
        const { buffer } = Uint8Array.from(plan.bytes)
        const array = this.keep<unknown[]>([])
        for (const { view, at } of plan.parts)
          array.push(view === 'ArrayBuffer' ? buffer : new (VIEWS[view] as typeof Uint8Array)(buffer, at, 1))
        return array
      }
      case 'view': {
        const bytes = Uint8Array.from(plan.bytes.slice(0, 16 + (plan.bytes.length >= 24 ? 8 : 0)))
        return this.keep(
          new (VIEWS[plan.view] as new (buffer: ArrayBuffer, at: number) => object)(bytes.buffer, plan.skip),
        )
      }
    }
  }

  private keep<T extends object>(value: T): T {
    this.built.push(value)
    return value
  }
}

const bits = new DataView(new ArrayBuffer(8))

const numberText = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN'
  bits.setFloat64(0, value)
  return bits.getBigUint64(0).toString(16)
}

/**
 * A state as text, written by another hand than the product's and slow on purpose: two states have the same text
 * exactly if no program can tell them apart.
 */
export const textOf = (value: unknown, met: Map<unknown, number> = new Map()): string => {
  if (typeof value === 'number') return `n${numberText(value)}`
  if (typeof value === 'string') return `s${JSON.stringify(value)}`
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`
  const before = met.get(value)
  if (before !== undefined) return `^${before}`
  met.set(value, met.size)
  const sub = (item: unknown) => textOf(item, met)
  if (Array.isArray(value))
    return `[${Array.from({ length: value.length }, (_, i) => (i in value ? sub(value[i]) : 'hole')).join()}]`
  if (value instanceof Map) return `M{${[...value].map(([k, v]) => `${sub(k)}=>${sub(v)}`).join()}}`
  if (value instanceof Set) return `S{${[...value].map(sub).join()}}`
  if (value instanceof ArrayBuffer) return `B${[...new Uint8Array(value)].join()}`
  if (ArrayBuffer.isView(value)) {
    const view = value as Float64Array
    const buffer = met.get(view.buffer)
    if (buffer === undefined) met.set(view.buffer, met.size)
    const all =
      value instanceof DataView ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : view
    const rest = [...new Uint8Array(view.buffer)].filter(
      (_, i) => i < view.byteOffset || i >= view.byteOffset + view.byteLength,
    )
    const items = [...all].map((item) => (typeof item === 'bigint' ? `${item}n` : numberText(item)))
    return `V${value.constructor.name}@${view.byteOffset}/${buffer}:${items.join()};${buffer === undefined ? rest.join() : ''}`
  }
  const kind = Object.getPrototypeOf(value) === null ? 'O' : ''
  return `${kind}{${Object.keys(value)
    .map((name) => `${JSON.stringify(name)}:${sub((value as Record<string, unknown>)[name])}`)
    .join()}}`
}
