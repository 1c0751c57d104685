import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exit } from 'node:process'
import { findGodot, HOW_TO_GET_GODOT, Project } from './engine.ts'
import { transcripts, vectors } from './vectors.ts'

/**
 * Rules of the addon, each left out or turned round: some test must notice every one of them. It takes some minutes:
 * `node --import ./test/ts.mjs test/doors/godot/mutants.ts`
 */
const MUTANTS: readonly (readonly [file: string, from: string, to: string])[] = [
  ['core/instance.gd', 'maxi(local() + 1, Ticks.tick_from(', 'maxi(0, Ticks.tick_from('],
  ['core/instance.gd', '		_armed.erase(m.round_)', '		pass'],
  ['core/instance.gd', 'if m.tick <= _grant:', 'if false:'],
  ['core/instance.gd', 'highest = mini(highest, _last)', 'pass'],
  ['core/instance.gd', '	if phase != Phase.RUNNING or m.epoch != _epoch:', '	if phase != Phase.RUNNING:'],
  ['core/instance.gd', 'if next > limit or position', 'if position'],
  ['core/instance.gd', '	_late = 0\n', '	pass\n'],
  ['core/instance.gd', 'now != heard', 'true'],
  ['core/instance.gd', 'if now == _down_at:', 'if false:'],
  ['core/instance.gd', '	if _unstamped >= unstamped_max:', '	if false:'],
  ['core/instance.gd', 'if _armed.size() >= rounds_max:', 'if false:'],
  ['core/instance.gd', 'if _timeline.pending() > pending_max:', 'if false:'],
  ['core/instance.gd', 'if now - _heard_at > silence_max:', 'if false:'],
  ['core/instance.gd', 'if m.lease < local():', 'if false:'],
  ['core/timeline.gd', 'if event.tick <= local:', 'if false:'],
  ['core/timeline.gd', 'a.sequence > b.sequence', 'a.sequence < b.sequence'],
  ['core/stance.gd', 'CATCH_UP := 250', 'CATCH_UP := 260'],
  ['core/stance.gd', '	if leaping:\n		_leap(now)', '	pass'],
  ['core/pacer.gd', 'FASTEST := 1.25', 'FASTEST := 1.2'],
  ['core/clock_estimate.gd', 'SAMPLES := 8', 'SAMPLES := 9'],
  ['core/tail.gd', '_FAR_OUT := 10.0', '_FAR_OUT := 11.0'],
  ['core/tail.gd', 'minf(_first[i], most)', '_first[i]'],
  ['core/bytes.gd', '(byte == 0 and i > 0) or', 'false or'],
  ['core/bytes.gd', 'or value > MAX', ''],
  ['core/bytes.gd', 'if count > most:', 'if false:'],
  ['core/utf8.gd', 'byte == 0xed and next > 0x9f', 'false'],
  ['core/messages.gd', 'if event.evt == 0:', 'if false:'],
  ['core/messages.gd', 'if count > Limits.SYNC_EVENTS_MAX:', 'if false:'],
  [
    'core/messages.gd',
    'if bytes.size() < 2 or bytes.size() > Limits.MESSAGE_BYTES_MAX:',
    'if bytes.size() < 2:',
  ],
  ['core/payload.gd', 'depth > DEPTH_MAX:', 'depth > 99:'],
  ['core/payload.gd', 'elif v >= -0x20:', 'elif v > -0x20:'],
  ['core/payload.gd', 'bad or key == "__proto__"', 'bad'],
  ['core/mixer.gd', 'c ^= c >> 16', 'c ^= c >> 15'],
  ['core/digest.gd', 'value != 0.0 or 1.0 / value > 0.0', 'true'],
  ['core/digest.gd', 'if keys == _keys_at.get(depth):', 'if false:'],
  ['core/digest.gd', 'if is_same(entry[0], value):', 'if false:'],
  ['core/plain.gd', 'indexes.sort()', 'pass'],

  ['core/roll.gd', 'holder.here and', 'true and'],
  ['core/roll.gd', '_held.erase(concerned.id)', 'pass'],
  ['core/group.gd', '_step.events = events', 'pass'],
  ['sametick.gd', '	_untold = input.tick', '	ticked.emit(input.tick)'],
  ['doors/session_door.gd', ' and _instance.local() == _instance.limit', ''],
  ['doors/bridge_door.gd', '_head < _inputs.size() else _phase', 'false else _phase'],
  ['doors/bridge_messages.gd', 'length != size - 40', 'false'],
  ['core/clock_estimate.gd', 'maxi(0, trip)', 'trip'],
  ['core/clock_estimate.gd', 'if _is_elsewhere(now', 'if false and _is_elsewhere(now'],
  ['core/stance.gd', 'reference if reference - here > CATCH_UP else here', 'here'],
  ['core/instance.gd', 'if m.number != Messages.AN_ASK:', 'if true:'],
  ['core/instance.gd', 'if Membership.asker_of(event) == id:', 'if false:'],
  ['core/mixer.gd', 'const WORDS := 4096', 'const WORDS := 4095'],
]

const WORLDS = 3

const engine = findGodot()
if (engine === undefined) throw new Error(HOW_TO_GET_GODOT)
const project = await Project.make(engine)
const sets = [...vectors(), ...transcripts(WORLDS)]
await project.write('vectors.jsonl', sets.map((set) => JSON.stringify(set)).join('\n'))

/** What notices the addon as it is now; undefined if nothing does. */
const noticedBy = async (): Promise<string | undefined> => {
  try {
    const compared = await project.run({}, '--script', 'res://check.gd', '--', 'res://vectors.jsonl')
    const seen = await project.run({}, 'res://face_check.tscn')
    const wrong = `${compared}\n${seen}`.split('\n').find((line) => /^\{.*"wrong":\[[^\]]/.test(line))
    return wrong && (JSON.parse(wrong) as { name: string }).name
  } catch (error) {
    return `the engine: ${String(error).slice(0, 80)}`
  }
}

let survivors = 0
try {
  const before = await noticedBy()
  if (before !== undefined) throw new Error(`something is wrong without any mutant: ${before}`)
  for (const [file, from, to] of MUTANTS) {
    const path = join(project.folder, 'addons/sametick', file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`)
    await writeFile(path, text.replace(from, to))
    const by = await noticedBy()
    await writeFile(path, text)
    if (by === undefined) survivors++
    console.log(
      `${by === undefined ? 'SURVIVES' : 'noticed '}  ${file}: ${from.trim()}${by === undefined ? '' : `  (${by})`}`,
    )
  }
} finally {
  await project.remove()
}
console.log(`${MUTANTS.length - survivors} of ${MUTANTS.length} are noticed`)
exit(survivors === 0 ? 0 : 1)
