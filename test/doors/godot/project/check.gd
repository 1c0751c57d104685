extends SceneTree
## Holds the parts of the addon against vectors that the TypeScript core wrote: one line of JSON for each set of
## them, with the first few that differ. Run with the file of the vectors as an argument.

const BridgeMessages := preload("res://addons/sametick/doors/bridge_messages.gd")
const Bytes := preload("res://addons/sametick/core/bytes.gd")
const Digest := preload("res://addons/sametick/core/digest.gd")
const Instance := preload("res://addons/sametick/core/instance.gd")
const Membership := preload("res://addons/sametick/core/membership.gd")
const Messages := preload("res://addons/sametick/core/messages.gd")
const Payload := preload("res://addons/sametick/core/payload.gd")
const Random := preload("res://addons/sametick/core/random.gd")
const Ticks := preload("res://addons/sametick/core/ticks.gd")

const WRONG_SHOWN := 5

var _checked := 0
var _wrong: Array[String] = []


func _init() -> void:
	var arguments := OS.get_cmdline_user_args()
	var file := FileAccess.open(arguments[0], FileAccess.READ)
	while not file.eof_reached():
		var line := file.get_line()
		if line == "":
			continue
		var set_: Dictionary = JSON.parse_string(line)
		_checked = 0
		_wrong = []
		call("_check_" + set_.kind, set_)
		print(JSON.stringify({ "name": set_.name, "checked": _checked, "wrong": _wrong.slice(0, WRONG_SHOWN) }))
	quit()


func _same(what: String, got: Variant, expected: Variant) -> bool:
	_checked += 1
	if typeof(got) == TYPE_INT and typeof(expected) == TYPE_FLOAT:
		got = float(got)
	if typeof(got) == typeof(expected) and got == expected:
		return true
	_wrong.append("%s: %s, expected %s" % [what, var_to_str(got), var_to_str(expected)])
	return false


# Messages of a sequencer, well-formed or not: what each says, or the code that refuses it.
func _check_decode(set_: Dictionary) -> void:
	var m := Messages.Message.new()
	for vector: Dictionary in set_.vectors:
		var hex: String = vector.hex
		var refusal := Messages.decode(hex.hex_decode(), m)
		if not _same(hex, refusal, vector.refusal) or refusal != "":
			continue
		var fields: Dictionary = vector.fields
		for name: String in fields:
			if name == "events":
				_same(hex + " events", m.events.map(_event_text), fields[name])
			else:
				_same(hex + " " + name, m.get("round_" if name == "round" else name), fields[name])


func _event_text(e: RefCounted) -> String:
	return "%d %d %d %d %d %s" % [e.sequence, e.tick, e.player, e.number, e.evt, e.bytes.hex_encode()]


# Messages of an instance: the bytes of each.
func _check_encode(set_: Dictionary) -> void:
	for vector: Dictionary in set_.vectors:
		var arguments: Array = vector.arguments.map(_given)
		var bytes: PackedByteArray = Callable(Messages, vector.name).callv(arguments)
		_same(vector.name, bytes.hex_encode(), vector.hex)


# What a bridge says, whole and cut off.
func _check_told(set_: Dictionary) -> void:
	for vector: Dictionary in set_.vectors:
		var body: PackedByteArray = vector.hex.hex_decode()
		var fields: Dictionary = vector.fields
		var read := {}
		if not body.is_empty() and body[0] == BridgeMessages.INPUT:
			var input := BridgeMessages.decode_input(body, 1, body.size() - 1)
			if input != null:
				read = {
					"tick": input.tick, "now": input.now, "evt": input.evt, "player": input.player,
					"number": input.number, "seq": input.sequence, "payload": input.bytes.hex_encode(),
				}
			_same(vector.hex + " fields", read.size(), fields.size())
		else:
			read = BridgeMessages.decode(body)
			read.erase("type")
			if not fields.is_empty() or body.size() != 1:
				_same(vector.hex + " fields", read.size(), fields.size())
		for name: String in fields:
			if name == "numbers":
				for number: String in fields.numbers:
					_same(vector.hex + " " + number, read.numbers[number], fields.numbers[number])
			else:
				_same(vector.hex + " " + name, read.get(name), fields[name])


# What a program says to a bridge: the bytes of each message.
func _check_said(set_: Dictionary) -> void:
	for vector: Dictionary in set_.vectors:
		if vector.name == "saved":
			continue
		var given: Array = vector.arguments.map(_given)
		var bytes: PackedByteArray = Callable(BridgeMessages, vector.name).callv(given)
		_same(vector.name, bytes.hex_encode(), vector.hex)


func _given(value: Variant) -> Variant:
	if typeof(value) == TYPE_FLOAT:
		return int(value)
	return value.trim_prefix("hex:").hex_decode() if value.begins_with("hex:") else value


func _check_membership(set_: Dictionary) -> void:
	for vector: Dictionary in set_.vectors:
		var read: Dictionary = Callable(Membership, "read_" + vector.name).call(vector.hex.hex_decode())
		for name: String in read:
			var value: Variant = read[name]
			_same(vector.name + " " + name, value.hex_encode() if value is PackedByteArray else value, vector.fields[name])
		_same(vector.name, read.size(), vector.fields.size())


