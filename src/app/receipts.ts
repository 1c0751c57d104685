import type { ErrorCode } from './errors.ts'
import { SametickError } from './errors.ts'
import type { Landing, Receipt } from './link.ts'

/** An event on its way. The promise is made when somebody asks for it. */
class Pending implements Receipt {
  private landing: Landing | undefined
  private promise: Promise<Landing> | undefined
  private resolve: ((landing: Landing) => void) | undefined

  get landed(): Promise<Landing> {
    this.promise ??= this.landing
      ? Promise.resolve(this.landing)
      : new Promise((resolve) => {
          this.resolve = resolve
        })
    return this.promise
  }

  settle(landing: Landing): void {
    this.landing ??= landing
    this.resolve?.(landing)
  }
}

/** The events on their way, by their numbers. */
export class Receipts {
  private readonly pending = new Map<number, Pending>()

  open(number: number): Receipt {
    const receipt = new Pending()
    this.pending.set(number, receipt)
    return receipt
  }

  /** False if nobody holds a receipt for it. */
  settle(number: number, landing: Landing): boolean {
    const receipt = this.pending.get(number)
    receipt?.settle(landing)
    return this.pending.delete(number)
  }

  /** Nothing lands any more. */
  close(landing: Landing): void {
    for (const receipt of this.pending.values()) receipt.settle(landing)
    this.pending.clear()
  }
}

export const refusal = (code: ErrorCode, hint = ''): Landing => ({
  ok: false,
  error: new SametickError(code, hint, { retry: code === 'busy' }),
})

/** A receipt for what was refused at once. */
export const refused = (code: ErrorCode, hint = ''): Receipt => {
  const receipt = new Pending()
  receipt.settle(refusal(code, hint))
  return receipt
}
