import { createServer, type Server } from 'sametick/server'
import { readPages } from '../../src/server/pages.ts'
import { pageNames } from './build.ts'

/** Where a server of the examples says that it is one, and which pages it has. */
export const ABOUT = '/examples.json'

export interface Where {
  readonly host?: string
  readonly port?: number
}

/** Serves the pages of a folder, and the sessions of all examples: each is created by the first who connects. */
export const serveExamples = async (folder: string, { host, port = 0 }: Where = {}): Promise<Server> => {
  const names = await pageNames()
  const pages = await readPages(folder, { [ABOUT]: () => ({ pages: names }) })
  return createServer({ ws: port, pages, ...(host === undefined ? {} : { host }) })
}

/** The page's address of a server, from the one at which instances connect. */
export const pageAt = (address: string, name = ''): string =>
  `${address.replace(/^ws/, 'http')}/${name === '' ? '' : `${name}/`}`
