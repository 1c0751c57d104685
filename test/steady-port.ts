import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/**
 * Below all that systems hand out by themselves: Linux from 32,768 on, others from 49,152. And above all that browsers
 * will not open.
 */
const [FIRST, PAIRS] = [20_000, 6_000]

const host = '127.0.0.1'

/** A server at this port, or none if it is not free. */
const held = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host }, () => resolve(server))
  })

const isFree = async (port: number): Promise<boolean> => {
  const server = await held(port)
  if (server === undefined) return false
  server.close()
  await once(server, 'close')
  const socket = createSocket('udp4')
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind({ port, address: host }, () => socket.close(() => resolve(true)))
  })
}

/**
 * A port for who ends and listens there again, be it by TCP or by UDP. One that the system chose (port 0) is handed to
 * the next who asks for any as soon as it is free, and in other processes many do: this one is given to nobody who does
 * not name it. Nor does anybody else get it here: the port after it is held for as long as this process lives, and who
 * cannot hold that one looks farther.
 */
export const steadyPort = async (): Promise<number> => {
  for (;;) {
    const port = FIRST + 2 * Math.floor(Math.random() * PAIRS)
    const sign = await held(port + 1)
    if (sign === undefined) continue
    if (await isFree(port)) {
      sign.unref()
      return port
    }
    sign.close()
  }
}
