import { createRequire } from 'node:module'

/**
 * Reads game controllers, in a process of its own: both this and the window ask SDL for events, and whoever asks first
 * would take those of the other along.
 */

interface Pads {
  on(what: string, listener: (event: { readonly message?: string; readonly name?: string }) => void): unknown
}
const pads = (
  createRequire(new URL('./packages/', import.meta.url))('sdl2-gamecontroller') as { default: Pads }
).default

const BUTTONS = ['dpleft', 'dpright', 'dpup', 'dpdown', 'a', 'b', 'x', 'y', 'start']

for (const button of BUTTONS) pads.on(`${button}:down`, () => process.send?.({ button }))
pads.on('controller-device-added', ({ name }) => process.send?.({ name }))
pads.on('error', ({ message }) => console.error(`A game controller cannot be read: ${message}`))

// It is of no use without the window.
process.on('disconnect', () => process.exit())
