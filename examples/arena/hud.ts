import { botAt, colourAt, nameIn } from './names.ts'
import { FPS, PLACES } from './numbers.ts'
import { BOT, type Body, NOBODY, PLAY, READY, RESULT, type State } from './state.ts'

export interface Who {
  readonly slot: number
  readonly data: unknown
}

/** What stands around the disc: the time, the points, the count before a round and the result after it. */
export class Hud {
  private readonly time = found('time')
  private readonly scores = found('scores')
  private readonly count = found('count')
  private readonly result = found('result')
  private readonly note = found('note')
  private readonly chips: HTMLElement[] = []
  private shown = ''

  constructor() {
    for (let at = 0; at < PLACES; at++) {
      const chip = document.createElement('li')
      chip.append(document.createElement('i'), document.createElement('span'), document.createElement('b'))
      chip.style.setProperty('--own', colourAt(at))
      chip.hidden = true
      this.scores.append(chip)
      this.chips.push(chip)
    }
  }

  draw(state: State, players: readonly Who[], own: number): void {
    const { phase, left, bodies } = state
    const seconds = Math.ceil(left / FPS)
    const names = bodies.map((body, at) => nameAt(body, at, players))
    const parts = [
      phase,
      seconds,
      own,
      ...names,
      ...bodies.flatMap(({ kind, score, falls }) => [kind, score, falls]),
    ]
    const now = parts.join()
    if (now === this.shown) return
    this.shown = now
    set(this.time, phase === PLAY ? clock(seconds) : phase === READY ? clock(110) : '0:00')
    this.time.classList.toggle('is-short', phase === PLAY && seconds <= 10)
    set(this.count, phase === READY ? `${seconds}` : '')
    const order = ranked(bodies)
    for (const [at, chip] of this.chips.entries()) {
      const body = bodies[at] as Body
      chip.hidden = body.kind === NOBODY
      chip.style.order = `${order.indexOf(at)}`
      chip.classList.toggle('is-own', at === own)
      chip.classList.toggle('is-bot', body.kind === BOT)
      chip.classList.toggle('leads', order[0] === at && body.score > 0)
      set(chip.children[1] as HTMLElement, names[at] as string)
      set(chip.children[2] as HTMLElement, `${body.score}`)
    }
    this.result.hidden = phase !== RESULT
    if (phase === RESULT) this.drawResult(state, order, names, own, seconds)
  }

  say(text: string): void {
    set(this.note, text)
  }

  private drawResult(
    { bodies }: State,
    order: readonly number[],
    names: readonly string[],
    own: number,
    seconds: number,
  ): void {
    const [winner = 0] = order
    const [title, list, next] = ['h2', 'ol', 'p'].map(
      (tag) => this.result.querySelector(tag) as HTMLElement,
    ) as [HTMLElement, HTMLElement, HTMLElement]
    this.result.style.setProperty('--own', colourAt(winner))
    set(title, winner === own ? 'You win' : `${names[winner]} wins`)
    set(next, `Next round in ${seconds}`)
    list.replaceChildren(
      ...order.map((at) => {
        const { score, falls } = bodies[at] as Body
        const row = document.createElement('li')
        row.style.setProperty('--own', colourAt(at))
        row.classList.toggle('is-own', at === own)
        for (const [tag, text] of [
          ['i', ''],
          ['span', names[at] as string],
          ['small', `${falls} ${falls === 1 ? 'fall' : 'falls'}`],
          ['b', `${score}`],
        ] as const) {
          const part = document.createElement(tag)
          part.textContent = text
          row.append(part)
        }
        return row
      }),
    )
  }
}

const nameAt = ({ kind }: Body, at: number, players: readonly Who[]): string => {
  if (kind === NOBODY) return ''
  if (kind === BOT) return botAt(at)
  return nameIn(players.find(({ slot }) => slot === at)?.data) ?? `Player ${at + 1}`
}

/** The places, the best first, as `winnerOf` has it. */
const ranked = (bodies: readonly Body[]): number[] =>
  bodies
    .map((body, at) => ({ body, at }))
    .filter(({ body }) => body.kind !== NOBODY)
    .sort((a, b) => b.body.score - a.body.score || a.body.falls - b.body.falls || a.at - b.at)
    .map(({ at }) => at)

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, '0')}`

const set = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

const found = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
