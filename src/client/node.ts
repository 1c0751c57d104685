import { dial } from '../transport/dial.ts'
import { type Connect, connectBy } from './connect.ts'

/** Take part in a session, over whatever its address says: ws, wss, tcp, udp. */
export const connect: Connect = connectBy(dial)
