import { TRANSPORT_LIMITS, type TransportLimits } from '../../src/transport/limits.ts'

export const limitsOf = (own: Partial<TransportLimits>): TransportLimits => ({ ...TRANSPORT_LIMITS, ...own })
