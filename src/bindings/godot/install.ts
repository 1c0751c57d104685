import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What was put where, or a sentence that says why not. */
export type Installed =
  | { readonly ok: true; readonly addon: string; readonly isNew: boolean; readonly replaced: boolean }
  | { readonly ok: false; readonly why: string }

/** The addon and the project around it, as they are shipped. From source and from what is built it is the same way. */
const SHIPPED = fileURLToPath(new URL('../../../src/bindings/godot/', import.meta.url))
const ADDON = join('addons', 'sametick')
const PROJECT = 'project.godot'

/**
 * Puts the addon into a Godot project, in place of another version of it. With `demo`, a folder that is empty or does
 * not exist becomes a project of its own, with the demo scenes.
 */
export const installGodotAddon = async (project: string, { demo = false } = {}): Promise<Installed> => {
  const found = await namesIn(project)
  if (found === 'file') return no(`${project} is a file: name the folder of a Godot project.`)
  const isProject = found.includes(PROJECT)
  if (demo && found.length > 0)
    return no(`${project} is not empty: name a new folder for the demo, or leave --demo out.`)
  if (!demo && !isProject)
    return no(
      found.length === 0
        ? `${project} does not exist or is empty: name the folder of a Godot project, or add --demo for a new one.`
        : `${project} is no Godot project: there is no ${PROJECT} in it.`,
    )
  const addon = join(project, ADDON)
  const there = await namesIn(addon)
  // Whoever has something else of that name keeps it.
  if (there === 'file' || (there.length > 0 && !(await isAddon(addon))))
    return no(`${addon} is there and is something else: move it away first.`)
  // What an older version had and this one has not goes away.
  await rm(addon, { recursive: true, force: true })
  await mkdir(project, { recursive: true })
  await cp(join(SHIPPED, ADDON), addon, { recursive: true, filter: isShipped })
  if (demo)
    for (const name of [PROJECT, 'demo'])
      await cp(join(SHIPPED, name), join(project, name), { recursive: true, filter: isShipped })
  return { ok: true, addon, isNew: demo, replaced: there.length > 0 }
}

const no = (why: string): Installed => ({ ok: false, why })

/** Whoever opens the shipped folder in the editor leaves files of the editor's there. */
const isShipped = (path: string): boolean => !path.split(sep).includes('.godot')

const namesIn = async (folder: string): Promise<readonly string[] | 'file'> => {
  const about = await stat(folder).catch(() => undefined)
  if (about === undefined) return []
  return about.isDirectory() ? readdir(folder) : 'file'
}

const isAddon = async (folder: string): Promise<boolean> => {
  const about = await readFile(join(folder, 'plugin.cfg'), 'utf8').catch(() => '')
  return /^name="Sametick"$/m.test(about)
}
