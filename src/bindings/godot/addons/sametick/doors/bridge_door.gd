extends "door.gd"
## To a bridge on this machine, or one nearby, which takes part in the session for the game: docs/bridge.md.

const Bytes := preload("../core/bytes.gd")
const Membership := preload("../core/membership.gd")
const Messages := preload("bridge_messages.gd")
const Refusals := preload("../core/refusals.gd")
const Ticks := preload("../core/ticks.gd")

const PORT := 10000
const OPENING_MAX := 10 * Ticks.SECOND
const CLOSING_MAX := 2 * Ticks.SECOND
## Ticks that may be given beyond those that were run: a quarter of a second, and a few at least.
const WINDOW_MIN := 4

var _peer := StreamPeerTCP.new()
var _fps := 0
var _hello := PackedByteArray()
var _window := WINDOW_MIN
var _phase := "connecting"
var _me := 0
var _is_open := false
var _is_closed := false
var _opened_at := 0
var _left_at := Ticks.NEVER
var _inbound := PackedByteArray()
var _outbound := PackedByteArray()
var _inputs: Array[Input_] = []
var _head := 0
var _happened: Array[Dictionary] = []
var _emitted := 0
# The last tick taken, the one that the bridge was told of, and when the last tick was given.
var _taken := -1
var _ran := -1
var _given_at := 0
var _numbers := {}


func open(address: String, options: Dictionary) -> String:
	_fps = options.fps
	var rest := address.get_slice("://", 1)
	var place := rest.get_slice("/", 0)
	var session := "" if not rest.contains("/") else rest.substr(place.length() + 1).uri_decode()
	# The colons of an address of IPv6 stand in brackets.
	var colon := place.rfind(":")
	var has_port := colon > place.rfind("]")
	var host := (place.left(colon) if has_port else place).trim_prefix("[").trim_suffix("]")
	var port := place.substr(colon + 1).to_int() if has_port else PORT
	if host == "" or port < 1 or port > 65535:
		return "bad_url"
	_window = maxi(WINDOW_MIN, _fps / 4)
	_hello = Messages.hello(
		_fps, _window, options.get("instances", 0), options.app,
		options.get("session", session), options.data,
	)
	_opened_at = Time.get_ticks_usec()
	return "" if _peer.connect_to_host(host, port) == OK else "bad_url"


func poll() -> void:
	if _is_closed:
		return
	_peer.poll()
	var now := Time.get_ticks_usec()
	match _peer.get_status():
		StreamPeerTCP.STATUS_CONNECTED:
			if not _is_open:
				_is_open = true
				_peer.set_no_delay(true)
				_outbound.append_array(Messages.MAGIC)
				_outbound.append_array(_hello)
			_read()
			_say_ran()
			_write()
			if _left_at != Ticks.NEVER and now - CLOSING_MAX > _left_at:
				_close("left")
		StreamPeerTCP.STATUS_CONNECTING:
			if now - OPENING_MAX > _opened_at:
				_close("refused")
		_:
			_close("lost" if _is_open else "refused")


func take() -> Input_:
	if _head == _inputs.size() or _phase == "ended":
		return null
	var input := _inputs[_head]
	_head += 1
	if _head == _inputs.size():
		_inputs.clear()
		_head = 0
	if input.evt == 0:
		_taken = input.tick
	return input


func emit(evt: int, payload: PackedByteArray) -> Variant:
	if _phase == "ended":
		return "session_ended"
	if _me == 0:
		return "not_admitted"
	if evt <= 0 or evt > 0x7fff_ffff:
		return "bad_request"
	_emitted += 1
	_send(Messages.emit(evt, payload))
	return _emitted


func ask(what: int, data: PackedByteArray) -> String:
	if _phase == "ended" or _me == 0:
		return "session_ended" if _phase == "ended" else "not_admitted"
	_send(Messages.ask(what, data))
	return ""


func leave() -> void:
	if _phase == "ended":
		return
	_end("left", "")
	_left_at = Time.get_ticks_usec()
	if _is_open:
		_send(Messages.leave())
	else:
		_close("left")


func happenings() -> Array[Dictionary]:
	var full := _happened
	_happened = []
	return full


func me() -> int:
	return _me


func phase() -> String:
	# What came before the news of a freeze may run still.
	return "running" if _phase == "frozen" and _head < _inputs.size() else _phase


