/** The simulator: sessions in virtual time, over networks, clocks and faults of one's choice. */
export { Checks, Coverage, Findings, type Invariant, type Violation } from './checks.ts'
export { Clock } from './clock.ts'
export { Path, type Way } from './network.ts'
export { type ExperimentNetwork, experimentNetwork, lossyWan, measuredRtt, wanNominal } from './networks.ts'
export type { Hearing, InstanceNode, Node, SequencerNode } from './node.ts'
export { Schedule } from './schedule.ts'
export { type Newcomer, World, type WorldOptions } from './world.ts'
