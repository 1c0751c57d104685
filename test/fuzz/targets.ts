import type { Target } from './target.ts'
import { channel } from './targets/channel.ts'
import { codec } from './targets/codec.ts'
import { cookie } from './targets/cookie.ts'
import { payload } from './targets/payload.ts'
import { peers } from './targets/peers.ts'
import { session } from './targets/session.ts'
import { snapshot } from './targets/snapshot.ts'

/** Everything that reads what anybody may have written. */
export const TARGETS: readonly Target[] = [codec, payload, snapshot, channel, cookie, session, peers]
