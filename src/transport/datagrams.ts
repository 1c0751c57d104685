import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { DgramAsPromised, type SocketAsPromised } from 'dgram-as-promised'
import { codeOf } from './system.ts'

/** What the system is asked to keep of datagrams that nobody has read yet: what a few hundred clients send at once. */
const RECEIVE_BYTES = 1_048_576

/** Where a datagram came from, or goes. */
export interface Peer {
  readonly address: string
  readonly port: number
}

/** A socket whose datagrams may not arrive, or twice, or late. */
export interface Datagrams {
  /** Its own address. */
  readonly at: Peer
  /** Told of each datagram that comes. Its bytes are never written again. */
  onDatagram: (bytes: Uint8Array, from: Peer) => void
  /** Told that nobody listens at the other end, if the socket has one. */
  onRefused: () => void
  /** Sends to this address, or to the other end that the socket has. The bytes are never written again. */
  send(bytes: Uint8Array, to?: Peer): void
  close(): Promise<void>
}

class DatagramSocket implements Datagrams {
  at: Peer = { address: '', port: 0 }
  onDatagram: (bytes: Uint8Array, from: Peer) => void = () => {}
  onRefused: () => void = () => {}
  private readonly promised: SocketAsPromised
  private isClosed = false

  constructor(family: number) {
    this.promised = DgramAsPromised.createSocket(
      {
        type: family === 6 ? 'udp6' : 'udp4',
        // Addresses are looked up before: nothing is to be waited for with each datagram.
        lookup: (address, _options, callback) => callback(null, address, family),
      },
      (bytes, from) => this.onDatagram(bytes, from),
    )
    this.promised.socket.on('error', (error) => {
      if (codeOf(error) === 'ECONNREFUSED') this.onRefused()
    })
  }

  async bind(at: Peer): Promise<void> {
    this.at = await this.promised.bind(at)
    this.widen()
  }

  async connect(to: Peer): Promise<void> {
    const { socket } = this.promised
    await new Promise<void>((resolve, reject) => {
      // Called with an error as well, which the types do not say.
      const connected = (error?: Error) => (error ? reject(error) : resolve())
      socket.connect(to.port, to.address, connected as () => void)
    })
    this.at = socket.address()
    this.widen()
  }

  send(bytes: Uint8Array, to?: Peer): void {
    // Anybody can write that a datagram is from port 0, and none can be sent there.
    if (this.isClosed || to?.port === 0) return
    if (to === undefined) this.promised.socket.send(bytes)
    else this.promised.socket.send(bytes, to.port, to.address)
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    await this.promised.close()
  }

  private widen(): void {
    try {
      this.promised.setRecvBufferSize(RECEIVE_BYTES)
    } catch {
      // Some systems refuse more than they allow, and it stays as it was.
    }
  }
}

/** A socket on this address of the machine, for whoever sends there. Rejects as the system does. */
export const bound = async (host: string, port: number): Promise<Datagrams> => {
  const { address, family } = await lookup(host)
  return opened(family, (socket) => socket.bind({ address, port }))
}

/** A socket that sends to this address, and hears nobody else. Rejects as the system does. */
export const connected = ({ address, family }: LookupAddress, port: number): Promise<Datagrams> =>
  opened(family, (socket) => socket.connect({ address, port }))

const opened = async (
  family: number,
  open: (socket: DatagramSocket) => Promise<void>,
): Promise<Datagrams> => {
  const socket = new DatagramSocket(family)
  try {
    await open(socket)
    return socket
  } catch (error) {
    await socket.close()
    throw error
  }
}
