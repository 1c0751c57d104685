/**
 * The sequencer as a library: many named sessions in one process.
 *
 * @packageDocumentation
 */

export { SametickError } from '../app/errors.ts'
export type { Discipline, SequencerHappening } from '../core/session/options.ts'
export type { ServerOptions, SessionOptions } from './options.ts'
export type { RoomEvent, Rooms } from './rooms.ts'
export { createServer, type Server, type ServerEvent, type ServerSettings } from './server.ts'
export type { Sessions } from './sessions.ts'
