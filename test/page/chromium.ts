import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { env, getuid } from 'node:process'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The browser of this machine, if it has one: as `CHROMIUM` says, or one on the path. */
export const chromiumPath = (): string | undefined =>
  [
    env.CHROMIUM ?? '',
    ...(env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ].find((path) => path !== '' && existsSync(path))

export const HOW_TO_GET_ONE =
  'The demo was not tested, that needs a browser: apt-get install chromium, or name one: CHROMIUM=/path/to/chrome npm test'

/**
 * How long one step in a browser may take: a slow machine is not a broken product. Less than a test may, so that what
 * hangs is named.
 */
export const STEP_MS = 90_000

/** As root it runs without its sandbox, or not at all: it sees pages of this project only. */
export const launch = (executablePath: string, ...flags: string[]): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [...(getuid?.() === 0 ? ['--no-sandbox'] : []), ...flags],
    timeout: STEP_MS,
  })
