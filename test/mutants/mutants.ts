import { INSTANCE_RULES } from './instances.ts'
import { LEASE_RULES } from './leases.ts'
import { LIMIT_RULES } from './limits.ts'
import { MEMBER_RULES } from './members.ts'
import type { Mutant } from './mutant.ts'
import { PREDICTION_RULES } from './predicting.ts'
import { ROUND_RULES } from './rounds.ts'
import { STAMPS } from './stamps.ts'
import { TIME_RULES } from './times.ts'

/** Every rule of the protocol, turned off. Bugs that were found are kept here too. */
export const MUTANTS: readonly Mutant[] = [
  ...STAMPS,
  ...ROUND_RULES,
  ...LEASE_RULES,
  ...MEMBER_RULES,
  ...INSTANCE_RULES,
  ...TIME_RULES,
  ...LIMIT_RULES,
  ...PREDICTION_RULES,
]
