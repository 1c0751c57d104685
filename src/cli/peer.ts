import { type Command, InvalidArgumentError } from 'commander'
import { SametickError } from '../app/errors.ts'
import { loop } from '../app/loop.ts'
import { peers } from '../peer/node.ts'
import type { PeersLink } from '../peer/peers.ts'
import { tally } from '../peer/tally.ts'
import { countOf, fpsOf } from './numbers.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings, visible } from './terminal.ts'

interface Written {
  readonly listen?: string
  readonly fps: number
  readonly emit?: number
  readonly delay?: number
  readonly late?: number
  readonly relay?: boolean
  readonly forget?: number
  readonly id?: number
  readonly ticks?: number
}

type Tally = PeersLink<ReturnType<ReturnType<typeof tally>['start']>, ReturnType<typeof tally>['events']>

const FPS = 50
/** How long ago a second must be before its digest is printed: what comes later is told as a correction. */
const SETTLED_S = 2

/** A year: longer than anybody waits. */
const FORGET_S_MAX = 31_536_000

const numberOf =
  (least: number, most: number) =>
  (text: string): number => {
    const n = Number(text)
    if (text.trim() === '' || !(n >= least && n <= most))
      throw new InvalidArgumentError(`It takes a number from ${least} to ${most}.`)
    return n
  }

/** Somebody is waited for that long. */
const secondsOf = (text: string): number => {
  if (text === 'never') return Number.POSITIVE_INFINITY
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 1 && seconds <= FORGET_S_MAX))
    throw new InvalidArgumentError(`It takes a number of seconds from 1 to ${FORGET_S_MAX}, or never.`)
  return seconds
}

/** `sametick peer`: a peer without a face. */
export const addPeer = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  program
    .command('peer')
    .summary('agree on a timeline without a server, and print how that goes')
    .description(
      'A peer without a face: it links with others, emits events if it is told to, and prints once a second its tick, links and how far away they are, rollbacks, and a digest of its state a while ago, which all peers have in common.',
    )
    .argument(
      '[address...]',
      'who to link with: tcp://, udp:// or ws:// host:port of a peer, or ws://host:port/room of a server; tried until somebody is there',
    )
    .option(
      '-l, --listen <url>',
      'where others can link with this one: tcp://127.0.0.1:5000; port 0 finds a free one',
    )
    .option('--fps <n>', 'ticks a second; all must name the same', fpsOf, FPS)
    .option('-e, --emit <n>', 'events to emit in a minute, at random moments', numberOf(0.1, 60_000))
    .option(
      '-d, --delay <ms>',
      'how far ahead events are stamped (default: as long as it takes)',
      numberOf(0, 30_000),
    )
    .option(
      '--late <share>',
      'of events that may come late, if the delay is found (default: 0.01)',
      numberOf(1e-6, 0.5),
    )
    .option('--relay', 'talk with those that are met at a server through it, and never directly')
    .option(
      '--forget <seconds>',
      'how long somebody who is out of reach is waited for, until the others fold the past without it; or "never"; the longest that anybody names counts (default: 600)',
      secondsOf,
    )
    .option('--id <n>', 'a number of its own, instead of one that is drawn', countOf)
    .option('--ticks <n>', 'leave after so many ticks', countOf)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', AFTER)
    .action(async (addresses: string[], written: Written, command: Command) => {
      if (addresses.length === 0 && written.listen === undefined)
        return command.error('error: Nobody could ever meet it: name an address, or --listen.', {
          exitCode: EXIT.usage,
        })
      ended(await run(addresses, written, surroundings))
    })
}

const AFTER = `
Examples:
  npx sametick peer --listen tcp://127.0.0.1:5000 --emit 30
  npx sametick peer tcp://127.0.0.1:5000 --emit 30
  npx sametick peer tcp://127.0.0.1:5000 --listen tcp://127.0.0.1:5001
  npx sametick peer ws://127.0.0.1:4600/room-7 --emit 30
  npx sametick peer tcp://127.0.0.1:5000 --forget 60

The fourth meets others at a server, npx sametick serve, and then talks to them directly: that takes the package
node-datachannel beside this one. Without it, or where no direct way is found, the server passes on what they say, and
a line that begins with "by a server" says why, once for each peer.

Who was out of reach for longer than --forget, did something, and comes back to several who went on is told that it is
forgotten, and ends: start it anew to take part again.

A line that begins with "corrected" says that an event came for a second whose digest was printed already.

Ends with 0 when it has left; 1 if it was refused.`

