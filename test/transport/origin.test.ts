import { expect, test } from 'vitest'
import { isLocalAddress, mayConnect } from '../../src/transport/origin.ts'

const OUTSIDE = false
const INSIDE = true

test.each([
  ['a program that is no page', undefined, 'play.example', OUTSIDE],
  ['a page from this machine', 'http://localhost:5173', 'play.example', OUTSIDE],
  ['the same by number', 'http://127.0.0.1:8080', '127.0.0.1:9', INSIDE],
  ['the same by number, IPv6', 'http://[::1]:8080', '[::1]:9', INSIDE],
  ['the same by a name below localhost', 'http://game.localhost', 'localhost:9', INSIDE],
  ["a page from the server's own host", 'https://play.example', 'play.example', OUTSIDE],
  ['the same at another port', 'http://play.example:8080', 'play.example:9', OUTSIDE],
  ['a page that is named', 'https://friend.example', 'play.example', INSIDE],
])('%s may connect', (_, origin, host, isLocal) => {
  expect(mayConnect(origin, host, isLocal, { origins: ['https://friend.example'] })).toBe(true)
})

test.each([
  ['a page from elsewhere', 'https://evil.example', 'play.example', OUTSIDE],
  [
    'a page whose name only begins like its host',
    'https://play.example.evil.example',
    'play.example',
    OUTSIDE,
  ],
  ['a page whose name only ends like this machine', 'https://notlocalhost', 'play.example', OUTSIDE],
  ['a page whose name was made to lead to this machine', 'http://evil.example', 'evil.example', INSIDE],
  ['a page that hides where it is from', 'null', 'play.example', OUTSIDE],
  ['a page when the server was not called by a name', 'https://play.example', undefined, OUTSIDE],
  ['a named page, but without encryption', 'http://friend.example', 'play.example', OUTSIDE],
])('%s may not', (_, origin, host, isLocal) => {
  expect(mayConnect(origin, host, isLocal, { origins: ['https://friend.example'] })).toBe(false)
})

test('all may, if it is said so', () => {
  expect(mayConnect('https://evil.example', 'play.example', true, { origins: ['*'] })).toBe(true)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.0.2.1', false],
  ['::ffff:192.0.2.1', false],
  ['2001:db8::1', false],
  [undefined, false],
])('%s is an address that only this machine has: %s', (address, is) => {
  expect(isLocalAddress(address)).toBe(is)
})
