import { SYSTEM_FAILURES } from './system-failures.ts'
import { FAILURES, type Failure, type FailureCode } from './transport.ts'

/** What the system's words for a failure come to. */
const CODES: Readonly<Record<string, FailureCode>> = {
  EADDRINUSE: 'port_in_use',
  EADDRNOTAVAIL: 'address_not_here',
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
  ENOTFOUND: 'not_found',
  EAI_AGAIN: 'not_found',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  CERT_HAS_EXPIRED: 'insecure',
  CERT_NOT_YET_VALID: 'insecure',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'insecure',
  SELF_SIGNED_CERT_IN_CHAIN: 'insecure',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'insecure',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'insecure',
  UNABLE_TO_VERIFY_FIRST_CERTIFICATE: 'insecure',
  ERR_TLS_CERT_ALTNAME_INVALID: 'insecure',
}

/** The system's name for an error, if it gave one. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const SENTENCES: Readonly<Record<FailureCode, string>> = { ...FAILURES, ...SYSTEM_FAILURES }

/** As `failed`, for whatever a system may say as well. */
export const systemFailed = (
  code: FailureCode,
  detail: string,
): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { code, hint: SENTENCES[code], detail },
})

/** A host with several addresses failed at each of them, and the error that says so has no words of its own. */
const wordsOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}

/** What went wrong with this address, from the error that the system gave. */
export const failureOf = (error: unknown, url: string): { readonly ok: false; readonly failure: Failure } =>
  systemFailed(CODES[codeOf(error)] ?? 'failed', `${url}: ${wordsOf(error)}`)
