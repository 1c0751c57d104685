extends RefCounted
## The state of the arena: one dictionary of whole numbers, with the keys in the order that they have in TypeScript, so
## that its digest is the same there.

const N := preload("numbers.gd")


static func start() -> Dictionary:
	var bodies := []
	for at in N.PLACES:
		bodies.append(nobody())
	return {
		"phase": N.READY,
		"left": N.READY_TICKS,
		"round": 1,
		"seed": 20211019,
		"bodies": bodies,
		"orbs": [{ "kind": 0, "x": 0, "y": 0 }, { "kind": 0, "x": 0, "y": 0 }],
	}


static func nobody() -> Dictionary:
	return {
		"kind": N.NOBODY, "player": 0, "x": 0, "y": 0, "vx": 0, "vy": 0, "face": 1, "dash": 0, "wait": 0, "gone": 0,
		"safe": 0, "power": 0, "powered": 0, "hits": 0, "by": -1, "blame": 0, "score": 0, "falls": 0, "held": 0,
	}


static func is_here(body: Dictionary) -> bool:
	return body.kind != N.NOBODY and body.gone == 0


static func size_of(body: Dictionary) -> int:
	return N.BODY_HEAVY if body.power == N.HEAVY else N.BODY


static func mass_of(body: Dictionary) -> int:
	return N.MASS_HEAVY if body.power == N.HEAVY else N.MASS


## How far the disc reaches now.
static func disc_of(s: Dictionary) -> int:
	if s.phase == N.READY:
		return N.DISC
	if s.phase == N.RESULT:
		return N.DISC_END
	return N.DISC_END + (N.DISC - N.DISC_END) * mini(s.left, N.SHRINK_TICKS) / N.SHRINK_TICKS


## A whole number from 0 to below `n`, of the chance that is in the state (Park and Miller).
static func draw(s: Dictionary, n: int) -> int:
	s.seed = s.seed * 16807 % 2147483647
	return s.seed % n


## Puts a body where its place begins.
static func place(s: Dictionary, at: int) -> void:
	var body: Dictionary = s.bodies[at]
	var out := disc_of(s) * 5 / 8
	body.x = N.WAYS_X[1 + 2 * at] * out / 1024
	body.y = N.WAYS_Y[1 + 2 * at] * out / 1024
	body.face = 1 + (8 + 2 * at) % 16
	body.safe = N.SAFE_TICKS if s.phase == N.PLAY else 0
	body.by = -1
	for name: String in ["vx", "vy", "dash", "wait", "gone", "power", "powered", "hits", "blame", "held"]:
		body[name] = 0


## Gives a place to somebody else, who begins with nothing and has touched nobody.
static func give(s: Dictionary, at: int, kind: int, player: int) -> void:
	for other: Dictionary in s.bodies:
		if other.by == at:
			other.by = -1
			other.blame = 0
	var body := nobody()
	body.kind = kind
	body.player = player
	s.bodies[at] = body
	if kind != N.NOBODY:
		place(s, at)


## So many bots as are missing: those in the lowest places stay, new ones take the lowest that are free.
static func fill(s: Dictionary) -> void:
	var missing := N.BODIES_MIN
	for body: Dictionary in s.bodies:
		if body.kind == N.PLAYER:
			missing -= 1
	for at in N.PLACES:
		if s.bodies[at].kind == N.BOT:
			if missing > 0:
				missing -= 1
			else:
				give(s, at, N.NOBODY, 0)
	for at in N.PLACES:
		if missing > 0 and s.bodies[at].kind == N.NOBODY:
			give(s, at, N.BOT, 0)
			missing -= 1


## Everybody back to where they begin, with no score.
static func begin_round(s: Dictionary) -> void:
	s.phase = N.READY
	s.left = N.READY_TICKS
	s.round += 1
	for orb: Dictionary in s.orbs:
		orb.kind = 0
	for at in N.PLACES:
		var body: Dictionary = s.bodies[at]
		if body.kind != N.NOBODY:
			body.score = 0
			body.falls = 0
			place(s, at)


## The most points, then the fewest falls, then the lowest place; -1 if nobody is there.
static func winner_of(s: Dictionary) -> int:
	var winner := -1
	for at in N.PLACES:
		var body: Dictionary = s.bodies[at]
		if body.kind == N.NOBODY:
			continue
		if winner >= 0:
			var best: Dictionary = s.bodies[winner]
			if body.score < best.score or (body.score == best.score and body.falls >= best.falls):
				continue
		winner = at
	return winner


## One number for a whole state, as examples/arena/sum.ts has it.
static func sum_of(s: Dictionary) -> int:
	var numbers: Array = [s.phase, s.left, s.round, s.seed]
	for body: Dictionary in s.bodies:
		numbers.append_array(body.values())
	for orb: Dictionary in s.orbs:
		numbers.append_array(orb.values())
	var sum := 7
	for number: int in numbers:
		sum = (sum * 31 + number % 2147483647 + 2147483647) % 2147483647
	return sum
