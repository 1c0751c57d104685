/**
 * The sequencer as a library: many named sessions in one process.
 *
 * @packageDocumentation
 */

export { SametickError } from '../app/errors.ts'
export type { Discipline, SequencerHappening } from '../core/session/options.ts'
export type { ServerOptions, SessionOptions } from './options.ts'
export { createServer, type Server, type ServerSettings } from './server.ts'
export type { ServerEvent, Sessions } from './sessions.ts'
