import type { RefusalCode } from '../errors.ts'
import type { InstanceId } from '../timeline/tick.ts'
import type { Meet } from './messages.ts'

/** Why a link is to be ended, in words of its own. */
export interface Refusal {
  readonly code: RefusalCode
  readonly hint: string
}

interface Mine {
  readonly fps: number
  readonly app: string
  readonly id: InstanceId
  /** Those that one is linked with. */
  readonly near: readonly InstanceId[]
}

/** Why two peers cannot be linked, if they cannot. */
export const whyNot = ({ fps, app, id }: Meet, mine: Mine): RefusalCode | Refusal | undefined => {
  if (fps !== mine.fps) return { code: 'fps_differs', hint: `here it is ${mine.fps}, there ${fps}` }
  if (app !== mine.app) return { code: 'app_differs', hint: `here it is ${mine.app}, there ${app}` }
  if (id === mine.id || id === 0) return 'same_id'
  // Both may have called each other. One link is enough, and one of the two decides which.
  if (mine.id > id && mine.near.includes(id)) return 'replaced'
  return undefined
}
