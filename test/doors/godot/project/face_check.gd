extends Node
## The public face, held against what its documentation says: one line of JSON for each sentence.

const BridgeDoor := preload("res://addons/sametick/doors/bridge_door.gd")
const BridgeMessages := preload("res://addons/sametick/doors/bridge_messages.gd")
const FakeDoor := preload("fake_door.gd")
const Counter := preload("counter.gd")
const FaceNode := preload("face_node.gd")
const Input_ := preload("res://addons/sametick/core/input.gd")
const Instance := preload("res://addons/sametick/core/instance.gd")
const Payload := preload("res://addons/sametick/core/payload.gd")
const SessionDoor := preload("res://addons/sametick/doors/session_door.gd")
const Ticks := preload("res://addons/sametick/core/ticks.gd")

var _door: FakeDoor
var _wrong: Array[String] = []


func _ready() -> void:
	# Inputs come when a check asks for them, and not by frames.
	Sametick.set_process(false)
	Sametick.set_physics_process(false)
	for method in get_method_list():
		if method.name.begins_with("_check_"):
			_begin()
			_wrong = []
			await call(method.name)
			print(JSON.stringify({ "name": method.name.trim_prefix("_check_"), "wrong": _wrong }))
			for child in get_children():
				child.free()
	get_tree().quit()


func _begin(options := {}) -> void:
	# Of time only the one check speaks that is about it.
	Sametick.Settings.catch_up_usec = 60_000_000
	_door = FakeDoor.new()
	Sametick._door = null
	for door: RefCounted in Sametick._leaving:
		door.drop()
	Sametick._leaving.clear()
	Sametick.fps = 60
	Sametick.status = { "phase": "none" }
	Sametick.auto_drive = true
	Sametick._tick = -1
	Sametick._untold = -1
	Sametick._is_claimed = false
	var all := { "app": "face@1" }
	all.merge(options)
	Sametick._roll.begin(all)
	Sametick._group.begin(all)
	Sametick._door = _door


func _same(what: String, got: Variant, expected: Variant) -> void:
	if typeof(got) != typeof(expected) or got != expected:
		_wrong.append("%s: %s, expected %s" % [what, var_to_str(got), var_to_str(expected)])


func _joined(member: int, slot: int, data: Variant = null) -> Array:
	var said: PackedByteArray = Payload.encode(data).bytes
	var bytes := PackedByteArray([member, slot, said.size()])
	bytes.append_array(said)
	return [-1, 0, bytes]


func _told(signal_: Signal) -> Array:
	var told := []
	match signal_.get_name():
		"player_left":
			signal_.connect(func(player: SametickPlayer, why: String) -> void: told.append("%d %s" % [player.id, why]))
		"ended", "landed", "denied":
			signal_.connect(func(a: Variant, b: Variant) -> void: told.append([a, b]))
		_:
			signal_.connect(func(a: Variant) -> void: told.append(a))
	return told


func _check_inputs_come_in_order_and_null_ends_them() -> void:
	_door.tick(0, [_joined(1, 0, { "name": "Ann" }), [7, 1, Payload.encode([1, 2]).bytes]])
	_door.tick(1)
	var seen := []
	while true:
		var input := Sametick.mid_wait()
		if input == null:
			break
		seen.append([input.tick, input.evt, input.player, input.payload, input.now])
	_same("inputs", seen, [
		[0, -1, 1, { "name": "Ann" }, 0], [0, 7, 1, [1, 2], 0], [0, 0, 0, null, 0], [1, 0, 0, null, 16],
	])
	_same("tick", Sametick.tick, 1)


func _check_a_tick_is_told_when_it_is_through() -> void:
	var told := _told(Sametick.ticked)
	_door.tick(0)
	Sametick.mid_wait()
	_same("while it runs", told, [])
	Sametick.mid_wait()
	_same("when it is through", told, [0])


