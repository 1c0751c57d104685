import { app } from '../../src/app/app.ts'
import { clone } from '../../src/app/clone.ts'
import { event } from '../../src/app/event.ts'
import { Memory } from '../../src/core/machine/memory.ts'
import type { Rewindable } from '../../src/core/machine/timemachine.ts'

/** Bodies that move, turn a little and bounce off the walls: little work for each, as games of many have. */
const BODIES = 1000
/** Of their state in typed arrays. */
export const BODIES_BYTES = 4 * 8 * BODIES
const SIZE = 1000
/** Of the direction in a tick: the two steps of it keep the speed. */
const TURN = 0.01

/** In typed arrays over one buffer: 32 kB. */
const bodiesInMemory = () => {
  const buffer = new ArrayBuffer(BODIES_BYTES)
  const [x, y, vx, vy] = [0, 1, 2, 3].map((i) => new Float64Array(buffer, i * 8 * BODIES, BODIES)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < BODIES; i++) {
    x[i] = (i * 37) % SIZE
    y[i] = (i * 91) % SIZE
    vx[i] = (i % 11) - 5
    vy[i] = (i % 7) - 3
  }
  return { x, y, vx, vy }
}
type Bodies = ReturnType<typeof bodiesInMemory>

const move = ({ x, y, vx, vy }: Bodies): void => {
  for (let i = 0; i < BODIES; i++) {
    let u = (vx[i] as number) - TURN * (vy[i] as number)
    let v = (vy[i] as number) + TURN * u
    const a = (x[i] as number) + u
    const b = (y[i] as number) + v
    if (a < 0 || a > SIZE) u = -u
    if (b < 0 || b > SIZE) v = -v
    x[i] = Math.min(SIZE, Math.max(0, a))
    y[i] = Math.min(SIZE, Math.max(0, b))
    vx[i] = u
    vy[i] = v
  }
}

export const inMemory = (): Rewindable<Uint8Array> => {
  const bodies = bodiesInMemory()
  const memory = new Memory(bodies.x.buffer as ArrayBuffer)
  return {
    save: (spare) => memory.save(spare),
    restore: (snapshot) => memory.restore(snapshot),
    step: () => move(bodies),
  }
}

export const bodiesApp = () => app({ id: 'bodies@1', fps: 50, start: bodiesInMemory, tick: move })

/** The id of the event that pushes one of them. */
export const KICK = 1

/** The same with an event, so that the past can change. */
export const kickedBodiesApp = () =>
  app({
    id: 'kicked@1',
    fps: 50,
    events: { kick: event<number>(KICK) },
    start: bodiesInMemory,
    on: {
      kick: ({ vx }, { payload }) => {
        const i = payload % BODIES
        vx[i] = (vx[i] as number) + 1
      },
    },
    tick: move,
  })

interface Body {
  x: number
  y: number
  vx: number
  vy: number
}

/** The same as a list of small objects, which are cloned. */
const bodiesInObjects = (): Body[] =>
  Array.from({ length: BODIES }, (_, i) => ({
    x: (i * 37) % SIZE,
    y: (i * 91) % SIZE,
    vx: (i % 11) - 5,
    vy: (i % 7) - 3,
  }))

const moveEach = (bodies: readonly Body[]): void => {
  for (const body of bodies) {
    body.vx -= TURN * body.vy
    body.vy += TURN * body.vx
    const a = body.x + body.vx
    const b = body.y + body.vy
    if (a < 0 || a > SIZE) body.vx = -body.vx
    if (b < 0 || b > SIZE) body.vy = -body.vy
    body.x = Math.min(SIZE, Math.max(0, a))
    body.y = Math.min(SIZE, Math.max(0, b))
  }
}

export const inObjects = (): Rewindable<Body[]> => {
  let bodies = bodiesInObjects()
  return {
    save: () => clone(bodies),
    restore: (snapshot) => {
      bodies = clone(snapshot)
    },
    step: () => moveEach(bodies),
  }
}

export const objectsApp = () =>
  app({
    id: 'objects@1',
    fps: 50,
    start: () => ({ bodies: bodiesInObjects() }),
    tick: ({ bodies }) => moveEach(bodies),
  })
