import { dial } from '../transport/dial.ts'
import { type Connect, connectBy } from './connect.ts'
import { midBy } from './mid.ts'

/** Take part in a session, over whatever its address says: ws, wss, tcp, udp. */
export const connect: Connect = connectBy(dial)

export const { mid_connect, mid_wait, mid_emit, mid_disconnect } = midBy(connect)
