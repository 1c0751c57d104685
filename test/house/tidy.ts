import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import {
  allOf,
  type Finding,
  filesBelow,
  findingAt,
  importsOf,
  isNode,
  type Node,
  readSources,
  type Source,
} from './source.ts'

const LINES_MAX = 400

/** Files of src that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {}

/** In pieces, so that this file does not contain what it looks for. */
const WORDS: readonly { readonly word: RegExp; readonly message: string }[] = [
  {
    word: new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|XX${'X'})\\b`),
    message: 'do it, or say in docs that it is open',
  },
  { word: new RegExp(`(^|[\\s"'\`(=:])/(wo${'rk'}|ro${'ot'}|ho${'me'})/`), message: 'a path of one machine' },
  { word: new RegExp(`\\.\\./sha${'red'}\\b`), message: 'a path outside the project' },
  { word: new RegExp(`@ts-(ign${'ore'}|noch${'eck'})`), message: 'the types are silenced: mend them' },
]

/** Words that no file of the project may hold. */
export const wordsIn = (file: { path: string; text: string }): Finding[] =>
  WORDS.flatMap(({ word, message }) =>
    [...file.text.matchAll(new RegExp(word, 'gm'))].map((match) =>
      findingAt(file, match.index, 'word', `${match[0].trim()}: ${message}`),
    ),
  )

export const tooLong = (file: { path: string; text: string }, allowed = LONGER): Finding[] => {
  const lines = file.text.split('\n').length - 1
  if (lines > LINES_MAX && !allowed[file.path])
    return [findingAt(file, 0, 'long', `${lines} lines, of ${LINES_MAX} at most: part it by what it holds`)]
  if (lines <= LINES_MAX && allowed[file.path])
    return [findingAt(file, 0, 'long', 'is allowed to be longer and no longer needs it')]
  return []
}

export const anyTypes = (source: Source): Finding[] =>
  [...allOf(source.program)]
    .filter((node) => node.type === 'TSAnyKeyword')
    .map((node) => findingAt(source, node.start, 'any', 'any: say what it is, or unknown'))

const TESTS = new Set(['test', 'it', 'describe', 'suite', 'bench'])
const LEFT_OUT = new Set(['only', 'skip', 'todo', 'skipIf', 'runIf'])

/** Where `describe.concurrent.only` starts: `describe`. */
const rootOf = (node: Node): unknown =>
  node.type === 'MemberExpression' && isNode(node.object) ? rootOf(node.object) : node.name

/** Tests that are left out, or that leave out all others. */
export const leftOut = (source: Source): Finding[] =>
  [...allOf(source.program)].flatMap((node) => {
    if (node.type !== 'MemberExpression' || !isNode(node.property)) return []
    const name = String(node.property.name)
    if (!LEFT_OUT.has(name) || !TESTS.has(String(rootOf(node)))) return []
    return [findingAt(source, node.property.start, 'left out', `.${name}: every test runs, everywhere`)]
  })

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
}

/** All the files that `exports` and `bin` of a package name. */
const filesNamed = (value: unknown): string[] => {
  if (typeof value === 'string') return [posix.normalize(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(filesNamed) : []
}

/** The source of a built file. */
const sourceOf = (built: string): string | undefined =>
  /^dist\/(.+?)(\.d\.ts|\.js)$/.exec(built)?.[1]?.replace(/^/, 'src/').concat('.ts')

/** Doors of the package that open on nothing. */
export const missingDoors = (
  manifest: { path: string; text: string },
  doors: readonly string[],
  has: (path: string) => boolean,
): Finding[] =>
  doors
    .filter((door) => !has(door))
    .map((door) => findingAt(manifest, 0, 'door', `${door} does not exist, but its built form is named here`))

/** Links of a page, pictures included, that lead to no file. What stands in a comment is not there yet. */
export const brokenLinks = (
  page: { path: string; text: string },
  has: (path: string) => boolean,
): Finding[] => {
  const text = page.text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '))
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].flatMap(({ index, 1: link = '' }) => {
    if (/^\w+:/.test(link) || has(posix.join(posix.dirname(page.path), link))) return []
    return [findingAt(page, index, 'link', `${link} leads nowhere`)]
  })
}

/** Files that nothing reaches: neither the package's doors nor a test. */
export const dead = (sources: readonly Source[], roots: readonly string[]): Finding[] => {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>()
  const reach = (path: string): void => {
    const source = byPath.get(path)
    if (!source || reached.has(path)) return
    reached.add(path)
    for (const next of importsOf(source)) if (next.path) reach(next.path)
  }
  for (const root of roots) reach(root)
  return sources
    .filter((source) => !reached.has(source.path))
    .map((source) => findingAt(source, 0, 'dead', 'nothing reaches this file: neither an export nor a test'))
}

/** Packages that are imported by what is published and would not be installed with it. */
export const missingDependencies = (sources: readonly Source[], manifest: Package): Finding[] => {
  const installed = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
  return sources.flatMap((source) =>
    importsOf(source).flatMap(({ name, offset, path }) => {
      if (path !== undefined || name.startsWith('node:') || builtinModules.includes(name)) return []
      // A file that the command line names is no package.
      if (name === '(computed)' && source.path.startsWith('src/cli/')) return []
      const parts = name.split('/')
      const packageName = parts.slice(0, name.startsWith('@') ? 2 : 1).join('/')
      if (installed.has(packageName)) return []
      return [findingAt(source, offset, 'dependency', `${packageName} is not among the dependencies`)]
    }),
  )
}

/** Packages for other platforms that the lock file leaves out: a clean install fails there, or everywhere. */
export const missingFromLock = (file: { path: string; text: string }): Finding[] => {
  const lock = JSON.parse(file.text) as {
    packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }>
  }
  const locked = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')))
  return Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies)
      .filter((name) => !locked.has(name))
      .map((name) =>
        findingAt(file, file.text.indexOf(`"${name}"`), 'lock', `${name} is named and not locked`),
      ),
  )
}

