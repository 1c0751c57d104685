import { count, setText, wantsStillness } from './look.ts'
import type { Peer } from './peer.ts'
import { Picture } from './picture.ts'
import type { Taken } from './record.ts'
import type { Point, Way } from './rect.ts'

/** What somebody does to a peer. */
export interface Acts {
  steer(peer: number, way: Way): void
  choose(peer: number): void
  toggleOffline(peer: number): void
  /** A link is drawn from here, to wherever the pointer is; undefined: it is let go of. */
  draw(peer: number, to: Point | undefined): void
  /** The pointer was let go of there. */
  drop(peer: number, at: Point): void
}

const ARROW = 'M14 7 7.4.4V4.6H0v4.8h7.4v4.2z'
const KEYS: readonly (readonly [way: Way, label: string, turn: number])[] = [
  ['left', 'Left', 180],
  ['up', 'Up', 270],
  ['down', 'Down', 90],
  ['right', 'Right', 0],
  ['hold', 'Hold', 0],
]
const PLUG = 'M5 1v3M9 1v3M3 4h8v2.5a4 4 0 0 1-8 0zM7 10.5V13'

/** A pointer that moved less has clicked. */
const TAP_PX = 14
const DOWN_MS = 180
const TOLD_MS = 1_600

/** One peer in the page: its world, its keys, and how it stands. */
export class NodeView {
  readonly element: HTMLElement
  readonly picture: Picture
  private readonly index: number
  private readonly keys = new Map<Way, HTMLButtonElement>()
  private readonly parts: Readonly<Record<'tick' | 'digest' | 'back' | 'state', HTMLElement>>
  private readonly offline: HTMLButtonElement
  private toldAt = Number.NEGATIVE_INFINITY

  constructor(peer: Peer, acts: Acts) {
    this.index = peer.index
    const element = document.createElement('article')
    element.className = 'node'
    element.dataset.peer = peer.letter
    element.setAttribute('aria-label', `Peer ${peer.letter}`)
    element.innerHTML = `
      <header><h2 class="badge">${peer.letter}</h2><output class="digest" title="Digest of the state: equal exactly if the state is"></output>
        <button type="button" class="plug" aria-pressed="false" aria-label="${peer.letter} offline" title="Take ${peer.letter} offline (O)"><svg viewBox="0 0 14 14" aria-hidden="true"><path d="${PLUG}"/></svg></button></header>
      <div class="screen"><canvas role="img" aria-label="The rectangle as ${peer.letter} shows it"></canvas>
        <p class="state"></p><p class="back"></p><p class="tick"></p></div>
      <fieldset class="keys" aria-label="Keys of ${peer.letter}">${KEYS.map(keyOf).join('')}</fieldset>`
    const find = <E extends HTMLElement>(selector: string): E => element.querySelector(selector) as E
    this.element = element
    this.picture = new Picture(find('canvas'), peer.record)
    this.parts = { tick: find('.tick'), digest: find('.digest'), back: find('.back'), state: find('.state') }
    this.offline = find('.plug')
    this.offline.addEventListener('click', () => acts.toggleOffline(peer.index))
    for (const button of element.querySelectorAll<HTMLButtonElement>('.keys button')) {
      const way = button.value as Way
      this.keys.set(way, button)
      button.addEventListener('click', () => acts.steer(peer.index, way))
    }
    this.listen(find('.screen'), acts, true)
    this.listen(find('.badge'), acts, false)
  }

  /** The key is seen to go down. */
  press(way: Way): void {
    const button = this.keys.get(way)
    button?.classList.add('is-down')
    setTimeout(() => button?.classList.remove('is-down'), DOWN_MS)
  }

  /** A rollback is over: how long it was is to be read for a while. */
  takeBack(taken: Taken, now: number): void {
    this.picture.takeBack(taken, now)
    if (now - this.toldAt < TOLD_MS && taken.ticks < 10) return
    this.toldAt = now
    setText(this.parts.back, `↶ ${count(taken.ticks, 'tick')}`)
    if (wantsStillness()) return
    this.element.classList.remove('is-back')
    // Only so does the same animation begin anew.
    void this.element.offsetWidth
    this.element.classList.add('is-back')
  }

  showOffline(isOffline: boolean): void {
    setText(this.parts.state, isOffline ? 'offline' : '')
    this.element.classList.toggle('is-offline', isOffline)
    this.offline.setAttribute('aria-pressed', `${isOffline}`)
  }

  write(now: number, tick: number, digest: string, party: number): void {
    if (now - this.toldAt > TOLD_MS) setText(this.parts.back, '')
    setText(this.parts.tick, `tick ${tick.toLocaleString('en')}`)
    setText(this.parts.digest, digest)
    this.element.style.setProperty('--party', `var(--party-${Math.max(0, party)})`)
    this.element.dataset.party = `${party}`
  }

  /**
   * A finger that is drawn over the screen steers, one that taps it holds. A mouse, and whoever begins at the
   * letter, draws a link.
   */
  private listen(target: HTMLElement, acts: Acts, steers: boolean): void {
    let from: Point | undefined
    let isLink = false
    target.addEventListener('pointerdown', (event) => {
      acts.choose(this.index)
      from = { x: event.clientX, y: event.clientY }
      isLink = !steers || event.pointerType === 'mouse'
      target.setPointerCapture(event.pointerId)
    })
    target.addEventListener('pointermove', (event) => {
      if (from === undefined) return
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
      if (isLink) return acts.draw(this.index, { x: event.clientX, y: event.clientY })
      if (Math.max(Math.abs(dx), Math.abs(dy)) < TAP_PX) return
      from = undefined
      acts.steer(this.index, swipe(dx, dy))
    })
    const finish = (event: PointerEvent, isDone: boolean): void => {
      if (from === undefined) return
      from = undefined
      acts.draw(this.index, undefined)
      if (!isDone) return
      if (isLink) acts.drop(this.index, { x: event.clientX, y: event.clientY })
      else acts.steer(this.index, 'hold')
    }
    target.addEventListener('pointerup', (event) => finish(event, true))
    target.addEventListener('pointercancel', (event) => finish(event, false))
  }
}

const keyOf = ([way, label, turn]: (typeof KEYS)[number]): string => {
  const shape =
    way === 'hold'
      ? '<rect x="2" y="2" width="10" height="10"/>'
      : `<path d="${ARROW}" transform="rotate(${turn} 7 7)"/>`
  return `<button type="button" class="key" value="${way}" aria-label="${label}"><svg viewBox="0 0 14 14" aria-hidden="true">${shape}</svg></button>`
}

const swipe = (dx: number, dy: number): Way => {
  if (Math.abs(dx) > Math.abs(dy)) return dx < 0 ? 'left' : 'right'
  return dy < 0 ? 'up' : 'down'
}
