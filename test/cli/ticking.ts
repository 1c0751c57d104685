/** An instance that prints every tick and when it ran, by the machine's clock: `node --import ./test/ts.mjs test/cli/ticking.ts URL FPS`. */
import { argv } from 'node:process'
import { connect } from '../../src/node.ts'

const [, , url = '', fps = '25'] = argv
const link = await connect(url, { id: 'ticking@1', fps: Number(fps) })
for await (const { id, tick } of link)
  if (id === 0) console.log(tick, Math.round(Number(process.hrtime.bigint()) / 1e6))
console.log('ended', link.status)
