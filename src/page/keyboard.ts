import type { Key } from './rect.ts'

/** Two hands' worth of keys: the first set goes to whoever was chosen, the second to the other. */
const FIRST: Readonly<Record<string, Key>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Space: 'hold',
}
const SECOND: Readonly<Record<string, Key>> = {
  KeyA: 'left',
  KeyD: 'right',
  KeyW: 'up',
  KeyS: 'down',
  KeyQ: 'hold',
}

export type KeySet = 'first' | 'second'

/** Calls for each key of the application that goes down. A key never scrolls the page, and never leaves a slider. */
export const listenToKeys = (press: (set: KeySet, key: Key) => void): void => {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return
    const first = FIRST[event.code]
    const key = first ?? SECOND[event.code]
    if (key === undefined) return
    event.preventDefault()
    if (!event.repeat) press(first === undefined ? 'second' : 'first', key)
  })
}

/** Whether the key belongs to what has the focus. */
const isTaken = ({ target, code }: KeyboardEvent): boolean => {
  if (!(target instanceof Element)) return false
  if (target.closest('dialog') !== null) return true
  if (target instanceof HTMLInputElement) return true
  return code === 'Space' && target.closest('button, a, summary') !== null
}
