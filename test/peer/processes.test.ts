import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'

/** A peer in a process of its own, and what it has said so far. */
class Process {
  readonly child: ChildProcess
  /** The digest that it named last for each tick. */
  readonly digests = new Map<number, string>()
  address = ''
  links = 0
  events = 0
  out = ''

  constructor(...words: string[]) {
    this.child = spawn(process.execPath, ['--import', './test/ts.mjs', 'src/cli/main.ts', 'peer', ...words])
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

const all: Process[] = []

afterEach(async () => {
  await Promise.all(
    all
      .splice(0)
      .map((each) =>
        each.child.exitCode === null && each.child.signalCode === null ? each.end('SIGKILL') : 0,
      ),
  )
})

/** Looks until it holds; what never does is ended by the test's own time, with what was said. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) {
    const dead = all.find(({ child }) => child.exitCode !== null)
    if (dead) throw new Error(`a peer has ended:\n${dead.out}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Whether there is a tick after this one at which all of them name the same digest, and one that all name. */
const agreeAfter = (peers: readonly Process[], tick: number): boolean =>
  [...(peers[0] as Process).digests].some(
    ([at, digest]) => at > tick && peers.every(({ digests }) => digests.get(at) === digest),
  )

test('processes agree tick for tick, also after one in the middle is killed and another takes its place', async () => {
  const a = new Process('--listen', 'tcp://127.0.0.1:0', '--emit', '200')
  await until(() => a.address !== '')
  const b = new Process(a.address, '--listen', 'tcp://127.0.0.1:0', '--emit', '200')
  await until(() => b.address !== '')
  const c = new Process(b.address, '--listen', 'tcp://127.0.0.1:0', '--emit', '200')
  await until(() => c.address !== '')
  const d = new Process(c.address, '--emit', '200')
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
  const again = new Process(a.address, '--listen', b.address)
  await until(() => [a, c, d, again].every(({ links }) => links >= 1) && c.links === 2)
  const healed = Math.max(...[a, c, d, again].map(({ lastTick }) => lastTick))
  await until(() => agreeAfter([a, c, d, again], healed))
  expect(again.events).toBeGreaterThan(10)
  expect(await d.end('SIGINT')).toBe(0)
  all.splice(all.indexOf(d), 1)
})
