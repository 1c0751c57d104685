extends Node2D
## The bodies, the orbs, and the sparks of what happens to them.

const N := preload("numbers.gd")
const S := preload("state.gd")
const Look := preload("../look.gd")

const TRAIL := 14
const SINK_SECONDS := 0.75
## Farther apart than this, two places of one body are not joined by a way.
const JUMP := 90.0
const ORBS: Array[Color] = [Color.WHITE, Color("eef4ff"), Color("fff36b"), Color("ff7ae0")]
const SPARKS_MAX := 600

var _state := {}
var _before := []
var _own := N.PLACES
var _time := 0.0
var _trails: Array[PackedVector2Array] = []
# Each { p, v, colour, size, age, life }; rings also { ring, width }; those who sink { sinks }.
var _sparks: Array[Dictionary] = []
var _font := ThemeDB.fallback_font


func _ready() -> void:
	for at in N.PLACES:
		_trails.append(PackedVector2Array())


func show_state(state: Dictionary, before: Array, own: int, delta: float) -> void:
	_state = state
	_before = before
	_own = own
	_time += delta
	for spark in _sparks:
		spark.age += delta
		spark.p += spark.v * delta
		spark.v *= pow(0.08, delta)
	_sparks = _sparks.filter(func(spark: Dictionary) -> bool: return spark.age < spark.life)
	queue_redraw()


func tell(what: String, data: Dictionary) -> void:
	var at := Vector2(data.get("x", 0), data.get("y", 0)) / N.PX
	match what:
		"dash":
			_burst(at, Color("cfe8ff"), 12, 300, 4)
		"bump":
			if data.force > 1.5 * N.PX:
				_burst(at, Color("cfe8ff"), 5, 140, 2.5)
		"hit":
			_burst(at, Look.COLOURS[data.a], 18, 480, 5)
			_burst(at, Look.COLOURS[data.b], 18, 480, 5)
			_ring(at, Color.WHITE, 90, 0.35, 4)
		"fall":
			var speed := Vector2(data.vx, data.vy) / N.PX * N.FPS
			_sparks.append({ "p": at, "v": speed, "colour": Look.COLOURS[data.at], "size": 34.0, "age": 0.0, "life": SINK_SECONDS, "sinks": true })
			_burst(at, Look.COLOURS[data.at], 36, 360, 5)
			_ring(at, Look.COLOURS[data.at], 150, 0.7, 8)
		"back":
			_ring(at, Look.COLOURS[data.at], 70, 0.5, 4)
		"drop":
			_ring(at, Color.WHITE, 60, 0.6, 3)
		"orb":
			_burst(at, ORBS[data.kind], 22, 260, 4)
		"blast":
			_ring(at, ORBS[N.BLAST], 230, 0.6, 16)
			_ring(at, Color.WHITE, 230, 0.4, 5)
			_burst(at, ORBS[N.BLAST], 60, 620, 5)


func _draw() -> void:
	if _state.is_empty():
		return
	for spark in _sparks:
		if spark.has("sinks"):
			var left: float = 1 - spark.age / spark.life
			draw_circle(spark.p + Vector2(0, 30 * (1 - left)), spark.size * left, Color(spark.colour.darkened(0.45), left), true, -1, true)
	for orb: Dictionary in _state.orbs:
		if orb.kind != 0:
			_draw_orb(orb.kind, Vector2(orb.x, orb.y) / N.PX)
	var alpha := Sametick.alpha()
	for at in N.PLACES:
		var body: Dictionary = _state.bodies[at]
		if not S.is_here(body):
			_trails[at] = PackedVector2Array()
			continue
		var seen := _between(_before[at], body, alpha)
		_trails[at].append(seen)
		if _trails[at].size() > TRAIL:
			_trails[at].remove_at(0)
		_draw_trail(at, body)
		_draw_body(at, body, seen)
	_draw_sparks()


func _between(was: Dictionary, body: Dictionary, alpha: float) -> Vector2:
	var to := Vector2(body.x, body.y) / N.PX
	var from := Vector2(was.x, was.y) / N.PX
	var goes: bool = S.is_here(was) and was.kind == body.kind and from.distance_to(to) < JUMP
	return from.lerp(to, alpha) if goes else to


func _draw_trail(at: int, body: Dictionary) -> void:
	var speed := Vector2(body.vx, body.vy).length() / N.PX
	var strength := clampf((speed - 5) / 9, 0, 1)
	if strength == 0:
		return
	var size := S.size_of(body) / float(N.PX)
	for i in _trails[at].size():
		var share := float(i + 1) / _trails[at].size()
		draw_circle(_trails[at][i], size * (0.4 + 0.6 * share), Color(Look.COLOURS[at], 0.3 * strength * share * share), true, -1, true)