const TEXT = /\.(ts|mjs|js|json|md|txt|html|css|gd|c|h|sh|svg|yml)$|^run$/
const FOLDERS = ['src', 'test', 'docs', 'examples', '.ci']
const ROOT_FILES = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'biome.json',
  'vitest.config.ts',
  'vitest.pages.config.ts',
  'tsconfig.json',
]

export const checkTidy = (root: string): Finding[] => {
  const read = (path: string) => ({ path, text: readFileSync(posix.join(root, path), 'utf8') })
  const folders = FOLDERS.filter((folder) => existsSync(posix.join(root, folder)))
  const texts = [...ROOT_FILES, ...folders.flatMap((folder) => filesBelow(root, folder, TEXT))].map(read)
  const sources = readSources(root, 'src')
  const tests = readSources(root, 'test')
  const manifestFile = read('package.json')
  const manifest = JSON.parse(manifestFile.text) as Package
  const doors = filesNamed([manifest.exports, manifest.bin]).flatMap((built) => sourceOf(built) ?? [])
  const has = (path: string) => existsSync(posix.join(root, path))
  const testPaths = tests.map((test) => test.path)

  return [
    ...texts.flatMap(wordsIn),
    ...texts.filter(({ path }) => path.endsWith('.md')).flatMap((page) => brokenLinks(page, has)),
    ...sources.flatMap((source) => tooLong(source)),
    ...[...sources, ...tests].flatMap(anyTypes),
    ...tests.flatMap(leftOut),
    ...dead([...sources, ...tests], [...doors, ...testPaths]).filter(({ path }) => path.startsWith('src/')),
    ...missingDoors(manifestFile, doors, has),
    ...missingDependencies(sources, manifest),
    ...missingFromLock(read('package-lock.json')),
  ]
}
