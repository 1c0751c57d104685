/**
 * Transports to be chosen by hand: connections within one program, and what makes connections bad. `peersBy` of
 * `sametick` takes them. Safe in a browser.
 *
 * @packageDocumentation
 */

export { Impairment, type Way } from './impaired.ts'
export { MemoryNetwork } from './memory.ts'
export type {
  Connection,
  Dial,
  DialOptions,
  EndingCode,
  Listen,
  Listener,
  ListenOptions,
  Owner,
  Result,
  TransportKind,
} from './transport.ts'
