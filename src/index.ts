/**
 * What an application imports: what it is, and how it is driven. Safe in a browser.
 *
 * @packageDocumentation
 */

export {
  type App,
  type AppEvent,
  type AskedEvent,
  app,
  type Definition,
  type Handlers,
  type HeldInput,
  type LeaveEvent,
  type Player,
  type PlayerEvent,
  type PlayersRule,
  type Step,
  type Timeline,
} from './app/app.ts'
export type { Drive, Driver, Frame } from './app/drive.ts'
export { type ErrorCode, SametickError } from './app/errors.ts'
export { type EventKind, type Events, event, type PayloadOf } from './app/event.ts'
export type { Failure } from './app/failure.ts'
export type {
  Landing,
  Link,
  LinkInput,
  MemberInput,
  Receipt,
  Rollback,
  Stats,
  Status,
  TickInput,
  UndeclaredInput,
  WholeTick,
} from './app/link.ts'
export { type Effects, type Loop, type LoopOptions, loop, type View } from './app/loop.ts'
export { type Past, type PastLoop, type PastOptions, past, type RewindTo } from './app/past.ts'
export { type SoloOptions, solo } from './app/solo.ts'
export type { Effect } from './app/step.ts'
export { connect } from './client/browser.ts'
export { type Connect, type ConnectOptions, connectBy, type PredictOptions } from './client/connect.ts'
export type { MidInput } from './client/mid.ts'
export { mid_connect, mid_disconnect, mid_emit, mid_wait } from './client/mid-browser.ts'
export type { RefusalCode } from './core/errors.ts'
export { type Difference, digest, firstDifference } from './core/timeline/digest.ts'
export { StateRefused } from './core/timeline/values.ts'
export type { Clock } from './driver/clock.ts'
export { peers } from './peer/browser.ts'
export type { Attempt, Channel, Direct, DirectOptions, IceServer } from './peer/channel.ts'
export { direct } from './peer/direct-browser.ts'
export {
  type DelayOptions,
  type LinkOptions,
  type Peers,
  type PeersLink,
  type PeersOptions,
  peersBy,
  type Where,
} from './peer/peers.ts'
export type { Relayed } from './peer/room.ts'
export { dial } from './transport/dial-browser.ts'
