import { dial } from '../transport/dial-browser.ts'
import { type Connect, connectBy } from './connect.ts'
import { midBy } from './mid.ts'

/** Take part in a session, over a WebSocket: browsers have no other way. */
export const connect: Connect = connectBy(dial)

export const { mid_connect, mid_wait, mid_emit, mid_disconnect } = midBy(connect)
