import { describe } from '../../core/session/describe.ts'
import { decode } from '../../core/session/messages.ts'
import { type Micros, SECOND } from '../../core/timeline/tick.ts'
import type { Freeze, Given, Passage, Tape } from '../tape.ts'
import type { Deed, Story } from './story.ts'
import { wordsOf } from './words.ts'

/**
 * A stretch of a run as a drawing, in the manner of the paper's Figure 7: instances are vertical lines with the
 * sequencer among them, time goes down, messages are arrows, events are dots, freezes are shaded.
 */
export const pictureOf = (story: Story, tape: Tape): string => {
  const { from, until } = tape
  const there = story.members.flatMap(({ at }, i) => (at === null || at > until ? [] : [i + 1]))
  const lanes = lanesOf(there)
  const scale = scaleOf(tape)
  const height = HEAD + (until - from) * scale + FOOT
  const width = 2 * SIDE + (lanes.size - 1) * LANE
  const y = (at: Micros): number => HEAD + (Math.min(until, Math.max(from, at)) - from) * scale
  const title = wordsOf(story)[0] ?? ''
  const labels = new Labels()
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height.toFixed(0)}" width="${width}" height="${height.toFixed(0)}" role="img" aria-labelledby="t">`,
    `<title id="t">${escaped(title)}</title>`,
    STYLE,
    MARKERS,
    `<rect class="panel" x="0.5" y="0.5" width="${width - 1}" height="${(height - 1).toFixed(0)}" rx="8"/>`,
    text(16, 26, 'title', `Seed ${story.seed}, ${inSeconds(from)} to ${inSeconds(until)}`),
    text(16, 44, 'note', clipped(title, width)),
    legend(width),
    ...times(from, until, y, width),
    ...[...lanes].map(([link, x]) => lane(link, x, story, from, until, y)),
    ...tape.freezes.flatMap((freeze) => frozen(freeze, lanes, until, y)),
    ...tape.passages.flatMap((passage) => arrow(passage, lanes, tape, labels, y)),
    ...tape.given.flatMap((given) => dot(given, lanes, y)),
    ...deedMarks(story.deeds, lanes, from, until, y),
    '</svg>',
    '',
  ].join('\n')
}

// --- where things are, in pixels

const HEAD = 118
const FOOT = 24
const SIDE = 130
const LANE = 170
const HEIGHT_MIN = 500
const HEIGHT_MAX = 2_400
/** Between two events on one line, so that they can be told apart. */
const APART = 9
const CHARACTER = 6.2

/** Half of the instances on each side of the sequencer. */
const lanesOf = (links: readonly number[]): ReadonlyMap<number, number> => {
  const half = Math.ceil(links.length / 2)
  const order = [...links.slice(0, half), 0, ...links.slice(half)]
  return new Map(order.map((link, i) => [link, SIDE + i * LANE]))
}

/** Pixels a microsecond: as much room as what happens takes, within reason. */
const scaleOf = ({ from, until, passages }: Tape): number => {
  const wordy = passages.filter(({ bytes }) => !isPlain(bytes)).length
  const height = Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, wordy * APART))
  return height / Math.max(1, until - from)
}

const STYLE = `<style>
  text { font: 11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #1f2328; }
  .panel { fill: #fff; stroke: #d0d7de; }
  .title { font-size: 16px; font-weight: 600; }
  .note, .time { fill: #57606a; }
  .time { font-size: 10px; text-anchor: end; font-variant-numeric: tabular-nums; }
  .name { font-weight: 600; text-anchor: middle; }
  .grid { stroke: #eef1f4; }
  .life { stroke: #8c959f; stroke-width: 1.5; }
  .tick { stroke: #8c959f; }
  .freeze { fill: #f0b37e; opacity: 0.55; }
  .still { fill: #6e7781; opacity: 0.35; }
  .cut { stroke: #cf222e; stroke-width: 3; stroke-dasharray: 2 3; fill: none; }
  .message { stroke-width: 1.1; fill: none; marker-end: url(#head); }
  .lost { marker-end: url(#lost); stroke-dasharray: 4 3; }
  .emit { stroke: #1a7f37; } .propose, .ack { stroke: #0969da; } .sync { stroke: #8250df; }
  .other { stroke: #57606a; } .plain { stroke: #d0d7de; stroke-width: 0.8; }
  .word { font-size: 9.5px; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
  .event { fill: #8250df; } .member { fill: #fff; stroke: #8250df; stroke-width: 1.5; }
  .deed { fill: #cf222e; font-size: 10px; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
</style>`

const MARKERS = `<defs>
  <marker id="head" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path d="M0 0L6 3L0 6Z" fill="context-stroke"/></marker>
  <marker id="lost" viewBox="0 0 6 6" refX="3" refY="3" markerWidth="7" markerHeight="7"><path d="M0 0L6 6M6 0L0 6" stroke="#cf222e" stroke-width="1.4"/></marker>
</defs>`

