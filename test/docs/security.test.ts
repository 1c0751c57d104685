import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { encodePayload } from '../../src/app/payload.ts'
import { Runner } from '../../src/app/runner.ts'
import { LIMITS } from '../../src/core/limits.ts'
import { joinPayload } from '../../src/core/session/membership.ts'
import type { Input } from '../../src/core/timeline/event.ts'
import { EMPTY } from '../../src/core/wire/bytes.ts'
import { CHANNEL_LIMITS } from '../../src/core/wire/limits.ts'
import { BACKLOG_MAX, HELLO_MS, LINGER_MS, SESSIONS_MAX } from '../../src/server/options.ts'
import { TRANSPORT_LIMITS } from '../../src/transport/limits.ts'
import duel, { sealOf } from './duel.ts'

const page = readFileSync('docs/security.md', 'utf8')

test('the example on the page is the one that is tested', () => {
  const [, shown = ''] = readFileSync('test/docs/duel.ts', 'utf8').split('word for word.\n')
  expect(page).toContain(shown.trim())
})

test('a choice counts only if it is the one that was committed to, and everybody has committed', () => {
  const runner = new Runner(duel)
  let numbers = 0
  const happens = (id: number, source: number, payload: Uint8Array): void => {
    const number = ++numbers
    const tick = runner.tick + 1
    for (const input of [
      { tick, id, source, number, seq: number, payload },
      { tick, id: 0, source: 0, number: 0, seq: 0, payload: EMPTY },
    ] satisfies Input[])
      runner.take(input)
  }
  const [ann, ben] = [
    { choice: 'rock', salt: '1f' },
    { choice: 'paper', salt: '2e' },
  ]
  for (const member of [1, 2]) happens(-1, 0, joinPayload({ member, slot: member - 1, data: EMPTY }))
  happens(1, 1, encodePayload(sealOf(ann)))
  happens(2, 1, encodePayload(ann))
  expect(runner.state.choices.size).toBe(0)
  happens(1, 2, encodePayload(sealOf(ben)))
  happens(1, 2, encodePayload(sealOf({ choice: 'scissors', salt: '2e' })))
  happens(2, 2, encodePayload({ choice: 'scissors', salt: '2e' }))
  expect(runner.state.choices.size).toBe(0)
  happens(2, 1, encodePayload(ann))
  happens(2, 2, encodePayload(ben))
  expect([...runner.state.choices]).toEqual([
    [1, 'rock'],
    [2, 'paper'],
  ])
})

test('the limits on the page are those of the code', () => {
  const grouped = (n: number): string => n.toLocaleString('en')
  const rows: readonly (readonly [string, string])[] = [
    ['payload of an event', `${grouped(LIMITS.payload_bytes_max)} bytes`],
    ['message', `${grouped(TRANSPORT_LIMITS.message_bytes_max)} bytes`],
    ['what comes with a player', `${grouped(LIMITS.member_bytes_max)} bytes`],
    ['name of a session', `${LIMITS.text_bytes_max} bytes`],
    ['members of a session', grouped(LIMITS.members_max)],
    ['events of one member that wait for their tick', grouped(LIMITS.unstamped_max)],
    [
      'events kept for newcomers',
      `${grouped(LIMITS.log_events_max)}, or ${LIMITS.log_bytes_max / 1_048_576} MiB`,
    ],
    ['connections of a port', grouped(TRANSPORT_LIMITS.connections_max)],
    ['sessions of a server', grouped(SESSIONS_MAX)],
    ['bytes that wait for one who does not read', `${BACKLOG_MAX / 1_048_576} MiB`],
    ['time to open a connection', `${TRANSPORT_LIMITS.opening_max / 1e6} s`],
    ['time to say hello', `${HELLO_MS / 1e3} s`],
    ['silence', `${LIMITS.silence_max / 1e6} s`],
    ['time that an empty session is kept', `${LINGER_MS / 1e3} s`],
  ]
  for (const [what, most] of rows) expect(page).toMatch(new RegExp(`^\\| ${what} \\| ${most} \\|`, 'm'))
  expect(page.match(/^\| .* \| .* \| .* \|$/gm)).toHaveLength(rows.length + 2)
  expect(CHANNEL_LIMITS.opening_max).toBe(TRANSPORT_LIMITS.opening_max)
})
