import { afterEach, describe, expect, test } from 'vitest'
import { app } from '../../src/app/app.ts'
import { event } from '../../src/app/event.ts'
import type { Landing, Status } from '../../src/app/link.ts'
import { openBridged } from '../../src/client/bridged.ts'
import { connectBy } from '../../src/client/connect.ts'
import { midBy } from '../../src/client/mid.ts'
import { digest } from '../../src/core/timeline/digest.ts'
import { createServer, type Server, type ServerSettings } from '../../src/server/server.ts'
import { dial } from '../../src/transport/dial.ts'

type Dir = 'left' | 'right' | 'up' | 'down'
const V: Record<Dir, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }

/** The paper's rectangle. */
const rect = app({
  id: 'rect@1',
  fps: 100,
  events: { steer: event<Dir>(1) },
  start: () => ({ x: 10, y: 10, vx: 0, vy: 0, n: 0, seen: [] as string[] }),
  on: {
    steer(s, e) {
      ;[s.vx, s.vy] = V[e.payload]
      s.seen.push(`${e.player.id} ${e.payload}`)
    },
    join(s) {
      s.n++
    },
    leave(s) {
      s.n--
    },
  },
  tick(s) {
    s.x += 5 * s.vx
    s.y += 5 * s.vy
  },
})

const connect = connectBy(dial)
const servers: Server[] = []
const links: { leave(): void }[] = []
afterEach(async () => {
  for (const link of links.splice(0)) link.leave()
  for (const server of servers.splice(0)) await server.close()
})

const serve = async (settings: ServerSettings = {}): Promise<string> => {
  const server = await createServer(settings)
  servers.push(server)
  return server.addresses[0] as string
}

const join = async (url: string, options: Parameters<typeof connect>[2] = {}) => {
  const link = await connect(url, rect, options)
  links.push(link)
  return link
}

