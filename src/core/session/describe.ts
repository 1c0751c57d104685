import { RESERVED, type StampedEvent } from '../timeline/event.ts'
import { decode, type Message, NO_LEASE } from './messages.ts'

const ms = (micros: number): string => `${Math.round(micros / 100) / 10}`

const nameOf = (id: number): string =>
  Object.entries(RESERVED).find(([, value]) => value === id)?.[0] ?? `${id}`

const eventText = (e: StampedEvent): string =>
  `#${e.seq} ${nameOf(e.id)} of ${e.source === 0 ? 'sequencer' : e.source}.${e.number} at ${e.stamp}`

const text = (m: Message): string => {
  switch (m.kind) {
    case 'hello':
      return `${m.app} at ${m.fps} FPS, session "${m.session}"`
    case 'emit':
      return `.${m.number} event ${m.id}, want ${ms(m.want)}${m.at >= 0 ? `, at ${m.at}` : ''}`
    case 'ack':
      return `round ${m.round}, deadline ${m.deadline}, local ${m.local}`
    case 'pulse':
      return `local ${m.local}, position ${ms(m.position)}`
    case 'bye':
      return `tick ${m.tick}`
    case 'ask':
      return nameOf(m.id)
    case 'welcome':
      return `instance ${m.id}, epoch ${m.epoch}, ${m.fps} FPS`
    case 'lobby':
      return `${m.have} of ${m.need}`
    case 'start':
      return `reference ${ms(m.reference)}`
    case 'propose':
      return `round ${m.round}, want ${ms(m.want)}, reach ${ms(m.reach)}`
    case 'sync':
      return [
        ...(m.round > 0 ? [`round ${m.round}`] : []),
        ...m.events.map(eventText),
        ...(m.lease !== NO_LEASE ? [`lease ${m.lease}`] : []),
      ].join(', ')
    case 'grant':
      return `tick ${m.tick}`
    case 'beat':
      return `reference ${ms(m.reference)}${m.lease !== NO_LEASE ? `, lease ${m.lease}` : ''}`
    case 'refuse':
      return `${m.code}${m.hint === '' ? '' : ` (${m.hint})`}`
    case 'denied':
      return `.${m.number} ${m.code}`
  }
}

/** A message in words, for transcripts and logs: its kind, then its fields; times in milliseconds. */
export const describe = (bytes: Uint8Array): string => {
  const m = decode(bytes)
  return typeof m === 'string' ? `unreadable: ${m}` : `${m.kind} ${text(m)}`.trimEnd()
}
