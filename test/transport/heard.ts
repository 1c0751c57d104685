import type { Connection, EndingCode, Owner, Result } from '../../src/transport/transport.ts'

/** An owner that keeps all that it is told, and says when there is enough of it. */
export class Heard implements Owner {
  readonly messages: Uint8Array[] = []
  readonly endings: EndingCode[] = []
  /** What came when it was over. */
  late = 0
  onMessage: (bytes: Uint8Array) => void = () => {}
  private readonly waiting: (() => void)[] = []

  static of(connection: Connection): Heard {
    const heard = new Heard()
    connection.attach(heard)
    return heard
  }

  message(bytes: Uint8Array): void {
    if (this.endings.length > 0) this.late++
    this.messages.push(bytes)
    this.onMessage(bytes)
    this.look()
  }

  closed(why: EndingCode): void {
    this.endings.push(why)
    this.look()
  }

  /** Resolves at this many messages; rejects if it is over before. */
  async count(n: number): Promise<void> {
    await this.until(() => this.messages.length >= n || this.endings.length > 0)
    if (this.messages.length < n)
      throw new Error(`${this.endings[0]} after ${this.messages.length} of ${n} messages`)
  }

  async ending(): Promise<EndingCode> {
    await this.until(() => this.endings.length > 0)
    return this.endings[0] as EndingCode
  }

  private until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => (holds() ? resolve() : void this.waiting.push(look))
      look()
    })
  }

  private look(): void {
    for (const look of this.waiting.splice(0)) look()
  }
}

/** What an attempt led to, or an error that says why it led to nothing. */
export const valueIn = <T>(result: Result<T>): T => {
  if (result.ok) return result.value
  const { code, hint, detail } = result.failure
  throw new Error(`${code}: ${detail}. ${hint}`)
}

export const failureCode = (result: Result<unknown>): string => (result.ok ? 'none' : result.failure.code)

/** Waits for something that no one tells of. The test's own time is the only limit. */
export const eventually = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Gives others a turn, so often that what is on its way on this machine has mostly come. */
export const aWhile = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2))
}
