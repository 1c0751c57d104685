extends Node
## Plays a demo scene by chance: presses its keys, and prints the digest of its state after each tick.

const Menu := preload("res://demo/menu.gd")
const Digest := preload("res://addons/sametick/core/digest.gd")
const KEYS: Array[Key] = [KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_DOWN, KEY_SPACE]
## Ticks between two keys.
const PRESS_EVERY := 9

var _scene: Node
var _digest := Digest.new()
var _lines := PackedStringArray()
var _ticks := OS.get_environment("WATCH_TICKS").to_int()
var _down := {}


func _ready() -> void:
	Menu.server = OS.get_environment("WATCH_SERVER")
	_scene = load(OS.get_environment("WATCH_SCENE")).instantiate()
	add_child(_scene)
	Sametick.ticked.connect(_on_ticked)
	Sametick.ended.connect(func(why: String, hint: String) -> void:
		print("ended: %s %s" % [why, hint])
		get_tree().quit(0 if why == "left" else 1)
	)


func _on_ticked(tick: int) -> void:
	var state: Dictionary = _scene._save() if _scene.has_method("_save") else _scene.state()
	_lines.append("%d %d" % [tick, _digest.of(state)])
	# What it runs through as it comes is not played.
	if Sametick.status.phase != "running":
		return
	_ticks -= 1
	if _ticks == 0:
		_flush()
		Sametick.mid_disconnect()
	elif _ticks % PRESS_EVERY == 0:
		_press(KEYS.pick_random())


func _press(key: Key) -> void:
	var event := InputEventKey.new()
	event.keycode = key
	event.physical_keycode = key
	event.pressed = not _down.get(key, false)
	_down[key] = event.pressed
	# Without a window, what is pressed goes to nodes by hand.
	Input.parse_input_event(event)
	get_viewport().push_input(event)


func _process(_delta: float) -> void:
	_flush()


func _flush() -> void:
	if not _lines.is_empty():
		print("\n".join(_lines))
		_lines.clear()
