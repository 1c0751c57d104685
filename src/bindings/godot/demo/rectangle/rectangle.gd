extends Node2D
## The rectangle that everybody steers: the same application as examples/rectangle, in one session with it. One reader,
## by hand: [method Sametick.mid_wait] until nothing more is due.

const Look := preload("../look.gd")
const Menu := preload("../menu.gd")

const FPS := 40
const WORLD := Vector2i(640, 400)
const SIDE := 40
## The id of the event that steers, and what it may carry.
const STEER := 1
const WAYS := { "left": [-1, 0], "right": [1, 0], "up": [0, -1], "down": [0, 1], "stop": [0, 0] }
const TRAIL := 40

# The state: whole numbers, and nothing but what ticks and events make of it.
var _x := 300
var _y := 180
var _vx := 1
var _vy := 0
var _steered := 0

# What is seen of it.
var _before := Vector2(_x, _y)
var _trail: Array[Vector2] = []
var _note := Look.label("", 16, Look.SOFT)


func _ready() -> void:
	var layer := CanvasLayer.new()
	layer.layer = -1
	add_child(layer)
	layer.add_child(Look.sky())
	var front := CanvasLayer.new()
	add_child(front)
	_note.set_anchors_and_offsets_preset(Control.PRESET_BOTTOM_WIDE, Control.PRESET_MODE_MINSIZE, 16)
	_note.grow_vertical = Control.GROW_DIRECTION_BEGIN
	front.add_child(_note)
	Sametick.ended.connect(_on_ended)
	if Sametick.mid_connect(Menu.address_of("rectangle"), FPS, { "app": "rectangle@1" }) != OK:
		Menu.back.call_deferred(get_tree(), Sametick.mid_error())


func _exit_tree() -> void:
	Sametick.ended.disconnect(_on_ended)


func _physics_process(_delta: float) -> void:
	while true:
		var input := Sametick.mid_wait()
		if input == null:
			return
		if input.evt == STEER and input.payload is String and WAYS.has(input.payload):
			_vx = WAYS[input.payload][0]
			_vy = WAYS[input.payload][1]
			_steered = Sametick.player(input.player).slot if Sametick.player(input.player) != null else 0
		elif input.evt == Sametick.TICK:
			_tick()


func _tick() -> void:
	_before = Vector2(_x, _y)
	_x = (_x + 4 * _vx + WORLD.x) % WORLD.x
	_y = (_y + 4 * _vy + WORLD.y) % WORLD.y


## What the digest is made of: the same state as in the browser.
func state() -> Dictionary:
	return { "x": _x, "y": _y, "vx": _vx, "vy": _vy, "steered": _steered }


func _unhandled_key_input(event: InputEvent) -> void:
	var key := event as InputEventKey
	if not key.pressed or key.echo:
		return
	match key.keycode:
		KEY_LEFT:
			Sametick.mid_emit(STEER, "left")
		KEY_RIGHT:
			Sametick.mid_emit(STEER, "right")
		KEY_UP:
			Sametick.mid_emit(STEER, "up")
		KEY_DOWN:
			Sametick.mid_emit(STEER, "down")
		KEY_SPACE:
			Sametick.mid_emit(STEER, "stop")
		KEY_ESCAPE:
			Menu.back(get_tree())


func _process(_delta: float) -> void:
	var seen: Vector2 = Sametick.mix(_before, Vector2(_x, _y))
	# Where it comes in again on the other side there is nothing in between.
	if _before.distance_to(Vector2(_x, _y)) > 100:
		seen = Vector2(_x, _y)
	_trail.append(seen)
	if _trail.size() > TRAIL:
		_trail.pop_front()
	var here := Sametick.players.size()
	_note.text = "arrows steer, space stops, Esc goes back      tick %d, %d here" % [Sametick.tick, here]
	if Sametick.status.phase in ["connecting", "lobby"]:
		_note.text = "connecting to %s" % Menu.server
	queue_redraw()


func _draw() -> void:
	var window := get_viewport_rect().size
	var scale_ := minf(window.x / WORLD.x, (window.y - 60) / WORLD.y) * 0.9
	var origin := (window - Vector2(WORLD) * scale_) / 2 - Vector2(0, 16)
	draw_set_transform(origin, 0, Vector2.ONE * scale_)
	var field := StyleBoxFlat.new()
	field.bg_color = Color(0.36, 0.61, 1, 0.07)
	field.border_color = Color(0.66, 0.86, 1, 0.35)
	field.set_border_width_all(1)
	field.set_corner_radius_all(6)
	draw_style_box(field, Rect2(Vector2.ZERO, WORLD))
	for x in range(40, WORLD.x, 40):
		for y in range(40, WORLD.y, 40):
			draw_circle(Vector2(x, y), 0.9, Color(0.66, 0.86, 1, 0.16))
	var colour := Look.COLOURS[_steered % Look.COLOURS.size()]
	for i in _trail.size():
		_square(_trail[i], Color(colour, 0.22 * pow(float(i) / TRAIL, 2.0)))
	if not _trail.is_empty():
		_square(_trail[-1] + Vector2(0, 3), colour.darkened(0.45))
		_square(_trail[-1], colour)


func _square(at: Vector2, colour: Color) -> void:
	var square := StyleBoxFlat.new()
	square.bg_color = colour
	square.set_corner_radius_all(6)
	draw_style_box(square, Rect2(at - Vector2.ONE * SIDE / 2, Vector2.ONE * SIDE))


func _on_ended(why: String, hint: String) -> void:
	if why != "left":
		Menu.back.call_deferred(get_tree(), hint if hint != "" else "The session has ended.")
