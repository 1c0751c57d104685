import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseSync } from 'rolldown/utils'

/** A node of the syntax tree, in the form of ESTree; what else it holds depends on its type. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface Source {
  /** From the root of the project, with slashes. */
  readonly path: string
  readonly text: string
  readonly program: Node
}

/** What is wrong, where, and which rule says so. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly rule: string
  readonly message: string
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** Every node right below this one, but for those under the keys that are passed over. */
export function* childrenOf(node: Node, passedOver?: (key: string) => boolean): Generator<Node> {
  for (const key in node) {
    const value = node[key]
    if (typeof value !== 'object' || value === null || passedOver?.(key)) continue
    if (isNode(value)) yield value
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) yield item
  }
}

/** This node and all below it, in their order: of a project there are a million. */
export function* allOf(node: Node): Generator<Node> {
  const ahead = [node]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    yield next
    const from = ahead.length
    for (const child of childrenOf(next)) ahead.push(child)
    // The first of them is to come next.
    for (let i = from, j = ahead.length - 1; i < j; i++, j--) {
      const other = ahead[i] as Node
      ahead[i] = ahead[j] as Node
      ahead[j] = other
    }
  }
}

export const parse = (path: string, text: string): Source => {
  const { program, errors } = parseSync(path, text, { sourceType: 'module' })
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  return { path, text, program: program as unknown as Node }
}

/**
 * The files below a folder whose names end so, sorted, so that findings come in one order everywhere. What an
 * example has installed is none of the project's.
 */
export const filesBelow = (root: string, folder: string, ending: RegExp): string[] =>
  readdirSync(posix.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(root, path, ending)
      return ending.test(entry.name) ? [path] : []
    })
    .sort()

export const readSources = (root: string, folder: string): Source[] =>
  filesBelow(root, folder, /\.ts$/).map((path) => parse(path, readFileSync(posix.join(root, path), 'utf8')))

/** A finding at an offset into a text. */
export const findingAt = (
  source: { readonly path: string; readonly text: string },
  offset: number,
  rule: string,
  message: string,
): Finding => {
  const before = source.text.slice(0, offset)
  const line = before.split('\n').length
  return { path: source.path, line, column: offset - before.lastIndexOf('\n'), rule, message }
}

export const describe = (finding: Finding): string =>
  `${finding.path}:${finding.line}:${finding.column}  ${finding.rule}  ${finding.message}`

export interface Import {
  /** As written. */
  readonly name: string
  readonly offset: number
  /** Where it leads, from the root of the project; undefined for a package or a module of Node's. */
  readonly path: string | undefined
}

const IMPORTERS = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
  'TSExternalModuleReference',
])

/** Whatever a file takes from elsewhere, types included: a type that comes through a wall is a dependency too. */
export const importsOf = (source: Source): Import[] => {
  const found: Import[] = []
  for (const node of allOf(source.program)) {
    if (!IMPORTERS.has(node.type)) continue
    const from = node.source ?? node.expression
    if (!isNode(from)) continue
    const name = typeof from.value === 'string' ? from.value : '(computed)'
    const path = name.startsWith('.') ? posix.join(posix.dirname(source.path), name) : undefined
    found.push({ name, offset: node.start, path })
  }
  return found.sort((a, b) => a.offset - b.offset)
}
