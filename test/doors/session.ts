import { createBridge } from '../../src/bridge/index.ts'
import type { Discipline } from '../../src/core/session/options.ts'
import { createServer } from '../../src/server/server.ts'
import { dial as dialAny } from '../../src/transport/dial.ts'
import type { Dial } from '../../src/transport/transport.ts'
import type { Door, Running } from './door.ts'
import { APP } from './rules.ts'

/** Less than a test may take: who waits in vain says for what. It judges no machine, however slow. */
const PATIENCE_MS = 90_000

export interface Plan {
  readonly fps: number
  readonly ticks: number
  readonly discipline?: Discipline
  /** Called when all instances have been started, with what may be done to them. */
  readonly meanwhile?: (running: readonly Running[]) => Promise<void>
  /** Those that are killed on the way, by their place among the doors: they owe nothing after that. */
  readonly killed?: readonly number[]
  /** By which the bridge reaches the sequencer, if not straight. */
  readonly dial?: Dial
  /** How long all of it may take before the instances are ended, in milliseconds. */
  readonly patience?: number
}

/** What one session of some doors came to. */
export interface Outcome {
  readonly doors: readonly string[]
  /** Ticks at which all instances were equal. */
  readonly equal: number
  /** States that were seen: a rectangle that stands still proves nothing. */
  readonly states: number
  /** What went wrong, as sentences. None: it is as it should be. */
  readonly wrong: readonly string[]
}

/** One instance of each door in one session, which starts when all are there. */
export const playDoors = async (doors: readonly Door[], plan: Plan): Promise<Outcome> => {
  const { fps, ticks, discipline = 'auto' } = plan
  const patience = plan.patience ?? PATIENCE_MS + (3_000 * ticks) / fps
  const server = await createServer({ discipline, instances: doors.length })
  const url = `${server.addresses[0]}/doors`
  const { dial = dialAny } = plan
  const bridge = await createBridge({ server: url, ports: [0], app: APP, dial })
  const port = bridge.ports[0] as number
  const running: Running[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    for (const [i, door] of doors.entries())
      running.push(await door.start({ url, port, fps, ticks, seed: 1 + i }))
    timer = setTimeout(() => {
      for (const one of running) one.kill()
    }, patience)
    const over = Promise.all(running.map((one) => one.ended))
    // Where all have ended, whatever it still waits for will not come.
    await Promise.race([plan.meanwhile?.(running), over])
    return outcomeOf(doors, running, await over, plan)
  } finally {
    clearTimeout(timer)
    for (const one of running) one.kill()
    await bridge.close()
    await server.close()
  }
}

const outcomeOf = (
  doors: readonly Door[],
  running: readonly Running[],
  ended: readonly boolean[],
  { ticks, killed = [] }: Plan,
): Outcome => {
  const wrong: string[] = []
  const names = doors.map(({ name }) => name)
  for (const [i, one] of running.entries()) {
    if (killed.includes(i)) {
      if (ended[i]) wrong.push(`${names[i]} was not killed`)
      continue
    }
    if (!ended[i]) wrong.push(`${names[i]} ended too early: ${one.said.slice(-5).join(' | ')}`)
    if (one.digests.size !== ticks) wrong.push(`${names[i]} ran ${one.digests.size} of ${ticks} ticks`)
  }
  let equal = 0
  let told = false
  const states = new Set<string>()
  for (let tick = 0; tick < ticks; tick++) {
    const found = running.map(({ digests }) => digests.get(tick))
    const [first, ...others] = found.filter((digest, i) => digest !== undefined || !killed.includes(i))
    if (first !== undefined) states.add(first)
    if (first !== undefined && others.every((digest) => digest === first)) equal++
    else if (!told) {
      told = true
      wrong.push(
        `tick ${tick} differs: ${names.map((name, i) => `${name} ${found[i] ?? 'nothing'}`).join(', ')}`,
      )
    }
  }
  if (states.size < 2) wrong.push('nothing ever moved')
  return { doors: names, equal, states: states.size, wrong }
}