func _draw_body(at: int, body: Dictionary, p: Vector2) -> void:
	var colour := Look.COLOURS[at]
	var size := S.size_of(body) / float(N.PX)
	var solid := 0.45 + 0.25 * sin(_time * 16) if body.safe > 0 else 1.0
	draw_circle(p + Vector2(2, 9), size, Color(0.015, 0.06, 0.12, 0.4 * solid), true, -1, true)
	draw_circle(p + Vector2(0, 4), size, Color(colour.darkened(0.45), solid), true, -1, true)
	draw_circle(p, size - 1, Color(colour, solid), true, -1, true)
	draw_circle(p - Vector2(size * 0.28, size * 0.34), size * 0.42, Color(1, 1, 1, 0.18 * solid), true, -1, true)
	# What it has taken so far: the next dash throws it so much farther.
	if body.hits > 0:
		draw_arc(p, size - 4, -PI / 2, -PI / 2 + TAU * body.hits / N.HITS_MAX, 40, Color("ff2d4f"), 4, true)
	_draw_eyes(body, p, size)
	if body.power == N.HEAVY:
		draw_arc(p, size + 1, 0, TAU, 64, ORBS[N.HEAVY], 5, true)
	elif body.power == N.SWIFT:
		for i in 12:
			var from := TAU * i / 12 + _time * 3
			draw_arc(p, size + 5, from, from + TAU / 24, 6, ORBS[N.SWIFT], 3, true)
	if at == _own:
		draw_arc(p, size + 11, 0, TAU, 64, Color(1, 1, 1, 0.25), 3, true)
		# How much of the wait for the next dash is over.
		var over: float = 1 - body.wait / float(N.DASH_WAIT)
		draw_arc(p, size + 11, -PI / 2, -PI / 2 + TAU * over, 64, Color(1, 1, 1, 1.0 if body.wait == 0 else 0.75), 3, true)
		if _state.phase == N.READY:
			draw_string(_font, p + Vector2(-50, -size - 22), "you", HORIZONTAL_ALIGNMENT_CENTER, 100, 26)


func _draw_eyes(body: Dictionary, p: Vector2, size: float) -> void:
	var face := Vector2(N.WAYS_X[body.face], N.WAYS_Y[body.face]) / 1024.0
	# Narrow while it dashes.
	var height := 0.55 if body.dash > 0 else 1.0
	for side: float in [-1.0, 1.0]:
		var eye := p + size * (0.36 * face + side * 0.34 * Vector2(-face.y, face.x))
		draw_set_transform(eye, 0, Vector2(1, height))
		draw_circle(Vector2.ZERO, size * 0.22, Color.WHITE, true, -1, true)
		draw_set_transform(Vector2.ZERO)
		draw_circle(eye + face * size * 0.08, size * 0.12, Color("101727"), true, -1, true)


func _draw_orb(kind: int, p: Vector2) -> void:
	var swing := sin(_time * 4) * 2
	var at := p + Vector2(0, swing)
	draw_circle(p + Vector2(0, 8), 13, Color(0.015, 0.06, 0.12, 0.4), true, -1, true)
	draw_circle(at, 34 + 2 * swing, Color(ORBS[kind], 0.18), true, -1, true)
	draw_circle(at, 20, ORBS[kind], true, -1, true)
	var ink := Color("14233d")
	match kind:
		N.HEAVY:
			draw_rect(Rect2(at + Vector2(-8, -3), Vector2(16, 10)), ink)
			draw_circle(at + Vector2(0, -5), 4, ink, false, 3, true)
		N.SWIFT:
			var bolt := PackedVector2Array([Vector2(2, -11), Vector2(-7, 2), Vector2(-1, 2), Vector2(-2, 11), Vector2(7, -3), Vector2(1, -3)])
			draw_colored_polygon(Transform2D(0, at) * bolt, ink)
		N.BLAST:
			var star := PackedVector2Array()
			for i in 16:
				star.append(at + Vector2.from_angle(i * PI / 8) * (11 if i % 2 == 0 else 5))
			draw_colored_polygon(star, ink)


func _draw_sparks() -> void:
	for spark in _sparks:
		var left: float = 1 - spark.age / spark.life
		if spark.has("ring"):
			draw_arc(spark.p, spark.ring * (1 - left * left), 0, TAU, 64, Color(spark.colour, left), spark.width * left, true)
		elif not spark.has("sinks"):
			draw_circle(spark.p, spark.size * left, Color(spark.colour, left), true, -1, true)


func _burst(at: Vector2, colour: Color, count: int, speed: float, size: float) -> void:
	for i in mini(count, SPARKS_MAX - _sparks.size()):
		var v := Vector2.from_angle(randf() * TAU) * speed * randf_range(0.2, 1)
		_sparks.append({ "p": at, "v": v, "colour": colour, "size": size * randf_range(0.5, 1), "age": 0.0, "life": randf_range(0.3, 0.7) })


func _ring(at: Vector2, colour: Color, reach: float, life: float, width: float) -> void:
	_sparks.append({ "p": at, "v": Vector2.ZERO, "colour": colour, "size": 0.0, "ring": reach, "width": width, "age": 0.0, "life": life })
