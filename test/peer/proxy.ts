import { connect, createServer, type Server, type Socket } from 'node:net'
import { Random } from '../../src/core/random.ts'
import { normal } from '../../src/lab/peers/hop.ts'
import { quantile } from '../bench/measure.ts'

/** Of how late timers are, each time counts for one in so many. */
const MEMORY = 200

/** What a delay really was, beside what was asked for. In milliseconds. */
export interface Given {
  readonly mean: number
  readonly deviation: number
  /** How late the slowest hundredth was. */
  readonly late_p99: number
}

/**
 * Far away: passes everything on, each piece later by a delay of its own, in order. Timers are late, the more the
 * busier the machine; by as much as they are in the mean they are set earlier, and what is left of it is told.
 */
export class DelayingProxy {
  private readonly mean: number
  private readonly deviation: number
  private readonly random = new Random(1, 5)
  private readonly servers: Server[] = []
  private bias = 0
  private lateness: number[] = []

  constructor(mean: number, deviation: number) {
    this.mean = mean
    this.deviation = deviation
  }

  /** An address behind which there is another one, far away. */
  before(address: string): Promise<string> {
    const { hostname, port } = new URL(address)
    return new Promise((resolve) => {
      const server = createServer((near) => {
        const far = connect(Number(port), hostname)
        for (const socket of [near, far]) socket.setNoDelay(true)
        this.carry(near, far)
        this.carry(far, near)
      })
      this.servers.push(server)
      server.listen(0, '127.0.0.1', () => {
        const bound = server.address()
        resolve(`tcp://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`)
      })
    })
  }

  /** From here on it counts. */
  begin(): void {
    this.lateness = []
  }

  get given(): Given {
    const { lateness, mean, deviation } = this
    const off = lateness.reduce((sum, late) => sum + late, 0) / lateness.length
    const spread = lateness.reduce((sum, late) => sum + (late - off) ** 2, 0) / lateness.length
    return {
      mean: mean + off,
      deviation: Math.sqrt(deviation * deviation + spread),
      late_p99: quantile(lateness, 0.99),
    }
  }

  close(): void {
    for (const server of this.servers) server.close()
  }

  private carry(from: Socket, to: Socket): void {
    const waiting: { at: number; bytes: Uint8Array }[] = []
    let last = 0
    const pass = (): void => {
      const first = waiting.shift()
      if (first === undefined) return
      this.note(performance.now() - first.at)
      to.write(first.bytes)
    }
    from.on('data', (bytes) => {
      const now = performance.now()
      const at = Math.max(last, now + Math.max(0, this.mean + this.deviation * normal(this.random)))
      last = at
      waiting.push({ at, bytes: bytes as Buffer })
      setTimeout(pass, Math.max(0, at - now - this.bias))
    })
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }

  private note(late: number): void {
    this.lateness.push(late)
    this.bias += late / MEMORY
  }
}
