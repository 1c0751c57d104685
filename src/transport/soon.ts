/** A browser delays timers, but not messages. */
const overMessages = (): ((run: () => void) => void) => {
  const runs: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  const port = port1 as unknown as { onmessage: () => void }
  port.onmessage = () => runs.shift()?.()
  return (run) => {
    runs.push(run)
    port2.postMessage(0)
  }
}

/** Runs it after what the system has ready, so that two ends that answer each other leave room for others. */
export const soon: (run: () => void) => unknown =
  typeof setImmediate === 'function' ? setImmediate : overMessages()
