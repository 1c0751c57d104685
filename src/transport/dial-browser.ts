import { dialBy } from './schemes.ts'
import { dialBrowser } from './websocket-browser.ts'

/** The same for a page, which has WebSockets only. */
export const dial = dialBy({ ws: dialBrowser, wss: dialBrowser, http: dialBrowser, https: dialBrowser })
