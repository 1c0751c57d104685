import { existsSync, readFileSync, statSync } from 'node:fs'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isApp } from '../app/app.ts'
import { trapped } from '../lab/try/stands.ts'
import type { Fresh, ScriptedInput, Subject } from '../lab/try/subject.ts'
import type { HooksData } from './app-hooks.ts'

/** What was read from a file, or a sentence about what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly error: string }

const HOOKS = new URL(`./app-hooks${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
let registered = false
let copies = 0

/** Loads a module with all that it imports of the same program, as a process of its own would. */
const importAnew = (file: string): Promise<Record<string, unknown>> => {
  if (!registered) {
    // So that places in TypeScript are those that its author sees.
    process.setSourceMapsEnabled(true)
    register(HOOKS.href, { data: { own: new URL('..', import.meta.url).href } satisfies HooksData })
    registered = true
  }
  const url = `${pathToFileURL(resolve(file)).href}?sametick=${copies++}`
  // What it takes of the machine when it is loaded is trapped, and so is what packages take, which are loaded once.
  return trapped(() => within(import(/* @vite-ignore */ url) as Promise<Record<string, unknown>>))
}

/** Reading and compiling takes seconds at most; whoever waits at its top level may wait for ever. */
const LOADED_WITHIN_S = 30

const within = async <T>(loaded: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const why = `it waits for something at its top level, and it has not come for ${LOADED_WITHIN_S} s`
    timer = setTimeout(() => reject(new Error(why)), LOADED_WITHIN_S * 1_000)
  })
  try {
    return await Promise.race([loaded, late])
  } finally {
    clearTimeout(timer)
  }
}

/** An application by its file: the default export, and beside it `render` and `samples` if it has them. */
export const readApp = async (file: string): Promise<Read<Fresh>> => {
  const missing = notAFile(file)
  if (missing !== undefined) return { error: missing }
  try {
    const first = subjectOf(await importAnew(file))
    if (first === undefined)
      return {
        error: `${file} does not export an application: write export default app({ … }), and start sessions in another file.`,
      }
    let unused: Subject | undefined = first
    const fresh = async (): Promise<Subject> => {
      const subject = unused ?? subjectOf(await importAnew(file)) ?? first
      unused = undefined
      return subject
    }
    return { value: fresh }
  } catch (error) {
    return { error: `${file} cannot be loaded: ${whatWentWrong(error)}` }
  }
}

/** What to emit: a JSON file with a list, or a module whose default export is one. */
export const readScript = async (file: string): Promise<Read<readonly ScriptedInput[]>> => {
  const missing = notAFile(file)
  if (missing !== undefined) return { error: missing }
  try {
    const value: unknown = file.endsWith('.json')
      ? JSON.parse(readFileSync(file, 'utf8'))
      : (await importAnew(file)).default
    if (Array.isArray(value) && value.every((each) => typeof each?.event === 'string')) return { value }
    return {
      error: `${file} is no script: it is a list of { "tick": 10, "player": 1, "event": "steer", "payload": "left" }.`,
    }
  } catch (error) {
    return { error: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** With the place that the engine names, if it names one: the first line of what it prints of a wrong syntax. */
export const whatWentWrong = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const place =
    error instanceof SyntaxError
      ? /^(file:\S+?:\d+)\n/.exec(error.stack ?? '')?.[1]
      : /\bat (?:.* \()?(file:\S+?:\d+:\d+)\)?/.exec(error.stack ?? '')?.[1]
  const isOurs = place === undefined || place.includes('/node_modules/') || place.startsWith(OWN)
  return isOurs
    ? error.message
    : `${error.message} (${place.replace(/\?sametick=\d+/, '').replace('file://', '')})`
}

const OWN = new URL('..', import.meta.url).href

const notAFile = (file: string): string | undefined => {
  if (!existsSync(file)) return `${file} does not exist.`
  return statSync(file).isFile()
    ? undefined
    : `${file} is no file: name the module that exports the application.`
}

const subjectOf = (exports: Record<string, unknown>): Subject | undefined => {
  const { default: app, render, samples } = exports
  if (typeof app !== 'object' || app === null || !isApp(app as Subject['app'])) return undefined
  // Made by app(), which leaves none of these out.
  if (!('events' in app && 'on' in app && 'players' in app)) return undefined
  return {
    app: app as Subject['app'],
    render: typeof render === 'function' ? (render as Subject['render']) : undefined,
    samples: samples as Subject['samples'],
  }
}
