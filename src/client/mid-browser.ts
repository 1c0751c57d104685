import { connect } from './browser.ts'
import { midBy } from './mid.ts'

export const { mid_connect, mid_wait, mid_emit, mid_disconnect } = midBy(connect)
