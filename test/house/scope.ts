import { childrenOf, isNode, type Node } from './source.ts'

/**
 * Which names a file uses without having declared them: what it takes from the world around it. A local
 * variable that shares its name with a global is no such use, a property or a type of that name neither.
 */
export const freeNames = (program: Node): Node[] => {
  const free: Node[] = []
  visit(program, { names: new Set(), outer: undefined }, free)
  return free
}

interface Scope {
  readonly names: Set<string>
  readonly outer: Scope | undefined
}

const inside = (outer: Scope): Scope => ({ names: new Set(), outer })

const isBound = (name: string, scope: Scope | undefined): boolean =>
  scope !== undefined && (scope.names.has(name) || isBound(name, scope.outer))

const nodeAt = (node: Node, key: string): Node | undefined => {
  const value = node[key]
  return isNode(value) ? value : undefined
}

const nodesAt = (node: Node, key: string): Node[] => {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The keys under which types, labels and modifiers hang: names there are not values. */
const NOT_VALUES = new Set([
  'typeAnnotation',
  'typeParameters',
  'typeArguments',
  'superTypeArguments',
  'returnType',
  'implements',
  'label',
])

/** The nodes of TypeScript that hold a value; all others are types. */
const HOLDS_VALUE = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSParameterProperty',
  'TSExportAssignment',
])

const OPENS_SCOPE = new Set([
  'Program',
  'BlockStatement',
  'StaticBlock',
  'SwitchStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'CatchClause',
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
])

/** Bind all names of a pattern such as `{ a, b: [c] = d, ...e }`. */
const bindPattern = (pattern: Node | undefined, scope: Scope): void => {
  if (!pattern) return
  switch (pattern.type) {
    case 'Identifier':
      scope.names.add(pattern.name as string)
      return
    case 'AssignmentPattern':
      return bindPattern(nodeAt(pattern, 'left'), scope)
    case 'RestElement':
      return bindPattern(nodeAt(pattern, 'argument'), scope)
    case 'TSParameterProperty':
      return bindPattern(nodeAt(pattern, 'parameter'), scope)
    case 'Property':
      return bindPattern(nodeAt(pattern, 'value'), scope)
    case 'ObjectPattern':
      for (const property of nodesAt(pattern, 'properties')) bindPattern(property, scope)
      return
    case 'ArrayPattern':
      for (const element of nodesAt(pattern, 'elements')) bindPattern(element, scope)
  }
}

/** Bind what a statement declares in the scope that it stands in. */
const bindDeclared = (statement: Node | undefined, scope: Scope): void => {
  if (!statement) return
  switch (statement.type) {
    case 'VariableDeclaration':
      for (const one of nodesAt(statement, 'declarations')) bindPattern(nodeAt(one, 'id'), scope)
      return
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return bindPattern(nodeAt(statement, 'id'), scope)
    case 'ImportDeclaration':
      for (const one of nodesAt(statement, 'specifiers')) bindPattern(nodeAt(one, 'local'), scope)
      return
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return bindDeclared(nodeAt(statement, 'declaration'), scope)
  }
}

/** Bind all that a scope holds before anything in it is read: a function may be used above its line. */
const bindScope = (node: Node, scope: Scope): void => {
  for (const statement of nodesAt(node, 'body')) bindDeclared(statement, scope)
  for (const key of ['init', 'left']) bindDeclared(nodeAt(node, key), scope)
  for (const branch of nodesAt(node, 'cases'))
    for (const statement of nodesAt(branch, 'consequent')) bindDeclared(statement, scope)
  for (const parameter of nodesAt(node, 'params')) bindPattern(parameter, scope)
  bindPattern(nodeAt(node, 'param'), scope)
  if (node.type.startsWith('Function') || node.type.startsWith('Class'))
    bindPattern(nodeAt(node, 'id'), scope)
}

const visit = (node: Node, outer: Scope, free: Node[]): void => {
  if (node.type.startsWith('TS') && !HOLDS_VALUE.has(node.type)) return
  if (node.type === 'ImportDeclaration' || node.type === 'ExportSpecifier') return
  if (node.type === 'MetaProperty') return
  if (node.type === 'Identifier') {
    if (!isBound(node.name as string, outer)) free.push(node)
    return
  }
  const scope = OPENS_SCOPE.has(node.type) ? inside(outer) : outer
  if (scope !== outer) bindScope(node, scope)
  // `a.b`, `{ b: a }` and `class { b = a }`: `b` is a name of nothing, unless it stands in brackets.
  const isName = (key: string) => node.computed !== true && (key === 'property' || key === 'key')
  for (const child of childrenOf(node, (key) => NOT_VALUES.has(key) || isName(key))) visit(child, scope, free)
}
