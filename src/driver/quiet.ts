/**
 * A promise that may be left alone: if it rejects and nobody looks, the process does not end for it. Whoever awaits
 * it, or chains something to it, is told as ever.
 */
export const quiet = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined)
  return promise
}
