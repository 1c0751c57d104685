import type { App } from '../app/app.ts'
import { SametickError } from '../app/errors.ts'
import type { Events } from '../app/event.ts'
import type { Link } from '../app/link.ts'
import { PredictingLink } from '../app/predicting-link.ts'
import type { SourceLinkOptions } from '../app/source-link.ts'
import type { Instance, InstanceOptions } from '../core/session/instance.ts'
import { PredictingInstance } from '../core/session/predicting.ts'
import { MILLISECOND } from '../core/timeline/tick.ts'
import type { PredictOptions } from './connect.ts'
import { PredictedSource } from './predicted-source.ts'

/**
 * In milliseconds: enough for a round trip of some 400. It costs little to be far ahead of others who are so too; who
 * is not is seen to act as many ticks late.
 */
const AHEAD = 500
/** The longest lead that the machine should run again at each event of others, in milliseconds. */
const AHEAD_MAX = 2_000
/** Enough for the longest rollback at 60 ticks a second, and few enough for a frame of a plain application. */
const BUDGET = 64

/** What `connect` puts in the place of its own parts for one who predicts. */
export interface Prediction {
  readonly source: PredictedSource
  make(options: InstanceOptions): Instance
  link(options: SourceLinkOptions): Link
}

/** `isWhole`: it has handlers, and is not the timeline alone. */
export const predicted = <S extends object, E extends Events, I>(
  app: App<S, E, I>,
  isWhole: boolean,
  options: PredictOptions | true,
): Prediction => {
  if (!isWhole)
    throw new SametickError(
      'bad_request',
      'predict: a program that reads the timeline itself cannot be taken back. Give its handlers to app(), or leave predict out.',
    )
  const { ahead = AHEAD, budget = BUDGET } = options === true ? {} : options
  if (!(ahead > 0 && ahead <= AHEAD_MAX))
    throw new SametickError('bad_request', `predict.ahead is ${ahead}: milliseconds, from 1 to ${AHEAD_MAX}.`)
  // One tick in a frame is a new one: with less than two it would never come back to the present.
  if (!Number.isInteger(budget) || budget < 2)
    throw new SametickError('bad_request', `predict.budget is ${budget}: a whole number of ticks, 2 or more.`)
  const source = new PredictedSource(app.fps)
  return {
    source,
    make: (given) => new PredictingInstance({ ...given, ahead: ahead * MILLISECOND }),
    link: (given) => new PredictingLink(app, source, { ...given, budget }) as unknown as Link,
  }
}
