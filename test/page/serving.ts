import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Discipline } from '../../src/core/session/options.ts'
import { readPages } from '../../src/server/pages.ts'
import { createServer } from '../../src/server/server.ts'

export interface ServedPage {
  /** Where a browser finds it. */
  readonly url: string
  close(): Promise<void>
}

const BUILD = fileURLToPath(new URL('../../src/page/build.mjs', import.meta.url))

/** Builds the demo and serves it on loopback, with the sequencer of its sessions. */
export const servePage = async (port = 0): Promise<ServedPage> => {
  const folder = await mkdtemp(join(tmpdir(), 'sametick-page-'))
  await promisify(execFile)(execPath, [BUILD, folder])
  const pages = await readPages(folder, { '/info.json': () => ({ addresses: [], open: false }) })
  const server = await createServer({
    ws: port,
    pages,
    sessions: (name) => ({ discipline: disciplineOf(name) }),
  })
  const [address = ''] = server.addresses
  return {
    url: address.replace(/^ws/, 'http'),
    close: async () => {
      await server.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** A session's name says how it is run. */
const disciplineOf = (name: string): Discipline => {
  const last = name.slice(name.lastIndexOf('-') + 1)
  return last === 'gals' || last === 'horizon' ? last : 'auto'
}
