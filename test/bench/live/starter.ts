import { WebSocket } from 'ws'
import { answers } from './child.ts'

/** What is shipped, loaded before anything is timed. */
const { connect } = (await import(new URL('../../../dist/node.js', import.meta.url).href)) as {
  connect: typeof import('../../../src/node.ts').connect
}

const toFirstTick = async (url: string): Promise<number> => {
  const from = performance.now()
  const link = await connect(url, { id: 'start@1', fps: 25 })
  for await (const input of link) if (input.id === 0) break
  return performance.now() - from
}

const toFirstAnswer = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const from = performance.now()
    const ws = new WebSocket(url, { perMessageDeflate: false })
    ws.on('error', reject)
    ws.on('open', () => ws.send(new Uint8Array(100)))
    ws.on('message', () => resolve(performance.now() - from))
  })

answers({
  connect: toFirstTick,
  second: async (url: string) => {
    await toFirstTick(url)
    return toFirstTick(url)
  },
  bare: toFirstAnswer,
})
