extends RefCounted
## Every rule of Brink, as examples/arena/README.md says them in words: push the others over the edge. What is seen and
## heard of a step goes to [signal told] and leaves no trace in the state.

signal told(what: String, data: Dictionary)

const N := preload("numbers.gd")
const S := preload("state.gd")

var state := S.start()


func join(player: int, slot: int) -> void:
	# More than eight only watch.
	if slot < N.PLACES:
		S.give(state, slot, N.PLAYER, player)
	S.fill(state)


func leave(slot: int) -> void:
	if slot < N.PLACES:
		S.give(state, slot, N.NOBODY, 0)
	S.fill(state)


## One tick. What a player holds is what `held` gives for its id.
func step(tick: int, held: Callable) -> void:
	state.left -= 1
	if state.left == 0:
		_turn()
	elif state.phase == N.PLAY:
		_play(tick, held)


func _turn() -> void:
	match state.phase:
		N.READY:
			state.phase = N.PLAY
			state.left = N.PLAY_TICKS
			told.emit("go", {})
		N.PLAY:
			state.phase = N.RESULT
			state.left = N.RESULT_TICKS
			told.emit("over", { "winner": S.winner_of(state) })
		_:
			S.begin_round(state)


func _play(tick: int, held: Callable) -> void:
	var bodies: Array = state.bodies
	for at in N.PLACES:
		if bodies[at].kind == N.BOT and tick % N.THINK_EVERY == at:
			_think(at)
	for at in N.PLACES:
		var body: Dictionary = bodies[at]
		if S.is_here(body):
			_move(body, at, body.held if body.kind == N.BOT else held.call(body.player))
	for i in N.PLACES:
		for j in range(i + 1, N.PLACES):
			var a: Dictionary = bodies[i]
			var b: Dictionary = bodies[j]
			if S.is_here(a) and S.is_here(b) and a.safe == 0 and b.safe == 0:
				_bounce(a, b, i, j)
	for at in N.PLACES:
		if S.is_here(bodies[at]):
			_collect(at)
	if state.left % N.ORB_EVERY == 0:
		_drop_orb()
	var disc := S.disc_of(state)
	for at in N.PLACES:
		var body: Dictionary = bodies[at]
		if body.kind == N.NOBODY:
			continue
		if body.gone > 0:
			body.gone -= 1
			if body.gone == 0:
				S.place(state, at)
				told.emit("back", { "at": at, "x": body.x, "y": body.y })
			continue
		_age(body)
		if body.x * body.x + body.y * body.y > disc * disc:
			_fall(at)


func _move(body: Dictionary, at: int, held: int) -> void:
	var way := held % 32
	if way != 0:
		body.face = way
	body.vx += N.WAYS_X[way] * N.PUSH / 1024
	body.vy += N.WAYS_Y[way] * N.PUSH / 1024
	if held >= 32 and body.wait == 0:
		body.vx += N.WAYS_X[body.face] * N.DASH / 1024
		body.vy += N.WAYS_Y[body.face] * N.DASH / 1024
		body.dash = N.DASH_TICKS
		body.wait = N.DASH_WAIT_SWIFT if body.power == N.SWIFT else N.DASH_WAIT
		told.emit("dash", { "at": at, "x": body.x, "y": body.y, "way": body.face })
	body.vx = clampi(body.vx * N.GLIDE / 1024, -N.SPEED_MAX, N.SPEED_MAX)
	body.vy = clampi(body.vy * N.GLIDE / 1024, -N.SPEED_MAX, N.SPEED_MAX)
	body.x += body.vx
	body.y += body.vy


func _age(body: Dictionary) -> void:
	for name: String in ["dash", "wait", "safe"]:
		if body[name] > 0:
			body[name] -= 1
	if body.powered > 0:
		body.powered -= 1
		if body.powered == 0:
			body.power = 0
	if body.blame > 0:
		body.blame -= 1
		if body.blame == 0:
			body.by = -1


func _bounce(a: Dictionary, b: Dictionary, i: int, j: int) -> void:
	var dx: int = b.x - a.x
	var dy: int = b.y - a.y
	var reach := S.size_of(a) + S.size_of(b)
	var far2 := dx * dx + dy * dy
	if far2 >= reach * reach:
		return
	var far := N.root(far2)
	# From a to b, with the length 1024. Two in one place part to the right and to the left.
	var nx := 1024 if far == 0 else dx * 1024 / far
	var ny := 0 if far == 0 else dy * 1024 / far
	var apart := (reach - far + 1) / 2
	a.x -= nx * apart / 1024
	a.y -= ny * apart / 1024
	b.x += nx * apart / 1024
	b.y += ny * apart / 1024
	var closing: int = ((a.vx - b.vx) * nx + (a.vy - b.vy) * ny) / 1024
	if closing <= 0:
		return
	# Seven quarters of the speed at which they close are shared by weight.
	var ma := S.mass_of(a)
	var mb := S.mass_of(b)
	var share := closing * 7 / (4 * (ma + mb))
	_push(a, nx, ny, -share * mb)
	_push(b, nx, ny, share * ma)
	_blame(a, j)
	_blame(b, i)
	# Both dashes are looked at before either is used up.
	var hits_b: bool = a.dash > 0
	var hits_a: bool = b.dash > 0
	if hits_b:
		_kick(b, nx, ny)
	if hits_a:
		_kick(a, -nx, -ny)
	if hits_b:
		a.dash = 0
	if hits_a:
		b.dash = 0
	var where := { "x": (a.x + b.x) / 2, "y": (a.y + b.y) / 2, "force": closing, "a": i, "b": j }
	told.emit("hit" if hits_a or hits_b else "bump", where)


