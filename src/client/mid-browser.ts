import { SametickError } from '../app/errors.ts'
import { connect } from './browser.ts'
import { midBy } from './mid.ts'

const NO_BRIDGE =
  'A page cannot reach a bridge: give the address of the session, like ws://127.0.0.1:4600/name.'

export const { mid_connect, mid_wait, mid_emit, mid_disconnect } = midBy(connect, () =>
  Promise.reject(new SametickError('bad_url', NO_BRIDGE)),
)
