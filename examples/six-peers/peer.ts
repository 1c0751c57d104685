import { type App, type PeersLink, peersBy } from 'sametick'
import { type Dial, MemoryNetwork } from 'sametick/transport'
import { Record } from './record.ts'
import type rect from './rect.ts'
import type { Wire } from './wire.ts'

export const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'] as const
export const COUNT = LETTERS.length

type RectLink = typeof rect extends App<infer S, infer E, infer I> ? PeersLink<S, E, I> : never

/** One of the six: a link of its own to the others, and what it has done. */
export interface Peer {
  readonly index: number
  readonly id: number
  readonly letter: string
  readonly address: string
  readonly link: RectLink
  readonly record: Record
}

const network = new MemoryNetwork()
const addressOf = (index: number): string => `memory://${LETTERS[index]}`

/** A peer that listens, and links with those that are named. `wire`: what lies between it and another. */
export const openPeer = async (
  index: number,
  linked: readonly number[],
  wire: (other: number) => Wire,
): Promise<Peer> => {
  const dial: Dial = async (address, options) => {
    const dialled = await network.dial(address, options)
    if (!dialled.ok) return dialled
    const other = LETTERS.findIndex((_, at) => addressOf(at) === address)
    return { ok: true, value: wire(other).around(dialled.value, index) }
  }
  const record = new Record()
  const [id, letter, address] = [index + 1, LETTERS[index] as string, addressOf(index)]
  const link = await peersBy(dial, network.listen)(
    { listen: address, link: linked.map(addressOf) },
    record.app,
    { id, as: letter },
  )
  record.clear()
  link.on('rollback', (rollback) => record.rolledBack(rollback))
  return { index, id, letter, address, link, record }
}
