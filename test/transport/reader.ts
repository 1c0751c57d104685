import { listenTcp } from '../../src/transport/tcp.ts'
import type { Listen } from '../../src/transport/transport.ts'
import { listenUdp } from '../../src/transport/udp.ts'
import { listenWebSocket } from '../../src/transport/websocket.ts'
import { valueIn } from './heard.ts'
import { limitsOf } from './limits.ts'

/**
 * A program of its own that listens and counts, so that a test can stop it: `reader.ts udp`. It says where it listens. An empty message is answered with how many came before it, and
 * whether each had the number that was due.
 */
const LISTENS: Readonly<Record<string, Listen>> = { tcp: listenTcp, ws: listenWebSocket, udp: listenUdp }
const [scheme = ''] = process.argv.slice(2)

const listen = LISTENS[scheme] as Listen
const listener = valueIn(
  await listen(`${scheme}://127.0.0.1:0`, {
    limits: limitsOf({ silence_max: 120_000_000 }),
    onConnection: (connection) => {
      let count = 0
      let isInOrder = true
      connection.attach({
        message: (bytes) => {
          if (bytes.length === 0) {
            connection.send(Uint8Array.of(count, count >> 8, count >> 16, isInOrder ? 1 : 0))
            return
          }
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
          isInOrder &&= view.getUint32(0) === count
          count++
        },
        closed: () => {},
      })
    },
  }),
)
console.log(listener.addresses[0])
// Who started it is gone.
process.stdin.on('end', () => process.exit()).resume()
