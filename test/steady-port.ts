import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below all that systems hand out by themselves: Linux from 32,768 on, others from 49,152. */
const [FIRST, COUNT] = [20_000, 12_000]

/**
 * A port for who ends and listens there again. One that the system chose (port 0) is handed to the next who asks for
 * any as soon as it is free, and in other processes many do: this one is given to nobody who does not name it.
 */
export const steadyPort = async (): Promise<number> => {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    const trying = createServer()
    const isFree = new Promise<boolean>((resolve) => {
      trying.once('error', () => resolve(false))
      trying.listen({ port, host: '127.0.0.1' }, () => resolve(true))
    })
    if (!(await isFree)) continue
    trying.close()
    await once(trying, 'close')
    return port
  }
}
