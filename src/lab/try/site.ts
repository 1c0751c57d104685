/** What stack traces are made with, where the engine lets one see the frames above a function only. */
interface Traces {
  captureStackTrace?(into: object, above: object): void
  stackTraceLimit?: number
}

const FRAME = /^\s*at (?:(.*?) \()?((?:file:|\/|[A-Za-z]:\\|https?:)[^()]*?):(\d+):(\d+)\)?$/

/** Where a function was called from, as `app.js:31:14`: the file's name without its folders. */
export const siteOf = (above: object): string | undefined => {
  const traces = Error as unknown as Traces
  const holder: { stack?: string } = {}
  const { stackTraceLimit } = traces
  traces.stackTraceLimit = 12
  traces.captureStackTrace?.(holder, above)
  if (stackTraceLimit !== undefined) traces.stackTraceLimit = stackTraceLimit
  for (const line of (holder.stack ?? '').split('\n')) {
    const frame = FRAME.exec(line)
    if (frame) return `${fileOf(frame[2] as string)}:${frame[3]}:${frame[4]}`
  }
  return undefined
}

const fileOf = (url: string): string => url.replace(/[?#].*$/, '').replace(/^.*[\\/]/, '')
