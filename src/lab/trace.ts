import type { Input } from '../core/timeline/event.ts'
import type { Micros } from '../core/timeline/tick.ts'

/**
 * A fingerprint of everything that was fed to it, in its order: two runs with equal ones did the same, byte for
 * byte. It is cheap and no defence against anybody.
 */
export class Digest {
  private a = 0x811c_9dc5 | 0
  private b = 0x9e37_79b9 | 0

  /** 53 bits. */
  get value(): number {
    return (this.b & 0x1f_ffff) * 0x1_0000_0000 + (this.a >>> 0)
  }

  /** Something arrived: when, where, what. */
  arrived(at: Micros, where: number, bytes: Uint8Array): void {
    let a = Math.imul(this.a ^ (at | 0), 0x0100_0193)
    a = Math.imul(a ^ Math.floor(at / 0x1_0000_0000) ^ (where << 8), 0x0100_0193)
    for (let i = 0; i < bytes.length; i++) a = Math.imul(a ^ (bytes[i] as number), 0x0100_0193)
    this.fold(a)
  }

  /** An application was given this. */
  input(input: Input): void {
    let a = Math.imul(this.a ^ input.tick, 0x0100_0193)
    if (input.id !== 0) {
      a = Math.imul(a ^ input.id, 0x0100_0193)
      a = Math.imul(a ^ input.seq, 0x0100_0193)
      a = Math.imul(a ^ input.source, 0x0100_0193)
      a = Math.imul(a ^ input.number, 0x0100_0193)
      for (let i = 0; i < input.payload.length; i++)
        a = Math.imul(a ^ (input.payload[i] as number), 0x0100_0193)
    }
    this.fold(a)
  }

  private fold(a: number): void {
    this.a = a
    this.b = Math.imul(this.b ^ a ^ (a >>> 15), 0x85eb_ca6b)
  }
}

/** One line of a transcript: the lab's time in milliseconds, then what happened. */
export const lineAt = (at: Micros, what: string): string => `${(at / 1000).toFixed(1).padStart(9)}  ${what}`