func _check_players_come_and_go_at_their_tick() -> void:
	var left := _told(Sametick.player_left)
	_door.tick(0, [_joined(3, 0), _joined(5, 1)])
	_door.tick(1, [[-2, 0, PackedByteArray([3])]])
	_door.tick(2, [[-3, 0, PackedByteArray([3])], [-4, 0, PackedByteArray([5, 14])]])
	var here := []
	while true:
		var input := Sametick.mid_wait()
		if input == null:
			break
		if input.evt == 0:
			here.append(Sametick.players.map(func(p: SametickPlayer) -> Array: return [p.id, p.slot, p.here]))
	_same("players", here, [
		[[3, 0, true], [5, 1, true]], [[3, 0, false], [5, 1, true]], [[3, 0, true]],
	])
	_same("who left", left, ["5 lost"])
	_same("by number", Sametick.player(3).slot, 0)
	_same("nobody", Sametick.player(9), null)


func _check_the_group_is_driven_tick_by_tick() -> void:
	var nodes := [FaceNode.new(), FaceNode.new()]
	for node: FaceNode in nodes:
		add_child(node)
		node.add_to_group("sametick")
	_door.tick(0, [_joined(1, 0), [7, 1, PackedByteArray()]])
	_door.tick(1)
	_door.tick(2, [[8, 1, PackedByteArray()]])
	Sametick._physics_process(0.0)
	for node: FaceNode in nodes:
		_same("ticks", node.log_, ["0:-1,7@0", "1:@16", "2:8@33"] as Array[String])
	_same("states", Sametick.save_group().values().slice(1), [{ "x": 3 }, { "x": 3 }])
	var before := Sametick.group_digest()
	var saved := Sametick.save_group()
	_door.tick(3)
	Sametick._physics_process(0.0)
	_same("goes on", Sametick.group_digest() == before, false)
	_same("loads", Sametick.load_group(saved), true)
	_same("goes back", Sametick.group_digest(), before)


func _check_chance_is_the_same_as_elsewhere_and_saved() -> void:
	_begin({ "app": "brink@1", "seed": 7 })
	var random: SametickRandom = Sametick._group._step.random
	_same("first", random.unit(), SametickRandom.new(7).unit())
	var saved := Sametick.save_group()
	var next := random.uint32()
	Sametick.load_group(saved)
	_same("again", Sametick._group._step.random.uint32(), next)


func _check_one_reader_only() -> void:
	var node := FaceNode.new()
	add_child(node)
	node.add_to_group("sametick")
	_door.tick(0)
	Sametick.auto_drive = false
	_same("by hand", Sametick.mid_wait() != null, true)
	Sametick._physics_process(0.0)
	_same("not driven", node.log_, [] as Array[String])


func _check_a_long_way_takes_several_frames() -> void:
	await get_tree().physics_frame
	Sametick.Settings.catch_up_usec = 25_000
	for tick in 2000:
		_door.tick(tick)
	var ran := 0
	while Sametick.mid_wait() != null:
		ran += 1
		OS.delay_usec(1000)
	_same("stops within the frame", ran > 0 and ran < 200, true)
	await get_tree().physics_frame
	_same("goes on in the next", Sametick.mid_wait() != null, true)


func _check_events_are_written_as_elsewhere() -> void:
	_same("number", Sametick.mid_emit(5, [127, 0, 0]), 1)
	_same("nothing", Sametick.mid_emit(6), 2)
	_same("bytes", _door.emitted, [[5, "937f0000"], [6, ""]])
	_door.refusal = "busy"
	_same("refused", Sametick.mid_emit(5), 0)
	_same("code", Sametick.mid_error_code(), "busy")
	_same("words", Sametick.mid_error().begins_with("Too many events"), true)


func _check_what_is_held_is_sent_if_it_is_news() -> void:
	_begin({ "neutral": 0, "check": func(value: Variant) -> bool: return value is int and value >= 0 and value < 4 })
	Sametick.status = { "phase": "running" }
	for value: Variant in [0, 2, 2, 9, 3]:
		Sametick.hold(value)
	_same("sent", _door.emitted, [[0x7fff_ffff, "02"], [0x7fff_ffff, "03"]])
	_door.tick(0, [_joined(1, 0), [0x7fff_ffff, 1, PackedByteArray([2])], [0x7fff_ffff, 1, PackedByteArray([9])], [0x7fff_ffff, 8, PackedByteArray([1])]])
	_door.tick(1, [[-2, 0, PackedByteArray([1])]])
	_same("join", Sametick.mid_wait().evt, -1)
	# Changes of what is held are seen by nobody as events, and void ones change nothing.
	_same("tick", Sametick.mid_wait().evt, 0)
	_same("held", Sametick.held(1), 2)
	_same("of one who is not there", Sametick.held(8), 0)
	Sametick.mid_wait()
	_same("neutral while away", Sametick.held(1), 0)
	_door.tick(2, [[0x7fff_ffff, 1, PackedByteArray([3])]])
	Sametick.mid_wait()
	Sametick.mid_wait()
	_same("void while away", Sametick.held(1), 0)
	_door.happened.append({ "kind": "denied", "number": 2, "code": "busy" })
	Sametick._listen()
	Sametick.hold(3)
	_same("again, since it was not taken", _door.emitted.size(), 3)


