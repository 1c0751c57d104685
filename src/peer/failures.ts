import { SametickError } from '../app/errors.ts'
import type { RefusalCode } from '../core/errors.ts'
import { errorOf } from '../driver/error.ts'

/** What else may answer where a peer was looked for. */
const STRANGERS = 'perhaps it is a server that lets none meet, or not by this address.'

/** The link that there is, for the other side, is one that is gone here: it will find out. */
const stillThere = (): SametickError =>
  new SametickError('replaced', 'Link again in some seconds: ten at most.', {
    retry: true,
    sentence: 'The other side still holds an earlier link with this peer, which is gone.',
  })

/** Why there is no link any more. `stranger`: where it was dialled, if nobody has said there who it is. */
export const unlinkedError = (
  code: RefusalCode | undefined,
  hint: string,
  stranger: string | undefined,
): SametickError => {
  if (code === 'replaced') return stillThere()
  if (code !== 'malformed' || stranger === undefined) return errorOf(code ?? 'lost', hint)
  return errorOf(code, `No peer listens at ${stranger}: ${STRANGERS}`)
}

/** Why this peer takes no part, and never will. */
export const endedError = (code: RefusalCode | 'left', hint: string): SametickError =>
  errorOf(code === 'left' ? 'aborted' : code, hint)
