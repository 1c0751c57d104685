/** What a message between two peers is to the eye. docs/peers.md, chapter 4, says what is in it. */
export interface Letter {
  /** Events that it brings; 0 for what keeps the time and the links. */
  readonly events: number
  /** The source of the first of them. */
  readonly source: number
}

const FLOOD = 67
const MISSED = 68
const NOTHING: Letter = { events: 0, source: 0 }

export const read = (bytes: Uint8Array): Letter => {
  const type = bytes[1]
  if (type !== FLOOD && type !== MISSED) return NOTHING
  let at = type === FLOOD ? 2 : 3
  const number = (): number => {
    let value = 0
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] as number
      value += (byte & 127) * scale
      if (byte < 128) break
    }
    return value
  }
  const events = number()
  if (events === 0) return NOTHING
  number() // the tick
  return { events, source: number() }
}
