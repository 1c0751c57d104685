import { freeNames } from './scope.ts'
import { allOf, type Finding, findingAt, isNode, type Node, type Source } from './source.ts'

/**
 * What a pure file may use of the world around it: only what gives every engine the same bits from the same
 * arguments. The list names what is allowed, so that a global which did not exist yet is refused as well.
 */
const GLOBALS = new Set([
  ...['undefined', 'NaN', 'Infinity'],
  ...['Object', 'Array', 'String', 'Number', 'Boolean', 'BigInt', 'Symbol', 'RegExp', 'JSON', 'Math'],
  ...['Map', 'Set', 'WeakMap', 'WeakSet'],
  ...['Error', 'RangeError', 'TypeError', 'SyntaxError'],
  ...['ArrayBuffer', 'DataView', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array'],
  ...['Int8Array', 'Int16Array', 'Int32Array', 'Float32Array', 'Float64Array'],
  ...['BigInt64Array', 'BigUint64Array', 'TextEncoder', 'TextDecoder'],
])

/** The parts of `Math` that are exact everywhere. The others differ between engines in their last bit. */
const MATH = new Set([
  ...['abs', 'sign', 'ceil', 'floor', 'round', 'trunc', 'min', 'max', 'sqrt', 'fround', 'imul', 'clz32'],
  ...['E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'PI', 'SQRT1_2', 'SQRT2'],
])

const INSTEAD: Readonly<Record<string, string>> = {
  Date: 'time comes in as an argument',
  performance: 'time comes in as an argument',
  setTimeout: 'say so in nextWake()',
  setInterval: 'say so in nextWake()',
  setImmediate: 'say so in nextWake()',
  queueMicrotask: 'say so in nextWake()',
  Promise: 'messages go out as values, nothing is waited for',
  crypto: 'chance comes from a Random that was handed in',
  console: 'what the driver should know is a happening',
  process: 'settings come in as arguments',
  fetch: 'messages go out as values',
}

/** Real time and real chance: what a run in virtual time may not see, or no seed repeats it. */
const REAL = new Set([
  ...['Date', 'performance', 'crypto'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
])

const LOCALE = /^(localeCompare|toLocale[A-Z]\w*)$/

/** One thing that a pure file may not do, or undefined. */
const impurityOf = (node: Node): string | undefined => {
  if (
    node.declare === true &&
    /^(Variable|Function|Class|TSDeclareFunction|TSModule|TSGlobal)/.test(node.type)
  )
    return 'declares a name from outside'
  switch (node.type) {
    case 'AwaitExpression':
      return 'awaits: messages go out as values, nothing is waited for'
    case 'ForOfStatement':
      return node.await === true ? 'awaits: messages go out as values, nothing is waited for' : undefined
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.async === true ? 'is async: a machine answers before it returns' : undefined
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return String(node.operator).startsWith('**')
        ? 'uses **: its last bit differs between engines'
        : undefined
    case 'ImportExpression':
      return 'imports while it runs'
    case 'MetaProperty':
      return isNode(node.meta) && node.meta.name === 'import' ? 'uses import.meta' : undefined
    case 'MemberExpression': {
      const name = propertyOf(node)
      return name && LOCALE.test(name) ? `uses ${name}: it depends on the machine's locale` : undefined
    }
    default:
      return undefined
  }
}

/** The property that `a.b` and `a['b']` name; undefined when it is computed. */
const propertyOf = (member: Node): string | undefined => {
  const property = member.property as Node
  if (member.computed !== true) return property.name as string
  return typeof property.value === 'string' ? property.value : undefined
}

/** Everything by which a file would depend on more than its arguments. */
export const impuritiesOf = (source: Source): Finding[] => {
  const found: Finding[] = []
  const report = (node: Node, message: string) => found.push(findingAt(source, node.start, 'pure', message))

  const exactMath = new Set<Node>()
  for (const node of allOf(source.program)) {
    const impurity = impurityOf(node)
    if (impurity) report(node, impurity)
    const object = node.type === 'MemberExpression' ? (node.object as Node) : undefined
    if (object?.name === 'Math' && MATH.has(propertyOf(node) ?? '')) exactMath.add(object)
  }
  for (const node of freeNames(source.program)) {
    const name = node.name as string
    if (!GLOBALS.has(name)) report(node, `uses ${name}${INSTEAD[name] ? `: ${INSTEAD[name]}` : ''}`)
    else if (name === 'Math' && !exactMath.has(node)) report(node, mathAt(source, node))
  }
  return found
}

/** Everything by which a run in virtual time would depend on the machine that it runs on. */
export const realTimesOf = (source: Source): Finding[] => {
  const found: Finding[] = []
  for (const node of freeNames(source.program)) {
    const random = node.name === 'Math' && /^Math\s*\??\.\s*random\b/.test(source.text.slice(node.start))
    if (!random && !REAL.has(node.name as string)) continue
    const message = `uses ${random ? 'Math.random' : node.name}: time and chance come from the run's seed`
    found.push(findingAt(source, node.start, 'virtual', message))
  }
  return found
}

const mathAt = (source: Source, node: Node): string => {
  const name = /^Math(\.\w+)?/.exec(source.text.slice(node.start))?.[0] ?? 'Math'
  if (name === 'Math') return 'uses Math other than by the name of one of its functions'
  if (name === 'Math.random') return 'uses Math.random: chance comes from a Random that was handed in'
  return `uses ${name}: its last bit differs between engines`
}
