import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, getuid } from 'node:process'
import { fileURLToPath } from 'node:url'

/** Godot, as it is found on this machine: a program, and the folder that it takes for the whole of the disk. */
export interface Engine {
  readonly command: string
  readonly before: readonly string[]
  /** Empty where it sees the disk as it is. */
  readonly root: string
}

export const HOW_TO_GET_GODOT =
  'Godot was not tested, that needs it: .ci/godot gets it (870 MB), or name one: GODOT=/path/to/godot npm test'

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The addon and its demo, and what only tests run. */
export const DEMO = folderOf('../../../src/bindings/godot')
const TESTS = folderOf('project')

/**
 * By GODOT, or in the folder that `.ci/godot` makes: there by chroot, which only root may; by the folder's own loader
 * for everybody else.
 */
export const findGodot = (isRoot = getuid?.() === 0): Engine | undefined => {
  if (env.GODOT) return { command: env.GODOT, before: [], root: '' }
  const root = execFileSync(folderOf('../../../.ci/godot'), ['--where'], { encoding: 'utf8' }).trim()
  const program = join(root, 'usr/bin/godot')
  if (!existsSync(program)) return undefined
  if (isRoot) return { command: 'chroot', before: [root, 'godot'], root }
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  return {
    command: join(root, 'usr/lib64/ld-linux-x86-64.so.2'),
    before: ['--library-path', `${libraries}:${join(libraries, 'pulseaudio')}`, program],
    root: '',
  }
}

/** A project where the engine sees it: a copy, which is taken away again. */
export class Project {
  readonly engine: Engine
  readonly folder: string

  private constructor(engine: Engine, folder: string) {
    this.engine = engine
    this.folder = folder
  }

  /** A project of the addon and the demo, and of what only tests run. */
  static async make(engine: Engine): Promise<Project> {
    const at = engine.root === '' ? tmpdir() : join(engine.root, 'tmp')
    const project = new Project(engine, await mkdtemp(join(at, 'sametick-godot-')))
    for (const folder of [DEMO, TESTS]) await cp(folder, project.folder, { recursive: true })
    await rm(join(project.folder, '.godot'), { recursive: true, force: true })
    await project.listClasses()
    return project
  }

  /** What the editor does as it opens a project, in a tenth of a second instead of ten. */
  private async listClasses(): Promise<void> {
    const scripts = (await readdir(this.folder, { recursive: true })).filter((name) => name.endsWith('.gd'))
    const classes: string[] = []
    for (const name of scripts) {
      const text = await readFile(join(this.folder, name), 'utf8')
      const [, named] = /^class_name (\w+)$/m.exec(text) ?? []
      const [, base] = /^extends (\w+)$/m.exec(text) ?? []
      if (named === undefined) continue
      classes.push(
        `{"base": &"${base}", "class": &"${named}", "icon": "", "is_abstract": false, "is_tool": false, "language": &"GDScript", "path": "res://${name}"}`,
      )
    }
    await mkdir(join(this.folder, '.godot'), { recursive: true })
    await this.write('.godot/global_script_class_cache.cfg', `list=[${classes.join(',\n')}]\n`)
  }

  /** Take everything else away. */
  async keepOnly(...names: readonly string[]): Promise<void> {
    for (const name of await readdir(this.folder))
      if (!names.includes(name)) await rm(join(this.folder, name), { recursive: true })
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text)
  }

  /** Where the engine sees a file of this project. */
  path(name = ''): string {
    return join(this.folder.slice(this.engine.root.length), name)
  }

  private arguments(args: readonly string[]): string[] {
    return [...this.engine.before, '--headless', '--path', this.path(), ...args]
  }

  /** The same with a window, which only an X server in memory sees. */
  commandInWindow(...args: readonly string[]): { readonly command: string; readonly args: string[] } {
    const { before, root, command } = this.engine
    const screen = ['xvfb-run', '-a', '-s', '-screen 0 1280x800x24']
    const all = ['--path', this.path(), '--audio-driver', 'Dummy', ...args]
    // Where Godot has a folder of its own, that has the X server as well.
    if (root !== '') return { command, args: [root, ...screen, ...before.slice(1), ...all] }
    return { command: screen[0] as string, args: [...screen.slice(1), command, ...before, ...all] }
  }

  /** What to run beside this, for whoever starts processes. */
  commandOf(...args: readonly string[]): { readonly command: string; readonly args: string[] } {
    return { command: this.engine.command, args: this.arguments(args) }
  }

  /** Run to its end: what it printed. Whatever the engine complains of fails. */
  run(settings: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { maxBuffer: 64 * 1_048_576, env: { ...env, ...settings } }
      execFile(this.engine.command, this.arguments(args), options, (error, out, err) => {
        const complaints = complaintsIn(out + err)
        if (error || complaints.length > 0) reject(new Error(`${complaints.join('\n') || error}\n${out}`))
        else resolve(out)
      })
    })
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}

/** Errors and warnings among what the engine prints, each with where it is. */
export const complaintsIn = (text: string): string[] => {
  const lines = text.split('\n')
  return lines.flatMap((line, i) => {
    if (!/^(SCRIPT )?(ERROR|WARNING): /.test(line) || line.includes('/proc/self/exe')) return []
    return [`${line} ${(lines[i + 1] ?? '').trim()}`]
  })
}
