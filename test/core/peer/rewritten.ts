import { encode, type Message } from '../../../src/core/peer/messages.ts'

/** A message that was read, as its sender would write it. */
export const rewritten = (m: Message): Uint8Array => {
  switch (m.kind) {
    case 'meet':
      return encode.meet(m.fps, m.app, m.id)
    case 'have':
      return encode.have(m.done, m.firm, m.seen)
    case 'flood':
      return encode.flood(m.events)
    case 'missed':
      return encode.missed(m.done, m.events)
    case 'sync':
      return encode.sync(m.clock, m.echo, m.held, m.reference, m.root, m.beat, m.error, m.reach)
    case 'pulse':
      return encode.pulse(m.source, m.number, m.position, m.root)
    case 'part':
      return encode.part(m.code, m.hint)
    case 'stand':
      return encode.stand(m)
    case 'bound':
      return encode.bound(m.tick)
    case 'claim':
      return encode.claim(m)
    case 'folded':
      return encode.folded(m.done, m.tick, m.size, m.digest, m.seen)
    case 'fetch':
      return encode.fetch(m.offset)
    case 'chunk':
      return encode.chunk(m.offset, m.bytes)
  }
}
