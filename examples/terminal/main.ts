import { argv, exit, stdin, stdout } from 'node:process'
import { emitKeypressEvents } from 'node:readline'
import { connect, loop } from 'sametick'
import rect, { type Way } from '../rectangle/rect.ts'

const link = await connect(`${argv[2] ?? 'ws://127.0.0.1:4601'}/rectangle`, rect)

emitKeypressEvents(stdin.setRawMode?.(true) ?? stdin)
stdin.on('keypress', (_text, { name, ctrl }: { name: string; ctrl: boolean }) => {
  if (ctrl && name === 'c') link.leave()
  else link.emit('steer', ['left', 'right', 'up', 'down'].includes(name) ? (name as Way) : 'stop')
})

const render = (s: { x: number; y: number }) => {
  const [column, row] = [1 + Math.floor(s.x / 10), 2 + Math.floor(s.y / 20)]
  stdout.write(`\x1b[2J\x1b[1;1Htick ${link.stats().tick}: arrows steer, Ctrl-C ends`)
  stdout.write(`\x1b[${row};${column}H████\x1b[${row + 1};${column}H████`)
}
await loop(link, { render }).ended
exit()
