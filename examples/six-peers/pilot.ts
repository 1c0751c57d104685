import type { Preset } from './graph.ts'
import { COUNT } from './peer.ts'
import type { Way } from './rect.ts'

/** What the autopilot can do: no more than whoever looks at the page. */
export interface Hands {
  steer(peer: number, way: Way): void
  setOffline(peer: number, isOffline: boolean): void
  set(preset: Preset): void
}

type Scene = (pilot: Autopilot) => void

/** Uses the page as somebody would, until somebody does. */
export class Autopilot {
  isOn = true
  private readonly hands: Hands
  private readonly away: number[] = []
  private scene = 0
  private sceneAt = 0
  private steerAt = 0
  private steered = 0
  private isLevel = true

  constructor(hands: Hands) {
    this.hands = hands
  }

  restart(now: number): void {
    this.scene = 0
    this.sceneAt = now + 3_500
    this.steerAt = now + 400
    this.away.length = 0
  }

  run(now: number): void {
    if (!this.isOn) return
    if (now >= this.sceneAt) {
      SCENES[this.scene++ % SCENES.length]?.(this)
      this.sceneAt = now + 4_600
    }
    if (now < this.steerAt) return
    this.steer()
    this.steerAt = now + 700 + 700 * Math.random()
  }

  set(preset: Preset): void {
    this.hands.set(preset)
  }

  /** So many leave the network; those that were away are back. */
  leave(count: number): void {
    this.comeBack()
    const first = Math.floor(Math.random() * COUNT)
    for (let i = 0; i < count; i++) this.away.push((first + 2 * i) % COUNT)
    for (const peer of this.away) this.hands.setOffline(peer, true)
  }

  comeBack(): void {
    for (const peer of this.away.splice(0)) this.hands.setOffline(peer, false)
  }

  private steer(): void {
    this.isLevel = !this.isLevel
    const isFirst = Math.random() < 0.5
    const way = this.isLevel ? (isFirst ? 'right' : 'left') : isFirst ? 'down' : 'up'
    // Every second time it is one of those that are alone, so that it goes its own way.
    const alone = this.away[this.steered++ % Math.max(2, this.away.length)]
    this.hands.steer(alone ?? Math.floor(Math.random() * COUNT), way)
  }
}

const SCENES: readonly Scene[] = [
  (pilot) => pilot.leave(1),
  (pilot) => pilot.comeBack(),
  (pilot) => pilot.set('islands'),
  (pilot) => pilot.set('all'),
  (pilot) => pilot.leave(2),
  (pilot) => pilot.comeBack(),
  (pilot) => pilot.set('star'),
  (pilot) => pilot.leave(1),
  (pilot) => pilot.comeBack(),
  (pilot) => pilot.set('ring'),
]