// --- parts

const legend = (width: number): string => {
  const parts = [
    ['emit', 'emit'],
    ['propose', 'propose, ack'],
    ['sync', 'sync'],
    ['plain', 'grant, beat, pulse'],
  ] as const
  const lines = parts.map(([name, words], i) => {
    const x = 16 + i * 112
    return `<path class="message ${name}" d="M${x} 64H${x + 22}"/>${text(x + 28, 68, 'note', words)}`
  })
  const x = Math.min(16 + 4 * 124, width - 190)
  return [
    ...lines,
    `<circle class="event" cx="20" cy="84" r="4"/>${text(44, 88, 'note', 'an event reaches an application (hollow: one of the session itself)')}`,
    `<rect class="freeze" x="${x}" y="58" width="9" height="12"/>${text(x + 16, 68, 'note', 'frozen')}`,
    `<rect class="still" x="${x + 68}" y="58" width="9" height="12"/>${text(x + 84, 68, 'note', 'stopped')}`,
    `<path class="cut" d="M${x + 4.5} 76V92"/>${text(x + 16, 88, 'note', 'cut off or clogged')}`,
  ].join('\n')
}

/** Lines across at round moments. */
const times = (from: Micros, until: Micros, y: (at: Micros) => number, width: number): string[] => {
  const span = until - from
  const step =
    [1_000, 5_000, 10_000, 50_000, 100_000, 500_000, SECOND, 5 * SECOND].find((s) => span / s <= 24) ??
    10 * SECOND
  const lines: string[] = []
  for (let at = Math.ceil(from / step) * step; at <= until; at += step)
    lines.push(
      `<path class="grid" d="M56 ${y(at).toFixed(1)}H${width - 12}"/>${text(50, y(at) + 3.5, 'time', inSeconds(at))}`,
    )
  return lines
}

const lane = (
  link: number,
  x: number,
  { members, deeds }: Story,
  from: Micros,
  until: Micros,
  y: (at: Micros) => number,
): string => {
  const begins = link === 0 ? from : Math.max(from, members[link - 1]?.at ?? from)
  const killed = deeds.find(({ kind, who }) => kind === 'kill' && who === link)
  const ends = killed === undefined ? until : Math.max(from, Math.min(until, killed.at))
  return [
    text(x, HEAD - 10, 'name', link === 0 ? 'sequencer' : `${link}`),
    ends > begins ? `<path class="life" d="M${x} ${y(begins).toFixed(1)}V${y(ends).toFixed(1)}"/>` : '',
  ].join('')
}

type Lanes = ReadonlyMap<number, number>

const frozen = (
  { link, from, until }: Freeze,
  lanes: Lanes,
  end: Micros,
  y: (at: Micros) => number,
): string[] => stretch('freeze', lanes.get(link), y(from), y(until ?? end))

const stretch = (name: string, x: number | undefined, top: number, bottom: number): string[] =>
  x === undefined || bottom <= top
    ? []
    : [
        `<rect class="${name}" x="${x - 4.5}" y="${top.toFixed(1)}" width="9" height="${(bottom - top).toFixed(1)}"/>`,
      ]

/** Messages that come all the time, and say nothing of events: by their second byte. */
const PLAIN: ReadonlySet<number | undefined> = new Set([4, 38, 39])
const isPlain = (bytes: Uint8Array): boolean => PLAIN.has(bytes[1])

const NAMED: Readonly<Record<string, string>> = { emit: 'emit', propose: 'propose', ack: 'ack', sync: 'sync' }

const arrow = (
  { link, up, sentAt, arrivedAt, bytes }: Passage,
  lanes: Lanes,
  tape: Tape,
  labels: Labels,
  y: (at: Micros) => number,
): string[] => {
  const instance = lanes.get(link)
  const middle = lanes.get(0)
  if (instance === undefined || middle === undefined) return []
  // What is held all along says nothing of this stretch, and would hide what does.
  if (sentAt < tape.from && (arrivedAt ?? tape.until) >= tape.until) return []
  const words = describe(bytes)
  const kind = words.split(/[ :]/, 1)[0] ?? ''
  const name = isPlain(bytes) ? 'plain' : (NAMED[kind] ?? 'other')
  const [a, b] = up ? [instance, middle] : [middle, instance]
  const side = Math.sign(b - a)
  const [x1, x2] = [a + 5 * side, b - 5 * side]
  const lost = arrivedAt === undefined
  // What never came ends in the middle of its way.
  const end: readonly [number, number] = lost
    ? [(x1 + x2) / 2, y(sentAt) + 14]
    : [clippedX(x1, x2, sentAt, arrivedAt, tape), y(arrivedAt)]
  const path = `<path class="message ${name}${lost ? ' lost' : ''}" d="M${clippedX(x2, x1, arrivedAt ?? sentAt, sentAt, tape).toFixed(1)} ${y(sentAt).toFixed(1)}L${end[0].toFixed(1)} ${end[1].toFixed(1)}"><title>${escaped(words)}</title></path>`
  if (name === 'plain' || sentAt < tape.from) return [path]
  const anchor = side > 0 ? 'start' : 'end'
  return [path, labels.place(x1 + 4 * side, y(sentAt) - 2, anchor, labelOf(bytes))]
}

