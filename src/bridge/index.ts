/**
 * The bridge: programs in any language take part in a session through a port of this machine.
 *
 * @packageDocumentation
 */

export { BRIDGE_PORT, type Bridge, type BridgeSettings, createBridge } from './bridge.ts'
export type { BridgeEvent, ProgramView } from './guest.ts'
export type { BridgeLimits } from './limits.ts'