const run = async (
  addresses: readonly string[],
  written: Written,
  surroundings: Surroundings,
): Promise<ExitCode> => {
  const { err, env, signal } = surroundings
  const { listen, fps, delay, late, id, relay, forget } = written
  try {
    const link: Tally = await peers({ ...(listen ? { listen } : {}), link: addresses }, tally(fps), {
      keep: true,
      signal,
      ...(delay === undefined ? {} : { delay }),
      ...(late === undefined ? {} : { late }),
      ...(id === undefined ? {} : { id }),
      ...(relay ? { direct: false } : {}),
      ...(forget === undefined ? {} : { forget: 1_000 * forget }),
    })
    return await new Shown(link, addresses, written, surroundings).play()
  } catch (error) {
    if (signal.aborted) return EXIT.ok
    if (!(error instanceof SametickError)) throw error
    err.write(`${paintFor(err, env).red(`error: ${visible(error.message)}`)}\n`)
    return EXIT.failed
  }
}

/** Prints how a peer does. */
class Shown {
  private readonly link: Tally
  private readonly written: Written
  /** What was named to link with: if others can come there, it is a room of a server. */
  private readonly rooms: readonly string[]
  private readonly surroundings: Surroundings
  private readonly digests = new Map<number, number>()
  private emitTimer: ReturnType<typeof setTimeout> | undefined
  private emitted = 0
  /** The neighbours of which it was said why they are reached through a server. */
  private readonly relayed = new Set<number>()

  constructor(link: Tally, rooms: readonly string[], written: Written, surroundings: Surroundings) {
    this.link = link
    this.rooms = rooms
    this.written = written
    this.surroundings = surroundings
  }

  async play(): Promise<ExitCode> {
    const { link, surroundings, written } = this
    const { signal } = surroundings
    for (const address of link.addresses)
      this.say(`${this.rooms.includes(address) ? 'meeting' : 'listening'} at ${address}`)
    this.say(`peer ${link.me}`)
    const timer = setInterval(() => {
      this.show()
      if (written.ticks !== undefined && link.stats().tick >= written.ticks) link.leave()
    }, 1_000)
    const leave = (): void => link.leave()
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    this.emitSoon()
    const status = await loop(link).ended
    clearInterval(timer)
    clearTimeout(this.emitTimer)
    signal.removeEventListener('abort', leave)
    if (status.phase === 'ended' && status.why === 'left') return EXIT.ok
    const { err, env } = surroundings
    err.write(
      `${paintFor(err, env).red(status.phase === 'ended' ? `${status.why}: ${status.hint}` : 'stopped')}\n`,
    )
    return EXIT.failed
  }

  private emitSoon(): void {
    const { emit } = this.written
    if (emit === undefined) return
    // Between nothing and twice the mean: the gaps of many peers fall as they like.
    this.emitTimer = setTimeout(
      () => {
        this.link.emit('count', ++this.emitted)
        this.emitSoon()
      },
      Math.random() * 2 * (60_000 / emit),
    )
  }

  private show(): void {
    const { link, digests, written } = this
    const { tick, rollbacks, travelled, delayMicros, wayMicros, relayed } = link.stats() as Record<
      string,
      number
    >
    const settled = (tick ?? 0) - SETTLED_S * written.fps - (2 * (delayMicros ?? 0) * written.fps) / 1e6
    let last = ''
    for (const mark of link.state.marks) {
      if (mark.tick > settled) break
      const before = digests.get(mark.tick)
      if (before !== undefined && before !== mark.digest)
        this.say(`corrected  digest ${hex(mark.digest)} at ${mark.tick}`)
      digests.set(mark.tick, mark.digest)
      last = `  digest ${hex(mark.digest)} at ${mark.tick}`
    }
    for (const old of [...digests.keys()].slice(0, -KEPT_MAX)) digests.delete(old)
    this.showRelayed()
    const { members, events } = link.state
    this.say(
      `tick ${tick}  links ${link.neighbours.length}${aside(relayed, wayMicros)}  peers ${members}  events ${events}  rollbacks ${rollbacks} (${travelled} ticks)  delay ${Math.round((delayMicros ?? 0) / 1000)} ms${last}`,
    )
  }

  /** Why a link goes through a server, once: that two find no direct way is told to who can change it. */
  private showRelayed(): void {
    const { relayed } = this.link
    for (const { id, why } of relayed) {
      if (why === undefined || this.relayed.has(id)) continue
      this.relayed.add(id)
      this.say(`by a server  peer ${id}: ${visible(why.message)}`)
    }
    for (const id of this.relayed) if (!relayed.some((each) => each.id === id)) this.relayed.delete(id)
  }

  private say(words: string): void {
    this.surroundings.out.write(`${words}\n`)
  }
}

const KEPT_MAX = 120
const hex = (digest: number): string => digest.toString(16).padStart(14, '0')

/** What is to be said of the links beside their number. */
const aside = (relayed = 0, wayMicros = 0): string => {
  const words = [
    ...(relayed > 0 ? [`${relayed} by a server`] : []),
    ...(wayMicros > 0 ? [`${(wayMicros / 1_000).toFixed(1)} ms away`] : []),
  ]
  return words.length > 0 ? ` (${words.join(', ')})` : ''
}
