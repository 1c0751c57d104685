import type { Command } from 'commander'
import { installGodotAddon } from '../bindings/godot/install.ts'
import { EXIT, type ExitCode, paintFor, type Surroundings } from './terminal.ts'

interface Written {
  readonly demo?: boolean
}

/** `sametick addon`: what engines need of their own is put into their projects. */
export const addAddon = (
  program: Command,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void => {
  const addon = program
    .command('addon')
    .summary('put the addon of an engine into a project')
    .description('What engines need of their own, put into a project of yours.')
    .helpCommand(false)
    .addHelpText('after', '\nTry: npx sametick addon godot my-game')
  addon
    .command('godot')
    .summary('into a project of Godot 4')
    .description(
      'Puts the addon into addons/sametick of a Godot project, or brings the one that is there up to date.',
    )
    .argument('<project>', 'the folder of the project, in which project.godot lies')
    .option('--demo', 'make a new project with the demo scenes instead')
    .addHelpText('after', AFTER)
    .action(async (project: string, written: Written) => {
      ended(await install(project, written, surroundings))
    })
}

const AFTER = `
Examples:
  npx sametick addon godot my-game
  npx sametick addon godot sametick-demo --demo`

const install = async (
  project: string,
  { demo = false }: Written,
  { out, err, env }: Surroundings,
): Promise<ExitCode> => {
  const installed = await installGodotAddon(project, { demo })
  if (!installed.ok) {
    err.write(`${paintFor(err, env).red(`error: ${installed.why}`)}\n`)
    return EXIT.usage
  }
  const { addon, isNew, replaced } = installed
  out.write(`${addon} is ${replaced ? 'up to date' : 'there'}.\n`)
  if (isNew)
    out.write(
      `Open ${project} in Godot 4.3 or later and press play, beside: npx sametick serve --port 4601\n`,
    )
  else if (!replaced)
    out.write(
      'Enable it in Godot: Project, Project Settings, Plugins, Sametick. Then Sametick is an autoload.\n',
    )
  return EXIT.ok
}
