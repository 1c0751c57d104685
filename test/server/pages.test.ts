import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPages } from '../../src/server/pages.ts'

let folder: string
let server: Server
let origin: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sametick-pages-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Here</title>')
  await writeFile(join(folder, 'demo.js'), `export const text = '${'x'.repeat(2_000)}'`)
  await writeFile(join(folder, 'secret.key'), 'nobody may read this')
  await mkdir(join(folder, 'inner'))
  await writeFile(join(folder, 'inner', 'index.html'), '<!doctype html><title>Inside</title>')
  await writeFile(join(folder, 'inner', 'page.css'), 'p { margin: 0 }')
  const pages = await readPages(folder, { '/info.json': () => ({ open: false }) })
  server = createServer(pages)
  // Who asks again by the same connection, however late, finds it open: it is closed at the end.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
  await rm(folder, { recursive: true })
})

/** Asks for a path as it is, which no fetch does. */
const ask = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1', () =>
      socket.end(`GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n`),
    )
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })

describe('pages', () => {
  test('are given with their type, and may take nothing from elsewhere', async () => {
    const answer = await fetch(`${origin}/?from=anywhere`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('<title>Here')
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('may lie in folders, each with a page of its own', async () => {
    for (const path of ['/inner/', '/inner/index.html', '/inner'])
      expect(await (await fetch(origin + path)).text()).toContain('<title>Inside')
    expect(await ask('/inner')).toMatch(/^HTTP\/1\.1 308 .*\r\nLocation: \/inner\/\r\n/s)
    expect((await fetch(`${origin}/inner/page.css`)).status).toBe(200)
  })

  test('are asked for again each time, and sent once', async () => {
    const first = await fetch(`${origin}/demo.js`)
    const tag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toBe('no-cache')
    expect(first.headers.get('content-encoding')).toBe('gzip')
    expect((await first.text()).length).toBeGreaterThan(2_000)
    const again = await fetch(`${origin}/demo.js`, { headers: { 'If-None-Match': tag } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })

  test.each([
    '/secret.key',
    '/../secret.key',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/demo.js/',
    '/inner/../secret.key',
    '/inner//',
    '//etc/passwd',
    '/__proto__',
    '/constructor',
    'http://elsewhere/demo.css',
    '/%',
  ])('%s leads nowhere', async (path) => {
    expect(await ask(path)).toMatch(/^HTTP\/1\.1 404 /)
  })

  test('what the server says of itself is given as it is at that moment', async () => {
    const answer = await fetch(`${origin}/info.json`)
    expect(await answer.json()).toEqual({ open: false })
  })

  test('a look at the head gives no body, and nothing else can be done', async () => {
    const head = await fetch(`${origin}/demo.js`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const post = await fetch(`${origin}/`, { method: 'POST', body: 'x' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})
