import type { HeldInput } from './app.ts'
import { accepts } from './event.ts'
import { decodePayload, encodePayload } from './payload.ts'

/** What the own player holds, as the others have been told: only changes are news. */
export class Held {
  private readonly input: HeldInput<unknown>
  private told: Uint8Array

  constructor(input: HeldInput<unknown>) {
    this.input = input
    this.told = encodePayload(input.neutral)
  }

  /** The bytes to send if this is news, and undefined if it is none or the check refuses it. */
  news(value: unknown): Uint8Array | undefined {
    const bytes = encodePayload(value)
    const { told } = this
    if (bytes.length === told.length && bytes.every((byte, i) => byte === told[i])) return undefined
    return accepts(this.input.check, decodePayload(bytes)?.value) ? bytes : undefined
  }

  tell(bytes: Uint8Array): void {
    this.told = bytes
  }

  /** The others hold it to be neutral again: one who was away, or whose change was not taken. */
  forget(): void {
    this.told = encodePayload(this.input.neutral)
  }
}
