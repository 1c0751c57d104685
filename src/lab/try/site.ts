/** What stack traces are made with, where the engine lets one see the frames above a function only. */
interface Traces {
  captureStackTrace?(into: object, above: object): void
  stackTraceLimit?: number
}

const FRAME = /^\s*at (?:(.*?) \()?((?:file:|\/|[A-Za-z]:\\|https?:)[^()]*?):(\d+):(\d+)\)?$/

/** Where a function was called from, as `app.js:31:14`: the file's name without its folders. */
export const siteOf = (above: object): string | undefined => {
  for (const [file, line, column] of framesOf(above, 12)) return `${nameOf(file)}:${line}:${column}`
  return undefined
}

/** The folder of this library's own modules. */
const OWN = new URL('../..', import.meta.url).href

/** Where in an application's own files, whoever it called on the way; undefined if it was none of them. */
export const siteInApp = (above: object): string | undefined => {
  for (const [file, line, column] of framesOf(above, 40))
    if (!file.includes('/node_modules/') && !`file://${file.replace(/^file:\/\//, '')}`.startsWith(OWN))
      return `${nameOf(file)}:${line}:${column}`
  return undefined
}

function* framesOf(above: object, depth: number): Generator<[file: string, line: string, column: string]> {
  const traces = Error as unknown as Traces
  const holder: { stack?: string } = {}
  const { stackTraceLimit } = traces
  traces.stackTraceLimit = depth
  traces.captureStackTrace?.(holder, above)
  const { stack = '' } = holder
  if (stackTraceLimit !== undefined) traces.stackTraceLimit = stackTraceLimit
  for (const line of stack.split('\n')) {
    const frame = FRAME.exec(line)
    if (frame) yield [frame[2] as string, frame[3] as string, frame[4] as string]
  }
}

const nameOf = (url: string): string => url.replace(/[?#].*$/, '').replace(/^.*[\\/]/, '')
