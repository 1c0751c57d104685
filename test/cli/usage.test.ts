import { describe, expect, test } from 'vitest'
import { say } from './stage.ts'

describe('what is called wrongly ends with 2 and a sentence that says what to do', () => {
  test.each([
    ['', 'Usage: sametick'],
    ['lab', 'Usage: sametick lab'],
    ['labs', "unknown command 'labs'\n(Did you mean lab?)"],
    ['lab gal', "unknown command 'gal'\n(Did you mean gals?)"],
    ['lab gals --fsp 10', "unknown option '--fsp'\n(Did you mean --fps?)"],
    ['lab gals wan', 'too many arguments'],
    ['lab gals --fps', "option '-f, --fps <list>' argument missing"],
    ['lab gals --network internet', 'write one or more of loopback, lan, wan, with commas'],
    ['lab gals --fps 10,2000', "'2000' is not a whole number from 1 to 1000. Several are parted by commas."],
    ['lab gals --fps 12.5', "'12.5' is not a whole number from 1 to 1000."],
    ['lab gals --instances 0', "'0' is not a whole number from 1 to 1024."],
    ['lab gals --every never', "'never' is not a number from 0.01 to 3600."],
    ['lab gals --minutes 0', "'0' is not a number from 0.05 to 1440."],
    ['lab gals --runs 1.5', "'1.5' is not a whole number from 1 to 1000."],
    ['lab gals --seed -1', 'is not a whole number from 0 to 9007199254740991.'],
    ['lab gals --jobs 0', "'0' is not a whole number from 1 to 256."],
    ['lab gals --discipline gal', 'Allowed choices are gals, horizon, auto.'],
    ['lab gals --k many', "'many' is not a number from 0 to 100."],
    ['lab gals --margin some', "'some' is not a whole number from 0 to 1000000. Or write tuned."],
    ['lab gals --tuned --k 2', '--tuned stands for a tuned k and margin: leave --k out, or --tuned.'],
    ['lab gals --tuned --k 2 --margin 1', 'leave --k and --margin out, or --tuned.'],
    [
      'lab gals --discipline horizon --k 1',
      'horizon takes no rounds: leave --k out, or choose --discipline gals.',
    ],
    ['lab gals --first --tuned', '--first has rules of its own: leave --tuned out, or --first.'],
    ['lab gals --first --discipline gals --margin 5', 'leave --discipline and --margin out, or --first.'],
    ['lab gals --fps 60 --svg a.svg', 'The figure has the published cells, and none of them is chosen'],
    ['lab gals --instances 2 --demo', 'The figure has the published cells, and none of them is chosen'],
    ['lab gals --svg test', 'test is a folder: name a file in it.'],
    ['lab try', "missing required argument 'app'"],
    ['lab try nowhere.ts', 'nowhere.ts does not exist.'],
    ['lab try test', 'test is no file: name the module that exports the application.'],
    ['lab try a.ts --network internet', 'Allowed choices are loopback, lan, wan, lossy.'],
    ['lab try a.ts --instances 1', "'1' is not a whole number from 2 to 32."],
    [
      'lab exhaust gals:_nothing',
      'no world is called so. There are: gals: two events; gals: an event and any fault;',
    ],
    ['lab gals --svg package.json/a.svg', 'package.json/a.svg cannot be written (E'],
    ['bridge --port 70000', 'A port is a whole number from 0 to 65535.'],
    ['bridge --ports 10009-10000', 'Write the first and the last, like 10000-10009'],
    ['bridge --trial 65', 'It takes a whole number from 1 to 64.'],
    ['bridge --instances 1025', 'It takes a whole number from 1 to 1024.'],
    ['bridge --port 1 --ports 1-2', 'give --port or --ports, not both.'],
    ['addon', 'Usage: sametick addon'],
    ['addon godot', "missing required argument 'project'"],
    ['bridge --trial 0', 'It takes a whole number from 1.'],
  ])('sametick %s', async (line, sentence) => {
    const { code, out, err, jobs } = await say(line)
    expect(err).toContain(sentence)
    expect({ code, out, jobs }).toEqual({ code: 2, out: '', jobs: [] })
  })

  test('and where to read on', async () => {
    expect((await say('lab gals --fps x')).err).toContain('Add --help to see what there is.')
  })
})

describe('help', () => {
  test.each([
    ['--help', 'run experiments, trials and searches in virtual time'],
    ['bridge --help', 'npx sametick bridge --ports 10000-10009 --instances 10'],
    ['addon godot --help', 'npx sametick addon godot sametick-demo --demo'],
    ['lab --help', "the experiment behind the paper's Figure 8"],
    ['lab exhaust --help', 'npx sametick lab exhaust horizon newcomer --json'],
    ['lab try --help', 'npx sametick lab try game.js --instances 5 --network lossy --minutes 20 --seed 7'],
    ['lab gals --help', 'npx sametick lab gals --network wan --fps 25 --instances 10,25 --every 1'],
  ])('sametick %s', async (line, sentence) => {
    const { code, out, err } = await say(line)
    expect(out).toContain(sentence)
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  test('keeps to a narrow terminal', async () => {
    const { out } = await say('lab gals --help', { columns: 80, env: { NO_COLOR: '1' } })
    const [usage] = out.split('Examples:')
    expect(usage?.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('names the version', async () => {
    expect((await say('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
