import { type Bridge, type BridgeEvent, type BridgeSettings, createBridge } from '../../src/bridge/index.ts'
import { connectBy } from '../../src/client/connect.ts'
import { createServer, type Server, type ServerSettings } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'

export const connect = connectBy(dial)
export const servers: Server[] = []
const bridges: Bridge[] = []
/** After each test: everything that it has opened is closed. */
export const closeAll = async (): Promise<void> => {
  for (const bridge of bridges.splice(0)) await bridge.close()
  for (const server of servers.splice(0)) await server.close()
}

interface Place {
  readonly url: string
  readonly port: number
  readonly bridge: Bridge
  readonly events: BridgeEvent[]
}

export const open = async (
  settings: Partial<BridgeSettings> = {},
  server: ServerSettings = { discipline: 'horizon' },
): Promise<Place> => {
  const served = await createServer(server)
  servers.push(served)
  const url = `${served.addresses[0]}/lesson`
  const events: BridgeEvent[] = []
  const bridge = await createBridge({
    server: url,
    ports: [0],
    onEvent: (event) => events.push(event),
    ...settings,
  })
  bridges.push(bridge)
  return { url, bridge, port: bridge.ports[0] as number, events }
}
