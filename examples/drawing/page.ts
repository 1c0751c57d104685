import { digest, loop, peers } from 'sametick'
import drawing, { FPS, type Hand, NO_HAND } from './app.ts'
import { type Board, drawingOf, piecesOf, refusedOf, SEATS, seenOf, veilOf } from './board.ts'
import { Frame } from './frame.ts'
import { Paper, type Pointer } from './paper.ts'
import { colourOf, isAway, nameOf, ownName, peopleOf, wasAway } from './people.ts'
import { followPointers } from './pointers.ts'
import { Kept, rowsSince, Seen, Strokes } from './strokes.ts'
import { Tools } from './tools.ts'

/** Hands are told of so often, and no more: every change is an event. */
const HAND_MS = 120
/** While it changes, the drawing is summed up so often. */
const SUM_MS = 250
/** A stroke that began so many ticks ago and is seen only now came late, whoever was away. */
const LATE = FPS

const found = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E
const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
const query = new URLSearchParams(location.search)
const room = `drawing${query.has('room') ? `-${query.get('room')}` : ''}`
const url = `${location.origin.replace('http', 'ws')}/${encodeURIComponent(room)}`
const frame = new Frame()

// Nobody is in the middle: at this address pages find each other.
const link = await peers(url, drawing, { as: ownName(), keep: true }).catch((error: Error) => {
  frame.say(error.message)
  throw error
})
const { me } = link
const paper = new Paper(found('ink'), found('top'))
const kept = new Kept(room)
const seen = new Seen()
const strokes = new Strokes(
  (ink) => link.emit('ink', ink),
  () => frame.say('This stroke did not get through.'),
)

/** The tick since which nobody else is linked; and the ticks from and up to which it was so the last time. */
let alone: number | undefined = 0
let apart: readonly [number, number] = [0, 0]
/** Whether it is so because one wants to. */
let isOff = false

const go = (off: boolean): void => {
  isOff = off
  if (off) {
    link.emit('away', true)
    link.unlink(url)
  } else {
    // The others learn that it is back once all is here that they have.
    link.link(url, { keep: true }).then(
      () => link.emit('away', false),
      (error: Error) => frame.say(error.message),
    )
  }
}

const save = async (): Promise<void> => {
  const at = document.createElement('a')
  at.href = URL.createObjectURL(await paper.picture(link.state))
  at.download = 'drawing.png'
  at.click()
  URL.revokeObjectURL(at.href)
}

const tools = new Tools({
  undo: () => strokes.isDrawing || link.emit('undo'),
  clear: () => link.emit('clear', { act: strokes.nextAct(), seen: seenOf(link.state) }),
  save,
  online: () => go(!isOff),
})

const hand: { now: Hand; told: Hand; at: number } = { now: NO_HAND, told: NO_HAND, at: 0 }
followPointers(found('board'), {
  begin: () => strokes.begin(tools.colour, tools.width),
  point: (x, y, pressure) => strokes.point(x, y, pressure),
  end: () => strokes.end(),
  hover: (x, y) => {
    hand.now = { ...hand.now, x, y }
  },
})

/** What one holds: where the hand is, told a few times a second, and what the drawing comes to. */
const held = (): Hand => {
  const now = performance.now()
  const { x, y } = isOff ? NO_HAND : hand.now
  if (now - hand.at < HAND_MS) return hand.told
  const next = { x, y, sum }
  if (JSON.stringify(next) !== JSON.stringify(hand.told)) hand.at = now
  hand.told = next
  return next
}

let sum = 0
let summed = ''
let summedAt = 0
let welcomed = ''
let refused = 0
/** Ticks that were run again since it was last asked. */
let again = 0
let drawnAt = performance.now()

/** Another text whenever the drawing is another one. */
const markOf = (board: Board): string => {
  const count = piecesOf(board)
  return `${count} ${count > 0 ? board.chain[count - 1] : 0} ${veilOf(board)}`
}

/** Once a while, if anything has changed: the drawing as one number. */
const sumUp = (board: Board, is: string, now: number): void => {
  if (is === summed || now - summedAt < SUM_MS) return
  summed = is
  summedAt = now
  sum = digest(drawingOf(board)) % 2 ** 32
  if (alone !== undefined) kept.write(board, me, alone)
}

/** Whatever came late is drawn before one's eyes. */
const welcome = (board: Board, is: string, tick: number): void => {
  const ticks = again
  again = 0
  if (is === welcomed) return
  welcomed = is
  const isLate = (row: number): boolean => {
    const born = board.born[row] as number
    const isApart = born >= apart[0] && born < apart[1]
    return isApart || born < tick - LATE || wasAway(board, slotOf(board.owner[row] as number), born)
  }
  const late = seen.late(board, me, isLate)
  if (late.length === 0) return
  const authors = new Set(late.map((row) => board.owner[row]))
  const names = link.players.filter(({ id }) => authors.has(id)).map(nameOf)
  paper.bring(board, late, (row) => colourOf(slotOf(board.owner[row] as number)), isCalm)
  frame.log(late.length, names, ticks)
}

const slotOf = (id: number): number => link.players.find((player) => player.id === id)?.slot ?? 0

const pointersOf = (board: Board): Pointer[] =>
  link.players
    .filter(
      (player) => player.id !== me && player.slot < SEATS && !isAway(board, player) && alone === undefined,
    )
    .filter(({ slot }) => (board.handX[slot] as number) >= 0)
    .map((player) => ({
      id: player.id,
      x: board.handX[player.slot] as number,
      y: board.handY[player.slot] as number,
      name: nameOf(player),
      colour: colourOf(player.slot),
    }))

/** Since when one is alone; what was kept for that time is let go of once others have it. */
const lookAround = (board: Board, tick: number): void => {
  const isAlone = link.neighbours.length === 0
  if (isAlone === (alone !== undefined)) return
  if (alone !== undefined) {
    frame.sent(rowsSince(board, alone, (owner) => owner === me).length)
    apart = [alone, tick]
  }
  alone = isAlone ? tick : undefined
  kept.write(board, me, alone ?? Infinity)
}

link.on('rollback', ({ tick, top }) => {
  again += top + 1 - tick
})
for (const draft of kept.read()) strokes.put(draft)

loop(link, {
  input: held,
  render(board, { status }) {
    const now = performance.now()
    const seconds = Math.min(0.1, (now - drawnAt) / 1_000)
    drawnAt = now
    const { tick, relayed = 0 } = link.stats()
    lookAround(board, tick)
    const is = markOf(board)
    welcome(board, is, tick)
    sumUp(board, is, now)
    paper.draw(board, strokes.drafts(tick), pointersOf(board), seconds)
    frame.show({
      people: peopleOf(board, link.players, me, sum, link.neighbours, alone),
      sum,
      links: link.neighbours.length,
      relayed,
      isOff,
    })
    if (refusedOf(board) !== refused) frame.say('The drawing is full: clear it to go on.')
    refused = refusedOf(board)
    if (status.phase === 'ended') frame.say(`${status.hint} Load the page again.`)
  },
})

// As long as there are ways by which it can be said: with the page its direct channels end at once.
for (const end of ['beforeunload', 'pagehide']) addEventListener(end, () => link.leave())
// A page that the browser had kept has left meanwhile.
addEventListener('pageshow', (event) => event.persisted && location.reload())
