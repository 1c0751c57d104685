import { afterEach, expect, test } from 'vitest'
import { endAll, type Process, sametick } from '../cli/process.ts'
import { steadyPort } from '../steady-port.ts'

/** A peer in a process of its own, and what it has said so far. */
class Peer {
  readonly child: Process['child']
  /** The digest that it named last for each tick. */
  readonly digests = new Map<number, string>()
  address = ''
  links = 0
  events = 0
  out = ''

  constructor({ child }: Process) {
    this.child = child
    let rest = ''
    this.child.stdout?.on('data', (text) => {
      const lines = (rest + String(text)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.hear(line)
    })
    this.child.stderr?.on('data', (text) => {
      this.out += String(text)
    })
    all.push(this)
  }

  static async of(...words: string[]): Promise<Peer> {
    return new Peer(await sametick('peer', ...words))
  }

  private hear(line: string): void {
    this.out += `${line}\n`
    this.address = /^listening at (.*)$/.exec(line)?.[1] ?? this.address
    this.links = Number(/ links (\d+) /.exec(line)?.[1] ?? this.links)
    this.events = Number(/ events (\d+) /.exec(line)?.[1] ?? this.events)
    const [, digest = '', tick] = / digest (\w+) at (\d+)$/.exec(line) ?? []
    if (tick !== undefined) this.digests.set(Number(tick), digest)
  }

  get lastTick(): number {
    return Math.max(-1, ...this.digests.keys())
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    return new Promise((resolve) => {
      this.child.once('exit', (code) => resolve(code))
      this.child.kill(signal)
    })
  }
}

const all: Peer[] = []

afterEach(async () => {
  all.splice(0)
  await endAll()
})

/** Looks until it holds; what never does is ended by the test's own time, with what was said. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) {
    const dead = all.find(({ child }) => child.exitCode !== null || child.signalCode !== null)
    if (dead) throw new Error(`a peer has ended:\n${dead.out}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Whether there is a tick after this one at which all of them name the same digest, and one that all name. */
const agreeAfter = (peers: readonly Peer[], tick: number): boolean =>
  [...(peers[0] as Peer).digests].some(
    ([at, digest]) => at > tick && peers.every(({ digests }) => digests.get(at) === digest),
  )

test('processes agree tick for tick, also after one in the middle is killed and another takes its place', async () => {
  const a = await Peer.of('--listen', 'tcp://127.0.0.1:0', '--emit', '200')
  await until(() => a.address !== '')
  const b = await Peer.of(a.address, '--listen', `tcp://127.0.0.1:${await steadyPort()}`, '--emit', '200')
  await until(() => b.address !== '')
  const c = await Peer.of(b.address, '--listen', 'tcp://127.0.0.1:0', '--emit', '200')
  await until(() => c.address !== '')
  const d = await Peer.of(c.address, '--emit', '200')
  await until(() => [a, b, c, d].every(({ events }) => events > 5))
  const first = Math.max(...[a, b, c, d].map(({ lastTick }) => lastTick))
  await until(() => agreeAfter([a, b, c, d], first))

  // Two halves go on without each other.
  await b.end('SIGKILL')
  all.splice(all.indexOf(b), 1)
  await until(() => a.links === 0 && c.links === 1)
  const parted = Math.max(a.lastTick, c.lastTick)
  await until(() => agreeAfter([c, d], parted) && a.lastTick > parted)

  // Somebody listens again where the dead one did, and what each half did alone is everybody's.
  const again = await Peer.of(a.address, '--listen', b.address)
  await until(() => [a, c, d, again].every(({ links }) => links >= 1) && c.links === 2)
  const healed = Math.max(...[a, c, d, again].map(({ lastTick }) => lastTick))
  await until(() => agreeAfter([a, c, d, again], healed))
  expect(again.events).toBeGreaterThan(10)
  expect(await d.end('SIGINT')).toBe(0)
  all.splice(all.indexOf(d), 1)
})