/** Run a link until something holds. */
const until = async (link: { poll(): unknown }, holds: () => boolean): Promise<void> => {
  while (!holds()) {
    link.poll()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

describe('connect', () => {
  test('two instances of an application go through the same states', async () => {
    const url = `${await serve({ instances: 2 })}/rect`
    const [a, b] = await Promise.all([join(url, { as: 'ann' }), join(url, { as: 'ben' })])
    const states = new Map<number, string>()
    const watch = (link: typeof a) => (): boolean => {
      for (const { tick } of link.poll()) void tick
      return link.state.seen.length === 2 && link.stats().tick >= 60
    }
    await until(a, () => a.state.n === 2)
    const receipt = a.emit('steer', 'right')
    b.emit('steer', 'down')
    await until(a, watch(a))
    await until(b, watch(b))
    const landing = await receipt.landed
    expect(landing).toMatchObject({ ok: true })
    expect(a.state.seen).toEqual(b.state.seen)
    expect(a.players.map((player) => player.data)).toEqual(b.players.map((player) => player.data))
    // To the same tick, and then they are the same to the last bit.
    const last = Math.max(a.stats().tick, b.stats().tick)
    const at = async (link: typeof a): Promise<void> => {
      while (link.stats().tick < last + 20) {
        for (const { tick } of link.poll()) if (tick === last + 20) states.set(link.me, 'there')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    await Promise.all([at(a), at(b)])
    expect([...states.keys()].sort()).toEqual([1, 2])
    expect(digest({ ...a.state, x: 0, y: 0 })).toEqual(digest({ ...b.state, x: 0, y: 0 }))
  })

  test('chance is the same at all instances of a session, and not the same in two sessions', async () => {
    const dice = app({
      id: 'dice@1',
      fps: 100,
      start: () => ({ rolls: [] as number[] }),
      tick: (s, t) => void s.rolls.push(t.random()),
    })
    const url = await serve({ instances: 2 })
    const all = await Promise.all(['one', 'one', 'two', 'two'].map((name) => connect(`${url}/${name}`, dice)))
    links.push(...all)
    for (const link of all) await until(link, () => link.state.rolls.length >= 5)
    const [a, b, c, d] = all.map((link) => link.state.rolls.slice(0, 5))
    expect(a).toEqual(b)
    expect(c).toEqual(d)
    expect(a).not.toEqual(c)
  })

  test('what could not be rolled back is named before anybody hears of the instance', async () => {
    let admitted = 0
    const url = `${await serve({ onEvent: () => admitted++ })}/first-day`
    let outside = 0
    const forgetful = app({
      id: 'forgetful@1',
      fps: 100,
      start: () => ({ n: 0 }),
      tick: (s) => void Object.assign(s, { n: ++outside }),
    })
    const attempt = connect(url, forgetful)
    await expect(attempt).rejects.toMatchObject({ code: 'step_differs' })
    await expect(attempt).rejects.toThrow(/state\.n: /)
    expect(admitted).toBe(0)
    const link = await connect(url, forgetful, { trial: false })
    links.push(link)
    await until(link, () => link.stats().tick > 1)
  })

  test('says for how many it waits, and the status follows', async () => {
    const url = `${await serve({ instances: 2 })}/lobby`
    const waits: string[] = []
    const a = await join(url, { onWaiting: (have, need) => waits.push(`${have} of ${need}`) })
    const told: Status['phase'][] = [a.status.phase]
    a.on('status', (status) => told.push(status.phase))
    expect(a.status).toMatchObject({ phase: 'lobby' })
    await join(url)
    await until(a, () => a.status.phase === 'running')
    expect(told).toContain('running')
    a.leave()
    expect(a.status).toMatchObject({ phase: 'ended', why: 'left' })
  })

  test('what is refused is refused by name, with a way out', async () => {
    const url = `${await serve()}/rect`
    await join(url)
    const other = app({ id: 'rect@2', fps: 100, start: () => ({}) })
    await expect(connect(url, other)).rejects.toMatchObject({ code: 'app_differs' })
    await expect(connect('ws://127.0.0.1:1/x', rect)).rejects.toMatchObject({ code: 'refused', retry: true })
    await expect(connect('what://is.this', rect)).rejects.toMatchObject({ code: 'unknown_scheme' })
    const a = await join(url)
    a.leave()
    expect(await a.emit('steer', 'left').landed).toMatchObject({ ok: false })
  })

  test('who comes beyond players.max looks on, and everybody else agrees', async () => {
    const url = `${await serve()}/duel`
    const duel = { ...rect, players: { ...rect.players, max: 2 } }
    const all = [await connect(url, duel), await connect(url, duel), await connect(url, duel)]
    links.push(...all)
    const [a, b, looker] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]]
    for (const link of all) await until(link, () => link.state.n === 2)
    const tried = async (): Promise<Landing> => {
      let landing: Landing | undefined
      void looker.emit('steer', 'up').landed.then((told) => {
        landing = told
      })
      await until(looker, () => landing !== undefined)
      return landing as unknown as Landing
    }
    // It knows once it has come to its own join, and nothing that it emits has its tick before that.
    const before = await tried()
    if (before.ok) await until(looker, () => looker.stats().tick >= before.tick)
    expect(await tried()).toMatchObject({
      ok: false,
      error: { code: 'session_full', hint: 'It has 2 players: this one looks on.' },
    })
    a.emit('steer', 'right')
    for (const link of all) await until(link, () => link.state.seen.length === 1)
    for (const link of all) {
      expect(link.state.seen).toEqual([`${a.me} right`])
      expect(link.players.map(({ id }) => id)).toEqual([a.me, b.me])
    }
  })

  test('the timeline itself is there for a loop of one’s own', async () => {
    const url = `${await serve()}/own`
    const link = await connect(url, { id: 'own@1', fps: 100 })
    links.push(link)
    link.emit(7, { at: 'once' })
    const seen: unknown[] = []
    for await (const input of link) {
      if (input.id !== 0) seen.push([input.id, input.payload])
      if (input.id === 7) break
    }
    expect(seen).toEqual([
      [-1, undefined],
      [7, { at: 'once' }],
    ])
  })

  test.each(['gals', 'horizon', 'auto'] as const)(
    'whoever waits for inputs is woken by each, in %s',
    async (discipline) => {
      const url = `${await serve({ discipline })}/woken`
      const link = await connect(url, { id: 'woken@1', fps: 100 })
      links.push(link)
      let ticks = 0
      for await (const input of link) if (input.id === 0 && ++ticks === 50) break
      expect(link.stats().tick).toBe(49)
    },
  )

  test('a server that goes away ends it with a reason, and nothing is thrown that nobody catches', async () => {
    const url = `${await serve()}/rect`
    const a = await join(url)
    await until(a, () => a.stats().tick > 3)
    const receipt = a.emit('steer', 'left')
    await servers.splice(0)[0]?.close()
    await until(a, () => a.status.phase === 'ended')
    expect(a.status).toEqual({ phase: 'ended', why: 'closing', hint: 'The server is shutting down.' })
    expect(await receipt.landed).toHaveProperty('ok')
  })
})

describe("the paper's four commands", () => {
  test('wait for ticks and events, and emit', async () => {
    const url = `${await serve()}/paper`
    const { mid_connect, mid_wait, mid_emit, mid_disconnect } = midBy(connect, openBridged)
    await expect(mid_wait()).rejects.toMatchObject({ code: 'not_admitted' })
    await mid_connect(url, 40)
    expect(await mid_wait()).toEqual([0, 0, undefined])
    mid_emit(5, 'key')
    let [now, evt, payload] = await mid_wait()
    for (let before = now; evt === 0; [now, evt, payload] = await mid_wait()) {
      expect(now - before).toBeLessThanOrEqual(25)
      before = now
    }
    expect([evt, payload]).toEqual([5, 'key'])
    mid_disconnect()
    await expect(mid_wait()).rejects.toMatchObject({ code: 'not_admitted' })
  })
})
