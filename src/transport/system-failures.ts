/** What a system says, and a browser never does: a page does not load these sentences. */
export const SYSTEM_FAILURES = {
  not_found: 'That host has no address: check its name, and whether this machine has a network.',
  unreachable: 'No way leads there: check the network.',
  insecure: 'The certificate of the server does not prove who it is: have it renewed, or check the host.',
  port_in_use: 'Another program has that port: end it or take another one; 0 finds one that is free.',
  address_not_here:
    'This machine does not have that address: take one that it has, or 0.0.0.0 for all of them.',
  not_permitted: 'The system does not permit that: take a port above 1023, or ask for the permission.',
  failed: 'The system could not do it, for the reason that is named.',
} as const

export type SystemFailureCode = keyof typeof SYSTEM_FAILURES
