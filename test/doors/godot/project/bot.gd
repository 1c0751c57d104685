extends Node
## One instance of a session, without a face: it holds by chance what a player of the arena could hold, emits what
## the others understand, and prints the digest of its state at every tick.

const Digest := preload("res://addons/sametick/core/digest.gd")

var state := { "ticks": 0, "sum": 0, "x": [0, 0], "last": null, "players": [] }
var _chance := RandomNumberGenerator.new()
var _digest := Digest.new()
var _until := 0
var _told := PackedStringArray()


func _ready() -> void:
	var given := OS.get_cmdline_user_args()
	var options: Dictionary = JSON.parse_string(given[0])
	_chance.seed = int(options.seed)
	_until = int(options.get("until", 0))
	Sametick.ended.connect(func(why: String, hint: String) -> void:
		_flush()
		print("ended ", why, " ", hint)
		if why != "left":
			get_tree().quit(1)
	)
	var error := Sametick.mid_connect(options.url, int(options.fps), {
		"app": options.app,
		"instances": int(options.get("instances", 0)),
		"as": { "name": options.get("name", "godot") },
		"thread": options.get("thread", true),
	})
	if error != OK:
		print("ended ", Sametick.mid_error())
		get_tree().quit(1)


func _physics_process(_delta: float) -> void:
	while true:
		var input := Sametick.mid_wait()
		if input == null:
			break
		_take(input)
	if Sametick.status.phase == "running" and _chance.randf() < 0.1:
		Sametick.mid_emit(1 + _chance.randi() % 3, _payload())
	_flush()


func _take(input: SametickInput) -> void:
	if input.evt == Sametick.TICK:
		state.ticks += 1
		_told.append("%d %d" % [input.tick, _digest.of(state)])
		if _until > 0 and input.tick + 1 == _until:
			_flush()
			Sametick.mid_disconnect()
			get_tree().quit()
		return
	state.sum = (state.sum * 31 + absi(input.evt) * 7 + input.player) % 1000003
	if input.evt > 0:
		state.x[input.evt % 2] += 1
		state.last = input.payload
	elif input.evt == Sametick.JOIN:
		state.players.append({ "id": input.player, "data": input.payload })
	elif input.evt == Sametick.LEAVE:
		state.players = state.players.filter(func(one: Dictionary) -> bool: return one.id != input.player)


func _payload() -> Variant:
	match _chance.randi() % 5:
		0:
			return null
		1:
			return _chance.randi_range(-100000, 100000)
		2:
			return { "way": _chance.randf(), "name": "né" }
		3:
			return [true, "x", _chance.randi_range(0, 9), -2.5]
	return PackedByteArray([_chance.randi() % 256, 7])


# All at once: a line for each tick would be a call of the system for each.
func _flush() -> void:
	if not _told.is_empty():
		print("\n".join(_told))
		_told.clear()