func _check_status_and_the_end() -> void:
	var ends := _told(Sametick.ended)
	_door.stands = "lobby"
	_door.happened.append({ "kind": "lobby", "have": 1, "need": 2 })
	Sametick._listen()
	_same("lobby", Sametick.status, { "phase": "lobby", "have": 1, "need": 2 })
	for phase in ["running", "frozen", "catchingUp"]:
		_door.stands = phase
		Sametick._listen()
		_same(phase, Sametick.status, { "phase": phase })
	_door.happened.append({ "kind": "ended", "code": "silent", "hint": "" })
	_door.stands = "ended"
	Sametick._listen()
	_same("ended", ends, [["silent", "Nothing was heard for too long."]])
	_same("status", Sametick.status.why, "silent")


func _check_asks_and_leaves() -> void:
	Sametick.pause("tea")
	Sametick.resume()
	Sametick.end({ "won": 1 })
	_same("asked", _door.emitted, [[-5, "a3746561"], [-6, ""], [-7, "81a3776f6e01"]])
	Sametick.mid_disconnect()
	_same("left", _door.is_left, true)
	_same("status", Sametick.status.why, "left")
	_same("nothing comes", Sametick.mid_wait(), null)


func _check_wrong_addresses_are_named() -> void:
	for address: Variant in ["", "nowhere", "ftp://host/x", "bridge://:0", 70000]:
		_same(str(address), Sametick.mid_connect(address, 60), ERR_INVALID_PARAMETER)
		_same("code of %s" % address, Sametick.mid_error_code(), "bad_url")
	_same("fps", Sametick.mid_connect("ws://127.0.0.1:1/x", 0), ERR_INVALID_PARAMETER)
	_same("what to do", Sametick.mid_error().contains("1 to 1000"), true)
	_same("session", Sametick.mid_connect("ws://127.0.0.1:1", 60, { "session": "x".repeat(257) }), ERR_INVALID_PARAMETER)
	_same("instances", Sametick.mid_connect("ws://127.0.0.1:1", 60, { "instances": 2000 }), ERR_INVALID_PARAMETER)
	_same("vector", Sametick.mid_connect("ws://127.0.0.1:1/x", 60, { "as": Vector2.ONE }), ERR_INVALID_PARAMETER)


func _check_nobody_answers() -> void:
	for address: Variant in ["ws://127.0.0.1:1/x", "bridge://127.0.0.1:1"]:
		Sametick.mid_disconnect()
		var ends := _told(Sametick.ended)
		_same("tries", Sametick.mid_connect(address, 60), OK)
		while ends.is_empty():
			await get_tree().process_frame
			Sametick._physics_process(0.0)
			Sametick._process(0.0)
		_same("ends", ends[0][0], "refused")
		_same("says what to do", ends[0][1].contains("is the server running"), true)


func _check_the_gate_lets_one_frame_through_for_each_tick() -> void:
	Sametick.auto_drive = false
	var gate := SametickGate.new()
	var scene := FaceNode.new()
	var frames := [0]
	add_child(gate)
	add_child(scene)
	_same("closed", get_tree().paused, true)
	var seen := []
	gate.input.connect(func(input: SametickInput) -> void: seen.append(input.evt))
	for tick in 3:
		_door.tick(tick, [[7, 1, PackedByteArray()]])
	for step in 5:
		gate._physics_process(0.0)
		frames[0] += 0 if get_tree().paused else 1
	_same("one for each tick", frames[0], 3)
	_same("events come before", seen, [7, 7, 7])
	gate.free()
	_same("open again", get_tree().paused, false)


