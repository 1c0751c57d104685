import { dialBrowser } from '../transport/websocket-browser.ts'
import { byId } from './elements.ts'
import { RectInstance } from './instance.ts'
import { listenToKeys } from './keyboard.ts'
import { colourOf, watchPalette } from './palette.ts'
import { Pane, setText } from './pane.ts'
import { Place } from './place.ts'
import { type Key, MOVED } from './rect.ts'
import { serverUrl } from './session.ts'

/** One instance alone, over the whole window: on a phone, or in a window of its own. */

/** What a program may ask this page, under `window.sametickInstance`. */
export interface SingleInspection {
  readonly session: string
  /** The last tick that was run. */
  readonly local: number
  /** A number that stands for every input up to a tick; undefined if it is too long ago or still to come. */
  chain(tick: number): number | undefined
}

watchPalette()
const place = new Place()
const pane = new Pane(byId('pane-C'), { pressed: press, chosen: () => {} })
let session = new URLSearchParams(location.search).get('session') ?? 'demo'
let instance: RectInstance | undefined
let failures = 0

function press(key: Key): void {
  pane.show(key)
  instance?.press(key)
}

async function open(): Promise<void> {
  const dialled = await dialBrowser(serverUrl())
  if (!dialled.ok) return ended(dialled.failure.code, dialled.failure.hint)
  const opened: RectInstance = new RectInstance(
    dialled.value,
    place,
    { session, letter: 'C' },
    {
      took: ({ id, source, payload }) => {
        if (id === MOVED) return moved(new TextDecoder().decode(payload))
        if (id > 0) pane.strike(colourOf(opened.letterOf(source)))
      },
      ended,
    },
  )
  instance = opened
}

/** The session goes on under another name: there as here, and in the address. */
function moved(name: string): void {
  // Not before the input that says so has been taken.
  setTimeout(() => {
    instance?.leave()
    instance = undefined
    pane.wait()
    session = name
    history.replaceState(undefined, '', `?session=${encodeURIComponent(name)}`)
    void open()
  }, 1_000)
}

function ended(code: string, hint: string): void {
  setText(byId('notice'), `No connection (${code}). ${hint} Trying again.`)
  setTimeout(() => void open(), Math.min(5_000, 500 * 2 ** failures++))
}

function frame(): void {
  requestAnimationFrame(frame)
  instance?.pump()
  pane.draw(instance, performance.now())
  if (instance === undefined) return
  pane.describe(instance)
  if (!instance.isRunning) return
  failures = 0
  setText(byId('notice'), '')
  setText(byId('tick'), instance.recent.last.toLocaleString('en'))
}

const inspection: SingleInspection = {
  get session() {
    return session
  },
  get local() {
    return instance?.recent.last ?? -1
  },
  chain: (tick) => instance?.recent.at(tick)?.chain,
}
Object.assign(window, { sametickInstance: inspection })
listenToKeys((_set, key) => press(key))
document.addEventListener('visibilitychange', () => instance?.pump())
void open()
requestAnimationFrame(frame)
