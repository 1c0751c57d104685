/**
 * A game controller that is none: SDL's virtual joystick, in the process that reads controllers. It is loaded before
 * the program (`node --import`), and presses the buttons that come over a socket, a number a line.
 */
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { argv, env } from 'node:process'
import { createInterface } from 'node:readline'

const JOYSTICK = 0x200
const GAMECONTROLLER = 0x2000
const TYPE_GAMECONTROLLER = 1

if (argv[1]?.endsWith('pad.ts')) {
  const fromExample = createRequire(new URL('../../examples/sdl/packages/', import.meta.url))
  const lib = fromExample('koffi').load('libSDL2-2.0.so.0')
  const init = lib.func('int SDL_Init(uint32_t flags)')
  const attach = lib.func('int SDL_JoystickAttachVirtual(int type, int axes, int buttons, int hats)')
  const open = lib.func('void *SDL_JoystickOpen(int index)')
  const set = lib.func('int SDL_JoystickSetVirtualButton(void *joystick, int button, uint8_t value)')
  if (init(JOYSTICK | GAMECONTROLLER) !== 0) throw new Error('SDL does not begin')
  const joystick = open(attach(TYPE_GAMECONTROLLER, 6, 15, 0))
  const socket = connect(Number(env.VIRTUAL_PAD_PORT), '127.0.0.1')
  socket.unref()
  socket.on('error', () => {})
  createInterface({ input: socket }).on('line', (line) => {
    const [button, value] = line.split(' ').map(Number)
    set(joystick, button, value)
  })
}
