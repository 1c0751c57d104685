import { Worker } from 'node:worker_threads'
import { type Stepping, whenStepping } from '../lab/try/machine.ts'

/** A step takes micros; whoever waits for so long wants to know what for. */
const PATIENCE_MS = 10_000
const TEXT_MAX = 200
/** So often a step is looked at before it is said that it does not end. */
const LOOKS_OF_ONE = 10

/**
 * Says which step does not end. A loop without an end stops all of this thread: so another one looks, at what
 * this one has written down before each step.
 */
export const watchSteps = ({ patience = PATIENCE_MS, fd = 2 } = {}): (() => void) => {
  const shared = new SharedArrayBuffer(8 + TEXT_MAX)
  const [numbers, text] = [new Int32Array(shared, 0, 2), new Uint8Array(shared, 8)]
  const encoder = new TextEncoder()
  whenStepping((step: Stepping | undefined) => {
    if (step !== undefined)
      numbers[1] = encoder.encodeInto(`${step.handler} at tick ${step.tick}`, text).written
    // Odd while a step runs, and another number for each.
    const count = Atomics.load(numbers, 0)
    Atomics.store(numbers, 0, step === undefined ? (count + 2) & ~1 : (count + 1) | 1)
  })
  const worker = new Worker(LOOKS, { eval: true, workerData: { shared, patience, fd } })
  worker.unref()
  return () => {
    whenStepping(undefined)
    void worker.terminate()
  }
}

const LOOKS = `
const { workerData: { shared, patience, fd } } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const numbers = new Int32Array(shared, 0, 2)
let seen = 0
let looks = 0
let told = 0
// By looks and not by the clock: while the machine sleeps nothing is looked at, and no step is to blame.
setInterval(() => {
  const count = Atomics.load(numbers, 0)
  if (count !== seen || count % 2 === 0) {
    seen = count
    looks = 0
  } else if (++looks >= ${LOOKS_OF_ONE} && count !== told) {
    told = count
    const what = Buffer.from(new Uint8Array(shared, 8, numbers[1])).toString()
    writeSync(fd, what + ' has not ended for ' + patience / 1000 + ' s: a loop without an end? Ctrl-C ends this.\\n')
  }
}, patience / ${LOOKS_OF_ONE})
`
