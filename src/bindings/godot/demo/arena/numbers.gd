extends RefCounted
## The numbers of the game and the only arithmetic that it uses: examples/arena/numbers.ts in another language.
## Lengths are in 1/256 px, times in ticks. Whole numbers divide towards zero here by themselves.

const FPS := 50
const PX := 256
const PLACES := 8
const BODIES_MIN := 4

const READY_TICKS := 150
const PLAY_TICKS := 5500
const RESULT_TICKS := 400

const DISC := 470 * PX
const DISC_END := 230 * PX
const SHRINK_TICKS := 4000

const BODY := 34 * PX
const BODY_HEAVY := 45 * PX
const MASS := 2
const MASS_HEAVY := 6

const PUSH := 72
const GLIDE := 979
const DASH := 9 * PX
const DASH_TICKS := 14
const DASH_WAIT := 48
const DASH_WAIT_SWIFT := 20
const KICK := 5 * PX
const KICK_MORE := 300
const HITS_MAX := 12
const SPEED_MAX := 24 * PX

const GONE_TICKS := 80
const SAFE_TICKS := 75
const BLAME_TICKS := 175

const ORBS := 2
const ORB := 20 * PX
const ORB_EVERY := 250
const POWER_TICKS := 400
const BLAST_REACH := 230 * PX
const BLAST_KICK := 11 * PX

const THINK_EVERY := 8
const SEES_ORB := 300 * PX
const STRIKES_WITHIN := 210 * PX
const LEAD := 14

## Of a body: who is in a place.
enum { NOBODY, PLAYER, BOT }
## Of the game: its phases.
enum { READY, PLAY, RESULT }
## Of an orb and of a body: what it gives.
enum { NONE, HEAVY, SWIFT, BLAST }

## Directions 1 to 16, clockwise from the right; 0 is none. Their length is 1024.
const WAYS_X: Array[int] = [0, 1024, 946, 724, 392, 0, -392, -724, -946, -1024, -946, -724, -392, 0, 392, 724, 946]
const WAYS_Y: Array[int] = [0, 0, 392, 724, 946, 1024, 946, 724, 392, 0, -392, -724, -946, -1024, -946, -724, -392]


## The root of a whole number, cut.
static func root(n: int) -> int:
	return floori(sqrt(float(n)))


## The way, 1 to 16, that points best along a vector; the lowest of equals.
static func way_of(x: int, y: int) -> int:
	var best := 1
	var most := x * 1024
	for way in range(2, 17):
		var along := x * WAYS_X[way] + y * WAYS_Y[way]
		if along > most:
			most = along
			best = way
	return best


## Whether a value is one that a player can hold.
static func is_held(held: Variant) -> bool:
	return held is int and held >= 0 and held < 64 and held % 32 <= 16