func _check_behind_the_gate_old_scenes_get_their_frames_and_no_others() -> void:
	Sametick.auto_drive = false
	process_mode = Node.PROCESS_MODE_ALWAYS
	var scene := Counter.new()
	scene.process_mode = Node.PROCESS_MODE_PAUSABLE
	add_child(scene)
	add_child(SametickGate.new())
	# In bursts and with pauses in between, as after a freeze.
	var ticks := 0
	for frame in 30:
		for more in [0, 0, 1, 2, 0][frame % 5]:
			_door.tick(ticks)
			ticks += 1
		var before := scene.frames
		await get_tree().physics_frame
		_same("at most one in a frame", scene.frames - before <= 1, true)
	await get_tree().physics_frame
	await get_tree().physics_frame
	_same("ticks", ticks, 18)
	_same("frames", scene.frames, ticks)
	process_mode = Node.PROCESS_MODE_INHERIT


func _check_a_smooth_node_is_between_two_ticks() -> void:
	var parent := Node2D.new()
	var smooth := SametickSmooth2D.new()
	add_child(parent)
	parent.add_child(smooth)
	parent.position = Vector2(100, 0)
	Sametick.ticked.emit(0)
	smooth._process(0.0)
	_same("a quarter of the way", smooth.global_position, Vector2(25, 0))
	parent.position = Vector2(1000, 0)
	Sametick.ticked.emit(1)
	smooth._process(0.0)
	_same("a jump is none", smooth.global_position, Vector2(1000, 0))
	_same("mixed", Sametick.mix(10.0, 20.0), 12.5)


func _check_what_was_due_before_a_freeze_is_given_also_the_end() -> void:
	var door := SessionDoor.new()
	door._fps = 50
	door._instance = Instance.new(50, "face@1")
	# Welcome, start, the end at tick 1, a grant of tick 9; and a beat a second later, long after the last tick.
	for hex in ["0121010700000032", "01230000", "012507000000000001010100010d00", "01260a00"]:
		door._instance.receive(0, hex.hex_decode())
	door._instance.receive(Ticks.SECOND, "0127c0843d000080897a90a10f00".hex_decode())
	# There is no socket to carry what it has to say.
	door._instance.outgoing()
	door._read_at = Time.get_ticks_usec()
	door._asleep = door._read_at - Ticks.SECOND
	door._next_at = door._instance.next_input()
	var seen := []
	for input in 4:
		var taken := door.take()
		seen.append(null if taken == null else [taken.tick, taken.evt])
	_same("inputs", seen, [[0, 0], [1, -7], [1, 0], null])
	_same("phase", door.phase(), "ended")


func _check_a_game_that_is_behind_is_not_frozen() -> void:
	var door := SessionDoor.new()
	door._fps = 50
	door._instance = Instance.new(50, "face@1")
	# Welcome, start, and a grant of tick 1, which is due after 20 ms.
	for hex in ["0121010700000032", "01230000", "01260200"]:
		door._instance.receive(0, hex.hex_decode())
	_same("before its last tick is due", door._phase_at(10_000), "running")
	var phases := []
	for taken in 3:
		phases.append(door._phase_at(Ticks.SECOND))
		door._instance.take(Ticks.SECOND)
	_same("ticks taken", door._instance.local(), 1)
	_same("phases", phases, ["running", "running", "frozen"])


func _check_a_game_at_a_bridge_that_is_behind_is_not_frozen() -> void:
	var door := BridgeDoor.new()
	# Start, tick 0, and that it is frozen.
	door._hear({ "type": BridgeMessages.START })
	door._give(_closing(0))
	door._hear({ "type": BridgeMessages.STATUS, "status": 1, "tick": 0 })
	_same("behind", door.phase(), "running")
	_same("taken", door.take().tick, 0)
	_same("frozen", door.phase(), "frozen")
	door._hear({ "type": BridgeMessages.STATUS, "status": 2, "tick": 0 })
	_same("goes on", door.phase(), "catchingUp")


func _closing(tick: int) -> RefCounted:
	var input := Input_.new()
	input.tick = tick
	return input
