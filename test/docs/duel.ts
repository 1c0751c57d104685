import { createHash } from 'node:crypto'
import { app, event } from '../../src/node.ts'

/** Any SHA-256 that answers at once. */
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

// docs/security.md shows what follows, word for word.
interface Secret {
  readonly choice: string
  readonly salt: string
}

export const sealOf = ({ choice, salt }: Secret): string => sha256(`${salt} ${choice}`)

export default app({
  id: 'duel@1',
  fps: 25,
  events: { commit: event<string>(1), reveal: event<Secret>(2) },
  start: () => ({ seals: new Map<number, string>(), choices: new Map<number, string>() }),
  on: {
    commit(s, e) {
      // Who has committed is bound.
      if (!s.seals.has(e.player.id)) s.seals.set(e.player.id, e.payload)
    },
    reveal(s, e, t) {
      // Nobody's choice is taken before everybody is bound.
      if (t.players.some((player) => !s.seals.has(player.id))) return
      if (sealOf(e.payload) === s.seals.get(e.player.id)) s.choices.set(e.player.id, e.payload.choice)
    },
  },
})
