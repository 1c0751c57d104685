import { byId } from './elements.ts'
import { setText } from './pane.ts'
import { qrCode } from './qr.ts'

/** What the server says of itself. */
interface Info {
  /** Where it can be reached, as URLs of pages or of WebSockets. */
  readonly addresses: readonly string[]
  /** Whether others than this machine can reach it. */
  readonly open: boolean
}

const QUIET = 4

/** A window, or a phone, for one more instance of the session. */
export const offerThird = (session: () => string): void => {
  const dialog = byId<HTMLDialogElement>('third')
  byId('third-open').addEventListener('click', () => {
    void show(session())
    dialog.showModal()
  })
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
}

const show = async (session: string): Promise<void> => {
  const path = `/instance.html?session=${encodeURIComponent(session)}`
  byId<HTMLAnchorElement>('third-link').href = path
  const info = await ask()
  const address = info.open ? info.addresses.find(isForOthers)?.replace(/^ws/, 'http') : undefined
  const code = address === undefined ? undefined : qrCode(new URL(path, address).href)
  const canvas = byId<HTMLCanvasElement>('code')
  canvas.hidden = code === undefined
  setText(
    byId('third-says'),
    code === undefined
      ? 'Phones cannot reach this server: it listens on this machine only. A new window takes part as well.'
      : 'Point a phone’s camera here. It has to be in the same network.',
  )
  if (code === undefined) return
  canvas.ariaLabel = `Code for ${new URL(path, address).href}`
  canvas.width = code.length + 2 * QUIET
  canvas.height = canvas.width
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = '#000'
  for (const [row, modules] of code.entries())
    for (const [column, dark] of modules.entries())
      if (dark) context.fillRect(column + QUIET, row + QUIET, 1, 1)
}

const ask = async (): Promise<Info> => {
  try {
    return (await (await fetch('/info.json')).json()) as Info
  } catch {
    return { addresses: [], open: false }
  }
}

/** Addresses that lead to this machine only, or to none. */
const NOT_FOR_OTHERS = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'])

const isForOthers = (address: string): boolean =>
  /^(http|ws)s?:/.test(address) && !NOT_FOR_OTHERS.has(new URL(address).hostname)
