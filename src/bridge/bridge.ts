import { type AddressInfo, createServer, type Server } from 'node:net'
import { errorOf, failureError } from '../driver/error.ts'
import { quiet } from '../driver/quiet.ts'
import { hostPort } from '../transport/address.ts'
import { dial as dialAny } from '../transport/dial.ts'
import { failureOf } from '../transport/system.ts'
import type { Dial } from '../transport/transport.ts'
import { type BridgeEvent, Guest, type ProgramView } from './guest.ts'
import { BRIDGE_LIMITS, type BridgeLimits } from './limits.ts'

export interface BridgeSettings {
  /** Where the session is: `ws://host:port/name`. A program of the local protocol may name another session there. */
  readonly server: string
  /** Ports for programs; any number of them may use one port. 0 finds a free one. */
  readonly ports?: readonly number[]
  /** The address to listen at: this machine only, unless told otherwise. */
  readonly host?: string
  /** Name and version of the application of programs that name none, as all those of the first protocol. */
  readonly app?: string
  /** If a program creates the session: start when so many have come, all together. */
  readonly instances?: number
  /** Programs that take requests go back so many ticks again and again, and must come to the same state. */
  readonly trial?: number
  readonly limits?: BridgeLimits
  readonly onEvent?: (event: BridgeEvent) => void
  readonly dial?: Dial
}

export interface Bridge {
  /** The ports that were really bound, in the order in which they were asked for. */
  readonly ports: readonly number[]
  /** The programs that take part, or are about to. */
  readonly programs: readonly ProgramView[]
  /** Every program is told, its instance leaves, and the ports are free again. */
  close(): Promise<void>
}

export const BRIDGE_PORT = 10_000
const LOOPBACK = '127.0.0.1'
/** What programs that name no application run: the paper's commands in every language. */
const APP = 'mid@1'

/** Serve programs of any language on local ports: each takes part in a session as an instance of its own. */
export const createBridge = (settings: BridgeSettings): Promise<Bridge> => quiet(opened(settings))

const opened = async (settings: BridgeSettings): Promise<Bridge> => {
  const { ports = [BRIDGE_PORT], host = LOOPBACK, limits = BRIDGE_LIMITS } = settings
  const { server, app = APP, instances = 0, trial = 0, dial = dialAny, onEvent = () => {} } = settings
  if (!Number.isInteger(trial) || trial < 0 || trial > limits.trial_max)
    throw errorOf(
      'bad_request',
      `trial is ${trial}: give it a whole number of ticks, at most ${limits.trial_max}.`,
    )
  const guests = new Set<Guest>()
  const servers: Server[] = []

  const open = async (port: number): Promise<void> => {
    const listening = await listen(host, port)
    servers.push(listening)
    const bound = (listening.address() as AddressInfo).port
    listening.on('connection', (socket) => {
      const onGone = (): void => void guests.delete(guest)
      const guest = new Guest(socket, {
        ...{ server, app, instances, trial, dial, limits, onEvent, onGone },
        port: bound,
        refusal: guests.size < limits.programs_max ? undefined : 'server_full',
      })
      guests.add(guest)
    })
  }

  const close = async (): Promise<void> => {
    const closed = servers.map((one) => new Promise((resolve) => one.close(resolve)))
    for (const guest of guests) guest.close()
    await Promise.all(closed)
  }

  try {
    for (const port of ports) await open(port)
  } catch (error) {
    await close()
    throw error
  }
  return {
    ports: servers.map((one) => (one.address() as AddressInfo).port),
    get programs() {
      return [...guests].filter((guest) => !guest.isOver).map((guest) => guest.view)
    },
    close,
  }
}

const listen = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', (error) => reject(failureError(failureOf(error, hostPort(host, port)).failure)))
    server.listen({ host, port }, () => resolve(server))
  })
