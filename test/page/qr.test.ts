import { describe, expect, test } from 'vitest'
import { type Matrix, qrCode } from '../../src/page/qr.ts'

/** Codes as libqrencode 4.1.1 makes them (`qrencode -8 -l M`): a row is a number in hexadecimal. */
const KNOWN = [
  {
    what: 'a greeting',
    text: 'Hello, world!',
    rows: [
      '1fc17f 104a41 17575d 17505d 17595d 105e41 1fd57f 1400 17ce7c 3319d 25dce ca7ac 1bd161',
      '10f8 1fcde6 1055ae 175bd3 175438 175f64 10459c 1fda52',
    ].join(' '),
  },
  {
    what: 'an address, in two blocks',
    text: 'http://192.168.1.20:8080/instance.html?session=demo-k3x9q21-auto',
    rows: [
      '1fd933697f 10530afc41 175286ad5d 174629bc5d 1754d7945d 104cc17141 1fd555557f 2fe5b00',
      '13fbc2c097 1a8a1c9f1a 194a3faba5 4169f317f 15742127c9 10cb0b2b8 14d1671f8f 1a3c03d1df',
      '9d2acd946 113308e2a8 8fe5a16d9 1eb1b72c01 5fcda2050 189dae3314 ee5f1b6a9 103bb73634',
      '136669f2e3 1c0a4e5a9c 19f7604b87 15a552253d 145a334dff 13af9710 1fd1ee3959 1057b39912',
      '175a17b7f9 1753c96b4d 174888fe19 104bec62ff 1fdc872509',
    ].join(' '),
  },
  {
    what: 'what needs a version of its own bits',
    text: 'Sametick '.repeat(13).trim(),
    rows: [
      '1fdb59e7797f 104200e86a41 175ced56ea5d 1742795a2b5d 174a35f7475d 105d9d1e8041',
      '1fd55555557f b87119000 146bc1f55e25 1ca2f08baa89 1171edfb049d 58cb8b5581b 1dc465a536db',
      'a0a14fa3ab1 18e4ca98a17d c8ba8e1779a 7dca4d35254 dbbc52ba0a9 cc23c1a9807 1b87de8b1d5b',
      '13f5f5fd17f2 1f12d51aab13 b599d59a955 1d14591e911a 19fc3df5d1f9 2a59948aac6 1fe4a3ebbbc5',
      '1b24d8a11b58 19ee4f71de89 982096ab8a1 8d751ab7951 1a2b47a1136a 145ac1451eeb 1388934ba8e9',
      '14cb6eb875d f3bcaa51b5b 136eb3f557fb 18851a8b1d 1fd325589155 1045bf19511a 1744e3f757f8',
      '174d8e2bba93 17568442b9d1 1044f55514a8 1fd5533117b9',
    ].join(' '),
  },
] as const

const MASKS = [0, 1, 2, 3, 4, 5, 6, 7]

const hexOf = (matrix: Matrix | undefined): string =>
  (matrix ?? [])
    .map((row) => BigInt(`0b${row.map((dark) => (dark ? 1 : 0)).join('')}`).toString(16))
    .join(' ')

describe('a QR code', () => {
  test.each(KNOWN)('of $what is the known one', ({ text, rows }) => {
    // Any mask is right; which one reads best is a matter of judgement.
    expect(MASKS.map((mask) => hexOf(qrCode(text, mask)))).toContain(rows)
    expect(MASKS.map((mask) => hexOf(qrCode(text, mask)))).toContain(hexOf(qrCode(text)))
  })

  test('holds 213 bytes and no more', () => {
    expect(qrCode('x'.repeat(213))).toHaveLength(57)
    expect(qrCode('x'.repeat(214))).toBeUndefined()
    expect(qrCode('é'.repeat(107))).toBeUndefined()
  })
})