# Changes a velocity by so much along a direction of the length 1024.
func _push(body: Dictionary, nx: int, ny: int, by: int) -> void:
	body.vx += nx * by / 1024
	body.vy += ny * by / 1024


func _kick(body: Dictionary, nx: int, ny: int) -> void:
	_push(body, nx, ny, (N.KICK + N.KICK_MORE * body.hits) * N.MASS / S.mass_of(body))
	body.hits = mini(body.hits + 1, N.HITS_MAX)


func _blame(body: Dictionary, by: int) -> void:
	body.by = by
	body.blame = N.BLAME_TICKS


func _fall(at: int) -> void:
	var body: Dictionary = state.bodies[at]
	var by: int = body.by
	body.gone = N.GONE_TICKS
	body.falls += 1
	var counts: bool = by >= 0 and state.bodies[by].kind != N.NOBODY
	if counts:
		state.bodies[by].score += 1
	var what := { "at": at, "by": by if counts else -1, "x": body.x, "y": body.y, "vx": body.vx, "vy": body.vy }
	told.emit("fall", what)


# A body takes every orb that it touches.
func _collect(at: int) -> void:
	var body: Dictionary = state.bodies[at]
	for orb: Dictionary in state.orbs:
		if orb.kind == 0:
			continue
		var reach := N.ORB + S.size_of(body)
		if _square(orb.x - body.x) + _square(orb.y - body.y) >= reach * reach:
			continue
		told.emit("orb", { "at": at, "kind": orb.kind, "x": orb.x, "y": orb.y })
		if orb.kind == N.BLAST:
			_blast(at)
		else:
			body.power = orb.kind
			body.powered = N.POWER_TICKS
		orb.kind = 0


# Throws everybody near away from a body.
func _blast(at: int) -> void:
	var body: Dictionary = state.bodies[at]
	told.emit("blast", { "at": at, "x": body.x, "y": body.y })
	for i in N.PLACES:
		var other: Dictionary = state.bodies[i]
		if i == at or not S.is_here(other) or other.safe > 0:
			continue
		var far := N.root(_square(other.x - body.x) + _square(other.y - body.y))
		if far == 0 or far > N.BLAST_REACH:
			continue
		_push(other, (other.x - body.x) * 1024 / far, (other.y - body.y) * 1024 / far, N.BLAST_KICK)
		_blame(other, at)


# A new orb where there is none, somewhere in the inner two thirds of the disc.
func _drop_orb() -> void:
	for orb: Dictionary in state.orbs:
		if orb.kind != 0:
			continue
		orb.kind = 1 + S.draw(state, 3)
		var way := 1 + S.draw(state, 16)
		var out := S.disc_of(state) * S.draw(state, 68) / 100
		orb.x = N.WAYS_X[way] * out / 1024
		orb.y = N.WAYS_Y[way] * out / 1024
		told.emit("drop", { "kind": orb.kind, "x": orb.x, "y": orb.y })
		return


# What a bot holds from this tick on, in the form of a player's held input.
func _think(at: int) -> void:
	var me: Dictionary = state.bodies[at]
	var disc := S.disc_of(state)
	var out := N.root(_square(me.x) + _square(me.y))
	var luck := S.draw(state, 8)
	# Too near to the edge, or about to be: inwards, and with a dash if it is high time.
	var soon := N.root(_square(me.x + 20 * me.vx) + _square(me.y + 20 * me.vy))
	if out > disc * 7 / 8 or soon > disc:
		me.held = N.way_of(-me.x, -me.y) + (32 if soon > disc and luck < 4 else 0)
		return
	var orb := _nearest_orb(me)
	if not orb.is_empty():
		me.held = N.way_of(orb.x - me.x, orb.y - me.y)
		return
	var prey := _nearest_body(at)
	if luck == 7 or prey.is_empty():
		me.held = 1 + S.draw(state, 16) if luck == 7 else N.way_of(-me.x, -me.y)
		return
	var dx: int = prey.x + N.LEAD * prey.vx - me.x
	var dy: int = prey.y + N.LEAD * prey.vy - me.y
	var way := N.way_of(dx, dy)
	# It does not dash to where there is no disc.
	var tx: int = me.x + N.WAYS_X[way] * N.STRIKES_WITHIN / 1024
	var ty: int = me.y + N.WAYS_Y[way] * N.STRIKES_WITHIN / 1024
	var strikes := luck < 3 and dx * dx + dy * dy < N.STRIKES_WITHIN * N.STRIKES_WITHIN
	me.held = way + (32 if strikes and tx * tx + ty * ty < disc * disc else 0)


func _nearest_orb(me: Dictionary) -> Dictionary:
	var found := {}
	var least := N.SEES_ORB * N.SEES_ORB
	for orb: Dictionary in state.orbs:
		if orb.kind == 0:
			continue
		var far := _square(orb.x - me.x) + _square(orb.y - me.y)
		if far < least:
			least = far
			found = orb
	return found


func _nearest_body(at: int) -> Dictionary:
	var me: Dictionary = state.bodies[at]
	var found := {}
	var least := 0
	for i in N.PLACES:
		var body: Dictionary = state.bodies[i]
		if i == at or not S.is_here(body) or body.safe > 0:
			continue
		var far := _square(body.x - me.x) + _square(body.y - me.y)
		if found.is_empty() or far < least:
			least = far
			found = body
	return found


static func _square(n: int) -> int:
	return n * n
