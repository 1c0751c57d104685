/** The colours of the style sheet, for canvases. They change with the scheme that the reader prefers. */

const NAMES = [
  ...['paper', 'card', 'ink', 'soft', 'line', 'grid', 'a', 'on-a', 'b', 'on-b', 'c', 'on-c'],
  ...['bad', 'bad-wash', 'good', 'ice', 'sans'],
] as const

export type Palette = Readonly<Record<string, string>>

let palette: Palette = {}

const read = (): void => {
  const style = getComputedStyle(document.documentElement)
  palette = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
}

export const watchPalette = (): void => {
  read()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', read)
}

export const colour = (name: string): string => palette[name] ?? '#000'

/** Whether the reader wants things to stay where they are. */
const stillness = matchMedia('(prefers-reduced-motion: reduce)')
export const wantsStillness = (): boolean => stillness.matches

/** Which colour the events of an instance have, by its letter. */
export const colourOf = (letter = ''): string =>
  letter === 'A' || letter === 'B' ? letter.toLowerCase() : 'c'
