import type { App } from '../../app/app.ts'
import type { EventKind, Events } from '../../app/event.ts'
import type { Environment } from './environment.ts'

/** An application whose checks, `save` and `restore` run on a machine too, as its handlers do. */
export const watched = (app: App, environment: Environment): App => {
  const { input, save, restore } = app
  return {
    ...app,
    events: Object.fromEntries(
      Object.entries(app.events).map(([name, kind]) => [
        name,
        { ...kind, ...checked(kind.check, `the check of ${name}`) },
      ]),
    ) as Events,
    input: input && { ...input, ...checked(input.check, 'the check of input') },
    ...(save && { save: (state: object) => environment.inside('save', () => save.call(app, state)) }),
    ...(restore && {
      restore: (saved: unknown) => environment.inside('restore', () => restore.call(app, saved)),
    }),
  }

  function checked(check: EventKind['check'], name: string): { check?: (payload: unknown) => boolean } {
    return check === undefined ? {} : { check: (payload) => environment.inside(name, () => check(payload)) }
  }
}
