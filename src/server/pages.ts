import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** The files of the demo, beside this one once both are built. */
export const PAGE_FOLDER: string = fileURLToPath(new URL('../page/', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
}

/** A page may take everything from this server, and nothing from any other. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Asked for again each time, and answered without a body while it is the same.
  'Cache-Control': 'no-cache',
}

interface Page {
  readonly type: string
  readonly plain: Buffer
  readonly packed: Buffer
  readonly tag: string
}

const compress = promisify(gzip)

/**
 * Answers requests for the files of one folder, those below it included, and for what `more` gives by its path.
 * All files are read at the beginning: no request names anything on the disk.
 */
export const readPages = async (
  folder: string,
  more: Readonly<Record<string, () => unknown>> = {},
): Promise<RequestListener> => {
  const names = (await readdir(folder, { recursive: true })).filter((name) => extname(name) in TYPES)
  const pages = new Map<string, Page>()
  for (const name of names) {
    const path = `/${name.replaceAll(sep, '/')}`
    const page = await readPage(join(folder, name))
    pages.set(path, page)
    if (path.endsWith(INDEX)) pages.set(path.slice(0, 1 - INDEX.length), page)
  }

  return (request, answer) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer.writeHead(405, { ...HEADERS, Allow: 'GET, HEAD' }).end()
      return
    }
    const path = pathOf(request.url)
    const page = pages.get(path)
    if (page !== undefined) return give(request, answer, page)
    // What a page names beside itself is found only from within its folder.
    if (pages.has(`${path}/`)) {
      answer.writeHead(308, { ...HEADERS, Location: `${path}/` }).end()
      return
    }
    const value = Object.hasOwn(more, path) ? more[path] : undefined
    if (value === undefined) answer.writeHead(404, { ...HEADERS, 'Content-Type': TEXT }).end('Not here.\n')
    else answer.writeHead(200, { ...HEADERS, 'Content-Type': JSON_TYPE }).end(JSON.stringify(value()))
  }
}

const INDEX = '/index.html'
const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

const readPage = async (path: string): Promise<Page> => {
  const plain = await readFile(path)
  return {
    type: TYPES[extname(path)] as string,
    plain,
    packed: await compress(plain, { level: 9 }),
    tag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
  }
}

/** What is asked for, without its query. What cannot be read leads nowhere. */
const pathOf = (url = '/'): string => {
  try {
    return new URL(url, 'http://here').pathname
  } catch {
    return ''
  }
}

const give = (request: IncomingMessage, answer: ServerResponse, page: Page): void => {
  const headers = { ...HEADERS, ETag: page.tag, Vary: 'Accept-Encoding' }
  if (request.headers['if-none-match'] === page.tag) {
    answer.writeHead(304, headers).end()
    return
  }
  const isPacked = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const body = isPacked ? page.packed : page.plain
  answer.writeHead(200, {
    ...headers,
    'Content-Type': page.type,
    'Content-Length': body.length,
    ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
  })
  answer.end(request.method === 'HEAD' ? undefined : body)
}
