import { createBridge } from '../../../src/bridge/index.ts'
import { createServer } from '../../../src/server/server.ts'
import { findGodot, Project } from './engine.ts'

/** What an idle connection costs a frame, in microseconds. */
export interface FrameCost {
  readonly name: string
  readonly median: number
  readonly p95: number
  readonly mean: number
  /** Ticks that were run meanwhile: about one a frame. */
  readonly ticks: number
}

/** What an idle connection should cost a frame at the median, and no more. */
export const FRAME_COST_MAX = 200

/** Ten seconds for each way of being connected. */
export const measureFrames = async (): Promise<FrameCost[]> => {
  const engine = findGodot()
  if (engine === undefined) return []
  const project = await Project.make(engine)
  const server = await createServer({})
  const url = `${server.addresses[0]}/cost`
  const bridge = await createBridge({ server: url, ports: [0], app: 'cost@1' })
  const ways = [
    ['on a thread', { COST_URL: url }],
    ['without a thread', { COST_URL: url, COST_THREAD: 'no' }],
    ['over the bridge', { COST_URL: `${bridge.ports[0]}` }],
  ] as const
  try {
    const costs: FrameCost[] = []
    for (const [name, settings] of ways) {
      const out = await project.run(settings, 'res://cost.tscn')
      const line = out.split('\n').find((one) => one.startsWith('{')) ?? '{}'
      costs.push({ name, ...(JSON.parse(line) as Omit<FrameCost, 'name'>) })
    }
    return costs
  } finally {
    await bridge.close()
    await server.close()
    await project.remove()
  }
}
