import { childrenOf, isNode, type Node, parse } from '../house/source.ts'

/** Where the counters of a program that was built to be fuzzed are: one for each way that it can take. */
export const EDGES_MAX = 16_384
export const EDGES = '__edges'

/**
 * The source with a counter on every way that it can take: each block, each branch of a condition, each right
 * side of `&&`, `||` and `??`, each case. `first` is the number of the first counter.
 */
export const instrumented = (
  path: string,
  text: string,
  first: number,
): { readonly code: string; readonly count: number } => {
  const opens = new Map<number, string>()
  const closes = new Map<number, string>()
  let count = 0
  const at = (into: Map<number, string>, offset: number, what: string): void =>
    void into.set(offset, (into.get(offset) ?? '') + what)
  const counter = (): string => `${EDGES}[${first + count++}]++`

  const wrap = (node: unknown, before: (count: string) => string, after: string): (() => void) => {
    if (!isNode(node)) return () => undefined
    at(opens, node.start, before(counter()))
    return () => at(closes, node.end, after)
  }
  const asValue = (node: unknown): (() => void) => wrap(node, (c) => `(${c},`, ')')
  const asStatement = (node: unknown): (() => void) =>
    isNode(node) && node.type === 'BlockStatement' ? () => undefined : wrap(node, (c) => `{${c};`, '}')

  const visit = (node: Node, parentWraps?: () => void): void => {
    const wraps = new Map<unknown, () => void>()
    for (const [child, how] of branchesOf(node))
      wraps.set(child, how === 'value' ? asValue(child) : asStatement(child))
    if (node.type === 'BlockStatement') at(opens, node.start + 1, `${counter()};`)
    if (node.type === 'SwitchCase' && Array.isArray(node.consequent) && isNode(node.consequent[0]))
      at(opens, node.consequent[0].start, `${counter()};`)
    for (const child of childrenOf(node)) visit(child, wraps.get(child))
    parentWraps?.()
  }
  visit(parse(path, text).program)

  let code = ''
  let from = 0
  for (const offset of [...new Set([...opens.keys(), ...closes.keys()])].sort((a, b) => a - b)) {
    code += text.slice(from, offset) + (closes.get(offset) ?? '') + (opens.get(offset) ?? '')
    from = offset
  }
  return { code: `const ${EDGES} = globalThis.${EDGES};${code}${text.slice(from)}`, count }
}

type How = 'value' | 'statement'

/** The parts of a node that are run or not run. */
const branchesOf = (node: Node): (readonly [unknown, How])[] => {
  switch (node.type) {
    case 'ConditionalExpression':
      return [
        [node.consequent, 'value'],
        [node.alternate, 'value'],
      ]
    case 'LogicalExpression':
      return [[node.right, 'value']]
    case 'IfStatement':
      return [
        [node.consequent, 'statement'],
        [node.alternate, 'statement'],
      ]
    case 'ForStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'WhileStatement':
      return [[node.body, 'statement']]
    case 'ArrowFunctionExpression':
      return isNode(node.body) && node.body.type !== 'BlockStatement' ? [[node.body, 'value']] : []
    default:
      return []
  }
}
