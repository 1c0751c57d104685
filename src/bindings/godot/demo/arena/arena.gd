extends Node2D
## Brink in Godot, in one session with the browser's: a node of the group [code]sametick[/code], whose ticks come by
## themselves, and what is seen of it.

const N := preload("numbers.gd")
const S := preload("state.gd")
const Rules := preload("rules.gd")
const Look := preload("../look.gd")
const Menu := preload("../menu.gd")

const APP := "brink@1"
const NAMES: Array[String] = ["Otter", "Lynx", "Heron", "Marten", "Orca", "Puffin", "Stoat", "Tern", "Walrus", "Fox"]
## How thick the disc is seen to be.
const THICK := 22.0
## The column of the points.
const LEFT := 230.0

var _rules := Rules.new()
# The bodies one tick before, for drawing.
var _before: Array = _rules.state.bodies.duplicate(true)
var _shake := 0.0

@onready var _world: Node2D = $World
@onready var _figures: Node2D = $World/Figures
@onready var _hud: Control = $Front/Hud


func _ready() -> void:
	$Deep.add_child(Look.sky())
	_rules.told.connect(_on_told)
	Sametick.ended.connect(_on_ended)
	var error := Sametick.mid_connect(Menu.address_of("arena"), N.FPS, {
		"app": APP,
		"as": { "name": NAMES.pick_random() },
		"neutral": 0,
		"check": N.is_held,
	})
	if error != OK:
		Menu.back.call_deferred(get_tree(), Sametick.mid_error())


func _exit_tree() -> void:
	Sametick.ended.disconnect(_on_ended)


## One tick of the session: first who came and went, then the rules.
func _tick(t: SametickStep) -> void:
	for input in t.events:
		match input.evt:
			Sametick.JOIN:
				_rules.join(input.player, _slot_of(input.player, t))
			Sametick.LEAVE:
				_rules.leave(_place_of(input.player))
	_before = _rules.state.bodies.duplicate(true)
	_rules.step(t.tick, Sametick.held)


## All that the next tick depends on.
func _save() -> Dictionary:
	return _rules.state


func _load(value: Dictionary) -> void:
	_rules.state = value.duplicate(true)


func _physics_process(_delta: float) -> void:
	if Sametick.status.phase == "running":
		Sametick.hold(_held())


func _process(delta: float) -> void:
	_fit(delta)
	var own := _place_of(Sametick.me) if Sametick.me > 0 else N.PLACES
	$World/Disc.show_disc(S.disc_of(_rules.state) / float(N.PX))
	_figures.show_state(_rules.state, _before, own, delta)
	_hud.show_state(_rules.state, own)


func _unhandled_key_input(event: InputEvent) -> void:
	if event.is_pressed() and (event as InputEventKey).keycode == KEY_ESCAPE:
		Menu.back(get_tree())


# What is held: a way in the lower five bits, and 32 to dash. Keys or the first pad.
func _held() -> int:
	var x := float(_down(KEY_RIGHT, KEY_D)) - float(_down(KEY_LEFT, KEY_A))
	var y := float(_down(KEY_DOWN, KEY_S)) - float(_down(KEY_UP, KEY_W))
	var stick := Vector2(Input.get_joy_axis(0, JOY_AXIS_LEFT_X), Input.get_joy_axis(0, JOY_AXIS_LEFT_Y))
	if stick.length() > 0.35:
		x = stick.x
		y = stick.y
	var dashes := _down(KEY_SPACE, KEY_SHIFT) or Input.is_joy_button_pressed(0, JOY_BUTTON_A)
	var way := 0 if x == 0 and y == 0 else 1 + posmod(roundi(atan2(y, x) * 8 / PI), 16)
	return way + (32 if dashes else 0)


func _down(key: Key, other: Key) -> bool:
	return Input.is_physical_key_pressed(key) or Input.is_physical_key_pressed(other)


# The world in the window, beside the column of the points.
func _fit(delta: float) -> void:
	var window := get_viewport_rect().size
	var reach := minf(window.x - LEFT - 12, window.y - 12) / 2
	var scale_ := reach / (N.DISC / float(N.PX) + THICK)
	_shake = maxf(0, _shake - delta * 30)
	var off := Vector2(randf_range(-1, 1), randf_range(-1, 1)) * _shake
	_world.scale = Vector2.ONE * scale_
	_world.position = Vector2(maxf(window.x / 2, LEFT + reach), window.y / 2 - THICK / 2 * scale_) + off * scale_


func _slot_of(id: int, t: SametickStep) -> int:
	for player in t.players:
		if player.id == id:
			return player.slot
	# Came and went within one tick.
	return N.PLACES


func _place_of(id: int) -> int:
	for at in N.PLACES:
		if _rules.state.bodies[at].player == id:
			return at
	return N.PLACES


func _on_told(what: String, data: Dictionary) -> void:
	_figures.tell(what, data)
	match what:
		"hit":
			_shake = maxf(_shake, 6)
		"fall":
			_shake = maxf(_shake, 8)
		"blast":
			_shake = maxf(_shake, 10)


func _on_ended(why: String, hint: String) -> void:
	if why != "left":
		Menu.back.call_deferred(get_tree(), hint if hint != "" else "The session has ended.")
