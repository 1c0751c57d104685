/** Looks every so many milliseconds until it holds; what never does is ended by the test's own time. */
export const until = async (holds: () => boolean, every = 5): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, every))
}

/** Gives everybody else of this process a turn, however the time goes: timers, sockets, promises. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** As a program does that is stopped: nothing of it runs, no timer and nobody who reads. */
export const standStill = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
