import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createBridge } from '../../../src/bridge/index.ts'
import { createServer } from '../../../src/server/server.ts'
import { C99, compile, compiler, HOW_TO_GET_ONE, workFolder } from '../../doors/c/compile.ts'
import { Spoken } from './program.ts'

const page = readFileSync(new URL('../../../src/bindings/c/README.md', import.meta.url), 'utf8')
const header = readFileSync(new URL('../../../src/bindings/c/sametick.h', import.meta.url), 'utf8')

test('the page names every code and every function of the header', () => {
  const codes = [...header.matchAll(/^ {2}(MID_\w+) = -[1-7],? /gm)].map(([, name = '']) => name)
  const functions = [...header.matchAll(/^(?:int|const char \*) ?\*?(mid_\w+)\(.*\);$/gm)].map(
    ([, name = '']) => name,
  )
  expect(new Set(functions).size).toBe(7)
  expect([...codes.slice(0, 7), ...functions].filter((name) => !page.includes(name))).toEqual([])
})

if (compiler() === undefined)
  test('the program of the page', (context) => {
    console.warn(`The program of the page was not tested. ${HOW_TO_GET_ONE}`)
    context.skip(HOW_TO_GET_ONE)
  })
else {
  const closing: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  test('the program of the page is what it says: both instances come to the same number', async () => {
    const server = await createServer({ instances: 2 })
    closing.push(() => server.close())
    const bridge = await createBridge({ server: `${server.addresses[0]}/page`, ports: [0] })
    closing.push(() => bridge.close())
    // The port that is free here, and less to wait for: to the first whole second after the event, whenever that comes.
    const text = (/```c\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
      .replace('10000', `${bridge.ports[0]}`)
      .replace('now == 1000', 'now == 0')
      .replace('now == 5000', '(x > 10 && now % 1000 == 0) || now == 60000')
    const folder = await workFolder()
    closing.push(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'program.c'), text)
    const program = await compile(join(folder, 'program.c'), join(folder, 'program'), C99)
    const ended = await Promise.all([1, 2].map(() => new Spoken(program, []).rest()))
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    const [one, two] = ended.map(({ lines }) => lines.join())
    expect(one).toBe(two)
    expect(Number(one)).toBeGreaterThan(10)
  })
}
