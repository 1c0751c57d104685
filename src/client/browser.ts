import { dial } from '../transport/dial-browser.ts'
import { type Connect, connectBy } from './connect.ts'

/** Take part in a session, over a WebSocket: browsers have no other way. */
export const connect: Connect = connectBy(dial)
