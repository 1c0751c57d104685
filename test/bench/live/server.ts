import { createServer, type Server, type ServerSettings } from '../../../src/server/server.ts'
import { Link } from '../../../src/transport/link.ts'
import { answers, type Counted, usage } from './child.ts'

/** The server, in a process of its own. */
let server: Server | undefined

/** Every message that comes or leaves, counted where all transports pass. */
let messages = 0
const { send, arrived } = Link.prototype
Link.prototype.send = function (message) {
  messages++
  return send.call(this, message)
}
Link.prototype.arrived = function (message) {
  messages++
  arrived.call(this, message)
}

answers({
  open: async (settings: ServerSettings) => {
    server = await createServer(settings)
    return server.addresses
  },
  usage,
  counted: (): Counted => {
    let events = 0
    for (const { sequencer } of server?.sessions.all() ?? []) events += sequencer.stats.events
    return { used: usage(), messages, events }
  },
})