/** Where a line from one moment to another is at the end of what is drawn. */
const clippedX = (x1: number, x2: number, from: Micros, to: Micros, tape: Tape): number => {
  const edge = Math.min(tape.until, Math.max(tape.from, to))
  return to === from ? x2 : x1 + ((x2 - x1) * (edge - from)) / (to - from)
}

/** The few words that stand on an arrow; all of them come up when it is pointed at. */
const labelOf = (bytes: Uint8Array): string => {
  const m = decode(bytes)
  if (typeof m === 'string') return m
  switch (m.kind) {
    case 'emit':
      return `emit .${m.number}`
    case 'propose':
      return `propose ${m.round}`
    case 'ack':
      return `ack ${m.round}: ${m.deadline}`
    case 'sync': {
      const events = m.events.slice(0, 2).map(({ seq, stamp }) => `#${seq} at ${stamp}`)
      const more = m.events.length > 2 ? ' …' : ''
      return `sync${m.round > 0 ? ` ${m.round}` : ''}${events.length > 0 ? `: ${events.join(', ')}` : ''}${more}`
    }
    default:
      return m.kind
  }
}

/** Labels that would stand on each other are left out, all but the first. */
class Labels {
  private readonly placed: { x: number; y: number }[] = []

  place(x: number, y: number, anchor: string, words: string): string {
    if (
      this.placed.some((other) => Math.abs(other.x - x) < LABEL_WIDTH && Math.abs(other.y - y) < LABEL_HEIGHT)
    )
      return ''
    this.placed.push({ x, y })
    return `<text class="word" text-anchor="${anchor}" x="${x}" y="${y.toFixed(1)}">${escaped(words)}</text>`
  }
}

const LABEL_WIDTH = 60
const LABEL_HEIGHT = 9

const dot = ({ link, at, tick, event }: Given, lanes: Lanes, y: (at: Micros) => number): string[] => {
  const x = lanes.get(link)
  if (x === undefined) return []
  if (event === undefined)
    return [`<path class="tick" d="M${x - 3} ${y(at).toFixed(1)}h6"><title>tick ${tick}</title></path>`]
  const whose = event.source === 0 ? 'of the session' : `${event.source}.${event.number}`
  return [
    `<circle class="${event.id < 0 ? 'member' : 'event'}" cx="${x}" cy="${y(at).toFixed(1)}" r="4"><title>event ${whose} at tick ${tick}</title></circle>`,
  ]
}

/** What befalls somebody, beside its line, and the stretches in which it is stopped or cut off. */
const deedMarks = (
  deeds: readonly Deed[],
  lanes: Lanes,
  from: Micros,
  until: Micros,
  y: (at: Micros) => number,
): string[] =>
  deeds.flatMap((deed) => {
    const x = lanes.get(deed.who)
    if (x === undefined || deed.kind === 'emits') return []
    const ends = 'lasts' in deed ? (deed.lasts === null ? until : deed.at + deed.lasts) : deed.at
    if (deed.at > until || ends < from) return []
    const marks: string[] = []
    if (deed.kind === 'pause') marks.push(...stretch('still', x, y(deed.at), y(ends)))
    if (deed.kind === 'cut' || deed.kind === 'clog')
      marks.push(`<path class="cut" d="M${x + 8} ${y(deed.at).toFixed(1)}V${y(ends).toFixed(1)}"/>`)
    if (deed.at >= from) marks.push(text(x + 14, y(deed.at) + 3, 'deed', markOf(deed)))
    return marks
  })

const markOf = (deed: Deed): string => {
  switch (deed.kind) {
    case 'pause':
      return 'stopped'
    case 'cut':
    case 'clog':
      return deed.which === 'both' ? deed.kind : `${deed.kind} ${deed.which}`
    case 'step':
      return `clock ${deed.by > 0 ? '+' : '−'}${Math.abs(deed.by / 1_000).toFixed(0)} ms`
    case 'rate':
      return 'clock rate'
    case 'lie':
      return deed.what
    case 'ask':
      return `asks: ${deed.what}`
    default:
      return deed.kind
  }
}

// --- words

const inSeconds = (at: Micros): string => `${(at / SECOND).toFixed(3)} s`

const clipped = (words: string, width: number): string => {
  const room = Math.floor((width - 32) / CHARACTER)
  return words.length > room ? `${words.slice(0, room - 1)}…` : words
}

const text = (x: number, y: number, name: string, words: string): string =>
  `<text class="${name}" x="${x}" y="${y.toFixed(1)}">${escaped(words)}</text>`

const escaped = (words: string): string => words.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
