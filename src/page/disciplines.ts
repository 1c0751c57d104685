import type { Discipline } from '../core/session/options.ts'
import { byId } from './elements.ts'
import { setText } from './pane.ts'

const SAYS: Readonly<Record<Discipline, string>> = {
  gals: 'Ticks are promised two seconds ahead. A key asks every instance for its tick first: two ways more.',
  horizon: 'Ticks are promised just in time. A key needs no question: it takes little more than its way.',
  auto: 'Horizon while keys come. After five quiet seconds gals, which costs nothing while nothing happens.',
}

export const DEFAULT_DISCIPLINE: Discipline = 'auto'

export const disciplineOf = (name: string): Discipline =>
  Object.hasOwn(SAYS, name) ? (name as Discipline) : DEFAULT_DISCIPLINE

/** Says what each of them does, and calls when another is chosen. */
export const listenToDisciplines = (chosen: (name: string) => void): void => {
  const fieldset = byId('disciplines')
  const show = (name: string) => setText(byId('discipline-says'), SAYS[disciplineOf(name)])
  show(DEFAULT_DISCIPLINE)
  fieldset.addEventListener('change', (event) => {
    const { value } = event.target as HTMLInputElement
    show(value)
    chosen(value)
  })
  // Who has chosen by pointer goes on to steer: the arrows are not to choose again.
  fieldset.addEventListener('click', ({ target, detail }) => {
    if (detail > 0 && target instanceof HTMLInputElement) target.blur()
  })
}
