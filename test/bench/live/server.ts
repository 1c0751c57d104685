import { createServer, type Server, type ServerSettings } from '../../../src/server/server.ts'
import { answers, usage } from './child.ts'

/** The server, in a process of its own. */
let server: Server | undefined

answers({
  open: async (settings: ServerSettings) => {
    server = await createServer(settings)
    return server.addresses
  },
  usage,
  /** What all its sessions have counted. */
  counted: () => {
    const sum = { events: 0, rounds: 0, grants: 0 }
    for (const { sequencer } of server?.sessions.all() ?? []) {
      sum.events += sequencer.stats.events
      sum.rounds += sequencer.stats.rounds
      sum.grants += sequencer.stats.grants
    }
    return sum
  },
})
