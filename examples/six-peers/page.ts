import { loop } from 'sametick'
import { commonTick, partiesAt } from './agreement.ts'
import { listenToDelay, listenToKeys, listenToPresets, listenToWeather, showPreset } from './controls.ts'
import { Graph, type Pair, type Preset } from './graph.ts'
import { LinksView } from './links-view.ts'
import { byId, count, setText, watchColours } from './look.ts'
import { NodeView } from './node-view.ts'
import { COUNT, LETTERS, openPeer } from './peer.ts'
import { Autopilot } from './pilot.ts'
import { between, type Way } from './rect.ts'
import { Sky } from './sky.ts'
import { Strips } from './strips.ts'

/** How often figures are written. */
const WRITE_MS = 100
/** Digests are shown for ticks that are multiples of this, so that they can be read. */
const SHOWN = 10

watchColours()
const graph = new Graph(Math.floor(Math.random() * 2 ** 32))
graph.set('ring')
listenToWeather((weather) => graph.change(weather))

// Each links with those before it; who has nobody before it is the first.
const peers = await Promise.all(
  LETTERS.map((_, at) =>
    openPeer(
      at,
      graph.pairs.filter(({ b, isWanted }) => isWanted && b === at).map(({ a }) => a),
      (other) => graph.between(at, other).wire,
    ),
  ),
)

let chosen = 0
let present = 0
let writtenAt = 0

const hands = {
  steer(peer: number, way: Way): void {
    views[peer]?.press(way)
    peers[peer]?.link.emit('steer', way)
  },
  setOffline(peer: number, isOffline: boolean): void {
    graph.setOffline(peer, isOffline)
    change()
  },
  set(preset: Preset): void {
    graph.set(preset)
    change()
  },
}
const autopilot = new Autopilot(hands)

/** Somebody does it, and not the autopilot. */
const own = <A extends readonly unknown[]>(act: (...given: A) => void) => {
  return (...given: A): void => {
    fly(false)
    act(...given)
  }
}

const views = peers.map(
  (peer) =>
    new NodeView(peer, {
      choose,
      steer: own(hands.steer),
      toggleOffline: own(toggleOffline),
      draw(from, to) {
        links.pull(from, to)
        const over = to === undefined ? -1 : links.peerAt(to)
        views.forEach(({ element }, at) => {
          element.classList.toggle('is-target', at === over && at !== from)
        })
      },
      drop(from, at) {
        const to = links.peerAt(at)
        if (to < 0 || to === from) return
        fly(false)
        want(graph.between(from, to), true)
      },
    }),
)
byId('nodes').append(...views.map(({ element }) => element))
const links = new LinksView(byId('links'), graph, own(toggle))
const sky = new Sky(byId('sky'))
const strips = new Strips(byId('strips'))
const measure = (): void => links.measure(views.map(({ element }) => element))
new ResizeObserver(measure).observe(byId('stage'))

function toggle(pair: Pair): void {
  want(pair, !pair.isWanted)
}

function want(pair: Pair, isWanted: boolean): void {
  pair.isWanted = isWanted
  // Who asks for a link of one that is offline wants it back.
  if (isWanted) for (const peer of [pair.a, pair.b]) graph.setOffline(peer, false)
  change()
}

function toggleOffline(peer: number): void {
  hands.setOffline(peer, !graph.isOffline(peer))
}

/** What is wanted has changed. */
function change(): void {
  graph.settle(peers, performance.now())
  views.forEach((view, at) => {
    view.showOffline(graph.isOffline(at))
  })
  showPreset(graph.preset)
  links.write(graph)
}

function choose(peer: number): void {
  chosen = peer
  views.forEach(({ element }, at) => {
    element.classList.toggle('is-chosen', at === peer)
  })
}

function fly(isOn: boolean): void {
  if (autopilot.isOn === isOn) return
  autopilot.isOn = isOn
  if (isOn) autopilot.restart(performance.now())
  byId('autopilot').setAttribute('aria-pressed', `${isOn}`)
}

peers.forEach((peer, at) => {
  loop(peer.link, {
    render(s, { before, alpha }) {
      const now = performance.now()
      present = Math.max(present, peer.record.last + alpha)
      const taken = peer.record.takeBack()
      if (taken !== undefined) {
        views[at]?.takeBack(taken, now)
        strips.takeBack(at, taken, now)
      }
      views[at]?.picture.draw(between(before, s, alpha), s, now)
    },
  })
})

function frame(now: number): void {
  requestAnimationFrame(frame)
  graph.settle(peers, now)
  autopilot.run(now)
  const wires = graph.pairs.map(({ wire }) => wire)
  for (const wire of wires) wire.sweep(now)
  sky.draw(wires, (one, other) => links.curve(one, other), now)
  strips.draw(peers, present, now)
  if (now - writtenAt >= WRITE_MS) write(now)
}

function write(now: number): void {
  writtenAt = now
  links.write(graph)
  const records = peers.map(({ record }) => record)
  const tick = commonTick(records)
  const parties = partiesAt(records, tick)
  const at = Math.max(0, tick - (tick % SHOWN))
  peers.forEach((peer, i) => {
    const digest = (peer.record.digestAt(at) % 0x100_0000).toString(16).padStart(6, '0')
    views[i]?.write(now, peer.link.stats().tick, digest, parties[i] ?? 0)
  })
  writeVerdict(parties, tick)
  writeFigures()
}

function writeVerdict(parties: readonly number[], tick: number): void {
  const sizes = [...new Set(parties)]
    .sort((one, other) => one - other)
    .map((party) => parties.filter((each) => each === party).length)
  const isOne = sizes.length === 1
  byId('verdict').classList.toggle('is-parted', !isOne)
  setText(byId('sizes'), isOne ? `${COUNT} equal` : sizes.join(' + '))
  setText(byId('pasts'), `${count(sizes.length, 'past')} at tick ${tick.toLocaleString('en')}`)
}

function writeFigures(): void {
  const all = peers.map(({ link }) => link.stats())
  const sum = (name: string): number => all.reduce((total, stats) => total + (stats[name] ?? 0), 0)
  const most = (name: string): number => Math.max(...all.map((stats) => stats[name] ?? 0))
  const figures: Readonly<Record<string, string>> = {
    rollbacks: sum('rollbacks').toLocaleString('en'),
    travelled: sum('travelled').toLocaleString('en'),
    farthest: count(most('farthest'), 'tick'),
    late: `${sum('late').toLocaleString('en')} of ${(sum('late') + sum('inTime')).toLocaleString('en')}`,
    delay: `${Math.round(most('delayMicros') / 1_000)} ms`,
  }
  for (const [name, text] of Object.entries(figures)) setText(byId(`figure-${name}`), text)
}

listenToPresets(own(hands.set))
listenToDelay((options) => {
  for (const { link } of peers) link.setDelay(options)
})
listenToKeys({
  steer: own((way: Way) => hands.steer(chosen, way)),
  choose,
  toggleOffline: own(() => toggleOffline(chosen)),
})
// A page that is hidden gets no time to speak of: better to be offline than to hold up all others.
document.addEventListener('visibilitychange', () => {
  graph.isAsleep = document.hidden
  change()
})
byId('autopilot').addEventListener('click', () => fly(!autopilot.isOn))
choose(0)
change()
measure()
autopilot.restart(performance.now())
requestAnimationFrame(frame)
