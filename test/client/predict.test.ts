import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import { DRIVEN, type Landing } from '../../src/app/link.ts'
import type { SourceLink } from '../../src/app/source-link.ts'
import { connectBy } from '../../src/client/connect.ts'
import type { Discipline } from '../../src/core/session/options.ts'
import { NEVER } from '../../src/core/timeline/tick.ts'
import { createServer, type Server, type ServerSettings } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'

const rect = app({
  id: 'predict@1',
  fps: 60,
  events: { steer: event<number>(1), over: event(2) },
  start: () => ({ x: 0, v: 0, seen: [] as string[] }),
  on: {
    steer(s, e) {
      s.v = e.payload
      s.seen.push(`${e.player.id} ${e.payload}`)
    },
    over: (_s, _e, t) => t.end('enough'),
  },
  tick(s) {
    s.x += s.v
  },
})
type Rect = SourceLink<ReturnType<typeof rect.start>, typeof rect.events, undefined>

const connect = connectBy(dial)
const servers: Server[] = []
const links: Rect[] = []
afterEach(async () => {
  for (const link of links.splice(0)) link.leave()
  for (const server of servers.splice(0)) await server.close()
})

const serve = async (settings: ServerSettings = {}): Promise<string> => {
  const server = await createServer(settings)
  servers.push(server)
  return `${server.addresses[0]}/predict`
}

const join = async (url: string, options: Parameters<typeof connect>[2] = {}): Promise<Rect> => {
  const link = (await connect(url, rect, options)) as unknown as Rect
  links.push(link)
  return link
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 1))

/** Run all of them until something holds, one tick at a time. */
const until = async (
  all: readonly Rect[],
  holds: () => boolean,
  ran: (link: Rect) => void = () => {},
): Promise<void> => {
  while (!holds()) {
    for (const link of all) while (link[DRIVEN].run()) ran(link)
    await soon()
  }
}

/**
 * Nothing can be heard meanwhile: nobody else gets to run. False if it does not come to that, since guesses stand
 * still, as they do on a machine that is busy for longer than they go on unheard.
 */
const runUntil = (link: Rect, holds: () => boolean): boolean => {
  const { run, nextInput } = link[DRIVEN]
  while (!holds()) if (!run() && nextInput() === NEVER) return false
  return true
}

describe('connect(…, { predict: true })', () => {
  test.each(['horizon', 'auto', 'gals'] as const)(
    'shows an own event before anybody can have heard of it, and ends where all others are, in %s',
    async (discipline: Discipline) => {
      const url = await serve({ instances: 3, discipline })
      const joins = [
        join(url, { predict: true }),
        join(url, { predict: { ahead: 200, budget: 9 } }),
        join(url),
      ]
      const [a, b, plain] = (await Promise.all(joins)) as [Rect, Rect, Rect]
      const all = [a, b, plain]
      const digests = new Map<number, number>()
      const note = (link: Rect): void => {
        if (link === plain) digests.set(plain.runner.tick, plain.runner.digest())
      }
      await until(all, () => all.every((link) => link.players.length === 3 && link.stats().tick > 30))
      let last = 0
      let atOnce = 0
      // Where a machine stood still its ways count as long for a while, and own events are seen later.
      let emitted = 0
      while (emitted < 20 || (atOnce === 0 && emitted < 400)) {
        const i = ++emitted
        const from = all[i % 2] as Rect
        let landing: Landing | undefined
        void from.emit('steer', i).landed.then((told) => {
          landing = told
        })
        if (runUntil(from, () => from.state.seen.includes(`${from.me} ${i}`))) {
          expect(landing).toBeUndefined()
          atOnce++
        }
        await until(all, () => landing !== undefined, note)
        // An instance that is farther ahead has its event later, though it emitted it first.
        last = Math.max(last, (landing as unknown as { tick: number }).tick)
      }
      expect(atOnce).toBeGreaterThan(0)
      await until([a, b], () => [a, b].every((link) => (link.stats().confirmed as number) > last))
      const ends = [a, b].map((link) => {
        link.leave()
        expect(link.status).toMatchObject({ phase: 'ended', why: 'left' })
        expect(link.stats().confirmed).toBe(link.stats().tick)
        return [link.runner.tick, link.runner.digest()] as const
      })
      await until([plain], () => ends.every(([tick]) => plain.runner.tick >= tick), note)
      for (const [tick, digest] of ends) expect(digests.get(tick)).toBe(digest)
      expect(plain.state.seen).toHaveLength(emitted)
    },
  )

  test('ends with what the application says, where that is certain', async () => {
    const url = await serve({ instances: 2 })
    const [a, plain] = (await Promise.all([join(url, { predict: true }), join(url)])) as [Rect, Rect]
    await until([a, plain], () => [a, plain].every((link) => link.stats().tick > 5))
    a.emit('over')
    await until([a, plain], () => [a, plain].every((link) => link.status.phase === 'ended'))
    for (const link of [a, plain])
      expect(link.status).toEqual({ phase: 'ended', why: 'end', hint: '', result: 'enough' })
    expect(a.runner.digest()).toBe(plain.runner.digest())
  })

  test('a reader gets every input once, when it is certain', async () => {
    const url = await serve({ instances: 2 })
    const [a, plain] = (await Promise.all([join(url, { predict: true }), join(url)])) as [Rect, Rect]
    const read = (link: Rect, seen: string[]): void => {
      for (const { tick, inputs } of link.poll())
        for (const { name, player, payload } of inputs) seen.push(`${tick} ${name} ${player?.id} ${payload}`)
    }
    const [ofA, ofPlain]: [string[], string[]] = [[], []]
    for (let i = 0; i < 10 || ofA.length < 12 || ofPlain.length < 12; i++) {
      if (i < 10) ([a, plain][i % 2] as Rect).emit('steer', i)
      await soon()
      read(a, ofA)
      read(plain, ofPlain)
    }
    expect(ofA).toEqual(ofPlain)
    expect(ofA.filter((line) => line.includes('steer'))).toHaveLength(10)
  })

  test('what cannot be predicted is refused by name, with a way out, before anybody is asked', async () => {
    const nobody = 'ws://127.0.0.1:1/x'
    await expect(connect(nobody, { id: 'own@1', fps: 60 }, { predict: true })).rejects.toThrow(
      /Give its handlers to app\(\), or leave predict out/,
    )
    for (const predict of [
      { ahead: 0 },
      { ahead: Number.NaN },
      { ahead: 3_000 },
      { budget: 1 },
      { budget: 2.5 },
    ])
      await expect(connect(nobody, rect, { predict })).rejects.toMatchObject({ code: 'bad_request' })
    let outside = 0
    const forgetful = app({
      id: 'forgetful@1',
      fps: 60,
      start: () => ({ n: 0 }),
      tick: (s) => void Object.assign(s, { n: ++outside }),
    })
    await expect(connect(nobody, forgetful, { predict: true })).rejects.toMatchObject({
      code: 'step_differs',
    })
  })
})
