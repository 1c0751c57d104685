import { MILLISECOND } from '../core/timeline/tick.ts'
import { patience } from '../transport/patience.ts'
import type { Connection } from '../transport/transport.ts'
import { HELLO_MS } from './options.ts'

/** How a connection goes on once something has taken it. */
export interface Guest {
  message(bytes: Uint8Array): void
  closed(): void
}

/** Connections whose first message says whom they are for. Until it has come they count, and not for long. */
export class Door {
  private readonly connections = new Set<Connection>()
  private readonly receive: (connection: Connection, first: Uint8Array) => Guest | undefined

  /** `receive`: the guest that a first message makes of a connection, or nothing: it was turned away. */
  constructor(receive: (connection: Connection, first: Uint8Array) => Guest | undefined) {
    this.receive = receive
  }

  accept(connection: Connection): void {
    let guest: Guest | undefined
    this.connections.add(connection)
    const stopWaiting = patience(HELLO_MS * MILLISECOND, () => connection.destroy())
    connection.attach({
      message: (bytes) => {
        if (guest !== undefined) return guest.message(bytes)
        stopWaiting()
        guest = this.receive(connection, bytes)
      },
      closed: () => {
        stopWaiting()
        this.connections.delete(connection)
        guest?.closed()
      },
    })
  }

  /** Whoever is still connected is not waited for. */
  cut(): void {
    for (const connection of this.connections) connection.destroy()
  }
}