# Bytes that are payloads or not: what is read has the digest that it has elsewhere, and is written as it was.
func _check_payload(set_: Dictionary) -> void:
	var digest := Digest.new()
	for vector: Dictionary in set_.vectors:
		var hex: String = vector.hex
		var read := Payload.decode(hex.hex_decode())
		_same(hex + " readable", read.has("value"), vector.readable)
		if not read.has("value") or not vector.readable:
			continue
		if vector.has("digest"):
			_same(hex + " digest", digest.of(read.value), vector.digest)
		if vector.has("again"):
			_same(hex + " again", Payload.encode_value(read.value).get("bytes", PackedByteArray()).hex_encode(), vector.again)


# The same numbers as floats, whole ones included: they are the same values to others.
func _check_floats(set_: Dictionary) -> void:
	var digest := Digest.new()
	for vector: Dictionary in set_.vectors:
		var raw: PackedByteArray = vector.hex.hex_decode()
		var number := raw.decode_double(0)
		_same(vector.hex + " digest", digest.of(number), vector.digest)
		_same(vector.hex + " bytes", Payload.encode_value(number).bytes.hex_encode(), vector.payload)


func _check_packed(set_: Dictionary) -> void:
	var digest := Digest.new()
	for vector: Dictionary in set_.vectors:
		var raw: PackedByteArray = vector.hex.hex_decode()
		var packed: Variant = raw
		match vector.view:
			"Int32Array":
				packed = raw.to_int32_array()
			"Float32Array":
				packed = raw.to_float32_array()
			"Float64Array":
				packed = raw.to_float64_array()
		_same("%s %s" % [vector.view, vector.hex], digest.of({ "a": packed, "b": [packed] }), vector.digest)


# One array in two places, a map, and what is refused.
func _check_shapes(set_: Dictionary) -> void:
	var digest := Digest.new()
	var one := [1]
	var values := {
		"shared": [one, one],
		"equal": [[1], [1]],
		"map": { 3: "c", 1: "a" },
		"names like numbers": { "b": 1, "10": 2, "9": 3, "01": 4 },
		"nested": { "players": { 7: { "x": 1 } }, "empty": {} },
	}
	for name: String in set_.digests:
		_same(name, digest.of(values[name]), set_.digests[name])
	_same("a vector", digest.of({ "a": [Vector2.ONE] }), -1)
	_same("says where", digest.refused.begins_with("a[0] is a Vector2"), true)
	_same("too large", digest.of([1 << 60]), -1)


func _check_ticks(set_: Dictionary) -> void:
	for v: Array in set_.vectors:
		var fps := int(v[0])
		_same("due_at(%d, %d)" % [v[1], fps], Ticks.due_at(int(v[1]), fps), v[2])
		_same("tick_at(%d, %d)" % [v[3], fps], Ticks.tick_at(int(v[3]), fps), v[4])
		_same("tick_from(%d, %d)" % [v[3], fps], Ticks.tick_from(int(v[3]), fps), v[5])
		_same("now_at(%d, %d)" % [v[1], fps], Ticks.now_at(int(v[1]), fps), v[6])


func _check_random(set_: Dictionary) -> void:
	for v: Dictionary in set_.vectors:
		var random := Random.new(int(v.seed), int(v.stream))
		for number: float in v.numbers:
			_same("of seed %d" % v.seed, random.uint32(), number)
		_same("state", random.save().map(func(word: int) -> float: return float(word)), v.state)
		var other := Random.new()
		other.load_(v.state.map(func(word: float) -> int: return int(word)))
		_same("unit", other.unit(), v.unit)


# What somebody did with an instance of the core, call by call, and everything that was seen of it.
func _check_transcript(set_: Dictionary) -> void:
	var o: Dictionary = set_.options
	var instance := Instance.new(int(o.fps), o.app, o.session, int(o.instances), o.data.hex_decode())
	for name: String in o.limits:
		instance.set(name, int(o.limits[name]))
	for step: Array in set_.steps:
		var now := int(step[1])
		var seen: Variant = null
		match step[0]:
			"open":
				instance.open(now)
			"emit":
				seen = instance.emit(now, int(step[2]), step[3].hex_decode())
			"ask":
				seen = instance.ask(int(step[2]), step[3].hex_decode())
			"receive":
				instance.receive(now, step[2].hex_decode())
			"closed":
				instance.closed()
			"wake":
				instance.wake(now)
			"leave":
				instance.leave()
			"take":
				var input := instance.take(now)
				seen = null if input == null else _event_text(input)
		var place := "%s step %d %s at %d" % [set_.name, _checked, step[0], now]
		var looks := [seen, ",".join(instance.outgoing().map(func(b: PackedByteArray) -> String: return b.hex_encode()))]
		looks.append(JSON.stringify(JSON.parse_string(JSON.stringify(instance.happenings()))))
		for look: int in [
			instance.position(now), instance.limit, instance.local(), instance.pending(), instance.next_wake(),
			instance.next_input(), instance.next_freeze(),
		]:
			looks.append(null if look >= Ticks.NEVER else float(look))
		looks.append(instance.frozen(now))
		if typeof(looks[0]) == TYPE_INT:
			looks[0] = float(looks[0])
		var expected: Array = step.slice(-looks.size())
		expected[2] = JSON.stringify(expected[2])
		if not _same(place, looks, expected):
			# All that follows would differ as well.
			return
