/** How the eight places look, and what bots in them are called. */
export const COLOURS = [
  '#ffb42e',
  '#5c9dff',
  '#ff5f7e',
  '#3ddc97',
  '#b98cff',
  '#35d3e6',
  '#ff8a4c',
  '#dfe6f2',
] as const

const BOTS = ['Flint', 'Moss', 'Ember', 'Drift', 'Fern', 'Slate', 'Quill', 'Pebble'] as const
const PLAYERS = [
  ...['Otter', 'Lynx', 'Heron', 'Marten', 'Orca', 'Puffin', 'Stoat', 'Tern', 'Walrus', 'Fox'],
  ...['Seal', 'Owl', 'Wolf', 'Hare', 'Crane', 'Raven', 'Ibex', 'Moose', 'Finch', 'Bear'],
] as const

export const colourAt = (at: number): string => COLOURS[at] ?? '#ffffff'
export const botAt = (at: number): string => BOTS[at] ?? ''

const NAME_MAX = 12

/** The name in the page's address, or one by chance. */
export const ownName = (): string =>
  nameIn({ name: new URLSearchParams(location.search).get('name') }) ??
  (PLAYERS[Math.floor(Math.random() * PLAYERS.length)] as string)

/** The name that a player said it has, as far as it is one: what others send may be anything. */
export const nameIn = (data: unknown): string | undefined => {
  if (typeof data !== 'object' || data === null || !('name' in data)) return undefined
  const { name } = data
  return typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, NAME_MAX) : undefined
}