func alpha() -> float:
	return clampf(float(Time.get_ticks_usec() - _given_at) * _fps / Ticks.SECOND, 0.0, 1.0)


func stats() -> Dictionary:
	if _is_open and _phase != "ended":
		# Answered by the next time that somebody asks.
		_send(Messages.query())
	return {
		"tick": _taken,
		"pending": _inputs.size() - _head,
		"frozen_ticks": _numbers.get("frozenTicks", 0),
		"off_reference_ms": _numbers.get("offReferenceMicros", 0) / 1000.0,
		"error_ms": _numbers.get("errorMicros", 0) / 1000.0,
	}


func is_closed() -> bool:
	return _is_closed


func drop() -> void:
	_close("left")


func _read() -> void:
	var waiting := _peer.get_available_bytes()
	if waiting > 0:
		_inbound.append_array(_peer.get_data(waiting)[1])
	var at := 0
	while _inbound.size() - at >= 4 and not _is_closed:
		# The highest byte first.
		var size := _inbound[at] << 24 | _inbound[at + 1] << 16 | _inbound[at + 2] << 8 | _inbound[at + 3]
		if size < 1 or size > Messages.MESSAGE_BYTES_MAX:
			return _close("malformed")
		if _inbound.size() - at - 4 < size:
			break
		if _inbound[at + 4] == Messages.INPUT:
			_give(Messages.decode_input(_inbound, at + 5, size - 1))
		else:
			_hear(Messages.decode(_inbound.slice(at + 4, at + 4 + size)))
		at += 4 + size
	if at > 0:
		_inbound = _inbound.slice(at)


func _hear(m: Dictionary) -> void:
	match m.get("type"):
		null:
			_close("malformed")
		Messages.WELCOME:
			_me = m.player
			_phase = "lobby"
			_happened.append({ "kind": "admitted", "id": _me })
		Messages.LOBBY:
			_happened.append({ "kind": "lobby", "have": m.have, "need": m.need })
		Messages.START:
			_phase = "running"
			_happened.append({ "kind": "started" })
		Messages.STATUS:
			_phase = ["running", "frozen", "catchingUp"][clampi(m.status, 0, 2)]
		Messages.LANDED:
			_happened.append({ "kind": "landed", "number": m.number, "stamp": m.tick })
		Messages.DENIED:
			_happened.append({ "kind": "denied", "number": m.number, "code": m.code })
		Messages.STATS:
			_numbers = m.numbers
		Messages.ENDED:
			# The inputs before it have been given, and are still to be taken.
			_end(m.code, m.words)
			_close(m.code)


func _give(input: Input_) -> void:
	if input == null:
		return _close("malformed")
	if input.evt < 0:
		input.bytes = _as_in_session(input)
	_inputs.append(input)
	if input.evt == 0:
		_given_at = Time.get_ticks_usec()


# What a bridge says of members, in the form in which a session says it: nobody above has to know of two.
func _as_in_session(input: Input_) -> PackedByteArray:
	var out := Bytes.Writer.new().varint(input.player)
	var payload := input.bytes
	match input.evt:
		Membership.JOIN:
			if payload.size() < 4:
				return PackedByteArray()
			return out.varint(payload[0] << 24 | payload[1] << 16 | payload[2] << 8 | payload[3]).block(payload.slice(4)).bytes
		Membership.LEAVE:
			return out.u8(Refusals.CODES.find(payload.get_string_from_utf8()) + 1).bytes
	return out.block(payload).bytes


# Long before the window is used up, and not for every tick.
func _say_ran() -> void:
	if (_taken - _ran) * 3 >= _window and _phase != "ended":
		_ran = _taken
		_outbound.append_array(Messages.ran(_ran))


func _send(bytes: PackedByteArray) -> void:
	_outbound.append_array(bytes)
	if _is_open:
		_write()


func _write() -> void:
	if _outbound.is_empty():
		return
	var sent: Array = _peer.put_partial_data(_outbound)
	if sent[0] == OK:
		_outbound = _outbound.slice(sent[1])


func _end(code: String, hint: String) -> void:
	if _phase == "ended":
		return
	_phase = "ended"
	_happened.append({ "kind": "ended", "code": code, "hint": hint })


func _close(code: String) -> void:
	_end(code, "")
	_is_closed = true
	_peer.disconnect_from_host()
