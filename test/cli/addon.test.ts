import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { say } from './stage.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sametick-addon-'))
})
afterEach(() => rm(folder, { recursive: true }))

const project = async (name = 'game'): Promise<string> => {
  const path = join(folder, name)
  await mkdir(path)
  await writeFile(join(path, 'project.godot'), 'config_version=5\n')
  return path
}

describe('sametick addon godot', () => {
  test('puts the addon into a project, with what its users expect beside the scripts', async () => {
    const path = await project()
    const { code, out, err } = await say(`addon godot ${path}`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('addons/sametick is there.')
    expect(out).toContain('Plugins')
    const names = await readdir(join(path, 'addons/sametick'))
    for (const name of ['plugin.cfg', 'plugin.gd', 'sametick.gd', 'README.md', 'LICENSE', 'icons'])
      expect(names).toContain(name)
    expect(names).not.toContain('.godot')
    expect(await readFile(join(path, 'project.godot'), 'utf8')).toBe('config_version=5\n')
  })

  test('brings one that is there up to date, and leaves nothing of it', async () => {
    const path = await project()
    await say(`addon godot ${path}`)
    const old = join(path, 'addons/sametick/of_an_older_version.gd')
    await writeFile(old, '')
    const { code, out } = await say(`addon godot ${path}`)
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('is up to date.') })
    await expect(readFile(old)).rejects.toThrow('ENOENT')
  })

  test('makes a project of its own with the demo', async () => {
    const path = join(folder, 'demo')
    const { code, out } = await say(`addon godot ${path} --demo`)
    expect(code).toBe(0)
    expect(out).toContain('press play')
    expect((await readdir(path)).sort()).toEqual(['addons', 'demo', 'project.godot'])
  })

  test.each([
    ['nowhere', '', 'does not exist or is empty: name the folder of a Godot project'],
    ['other', '', 'is no Godot project: there is no project.godot in it.'],
    ['other/file', '', 'is a file: name the folder of a Godot project.'],
    ['other', ' --demo', 'is not empty: name a new folder for the demo'],
  ])('refuses %s%s, and says why', async (name, options, sentence) => {
    await mkdir(join(folder, 'other'))
    await writeFile(join(folder, 'other/file'), '')
    const { code, out, err } = await say(`addon godot ${join(folder, name)}${options}`)
    expect(err).toContain(sentence)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })

  test('leaves alone what has its name and is something else', async () => {
    const path = await project()
    const other = join(path, 'addons/sametick')
    await mkdir(other, { recursive: true })
    await writeFile(join(other, 'mine.gd'), 'mine')
    const { code, err } = await say(`addon godot ${path}`)
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('move it away first') })
    expect(await readFile(join(other, 'mine.gd'), 'utf8')).toBe('mine')
  })
})
