import { openBridged } from './bridged.ts'
import { midBy } from './mid.ts'
import { connect } from './node.ts'

export const { mid_connect, mid_wait, mid_emit, mid_disconnect } = midBy(connect, openBridged)
