extends "door.gd"
## To a sequencer itself, over WebSocket: what an exported game uses. It carries messages between a socket and an
## instance, and decides nothing.
##
## On a thread of its own it answers within a millisecond or two, whatever the frame rate is. Without one, as on the
## web, it answers once a frame, and everybody's events wait for that.

const Ticks := preload("../core/ticks.gd")
const Limits := preload("../core/limits.gd")
const Instance := preload("../core/instance.gd")

const SUBPROTOCOL := "sametick.1"
## How long opening a connection may take, in microseconds.
const OPENING_MAX := 10 * Ticks.SECOND
## How long an orderly end may take. Then it is cut off.
const CLOSING_MAX := 2 * Ticks.SECOND
## What a sequencer may send a newcomer at once, and some more.
const INBOUND_BYTES_MAX := 4 * 1_048_576
const OUTBOUND_BYTES_MAX := 1_048_576
const PACKETS_MAX := 65_536
## Who was not woken for so long was stopped, or its machine slept: that time is none.
const ASLEEP := 3 * Ticks.SECOND
## How long the thread sleeps between two looks.
const NAP := 1_000

const _ORDERLY := 1000

var _peer := WebSocketPeer.new()
var _instance: Instance
var _fps: int
var _opened_at := 0
var _is_open := false
var _left_at := Ticks.NEVER
var _happened: Array[Dictionary] = []
var _thread: Thread
var _mutex := Mutex.new()
var _is_done := false
# When the clock was last read, and what of it was slept through.
var _read_at := 0
var _asleep := 0
# What is looked at in every frame, as it was at the last turn: nobody waits for a lock to learn that nothing is due.
var _phase := "connecting"
var _next_at := Ticks.NEVER


func open(address: String, options: Dictionary) -> String:
	_fps = options.fps
	var session: String = options.get("session", session_of(address))
	_instance = Instance.new(_fps, options.app, session, options.get("instances", 0), options.data)
	_peer.supported_protocols = PackedStringArray([SUBPROTOCOL])
	_peer.inbound_buffer_size = INBOUND_BYTES_MAX
	_peer.outbound_buffer_size = OUTBOUND_BYTES_MAX
	_peer.max_queued_packets = PACKETS_MAX
	_read_at = Time.get_ticks_usec()
	_opened_at = _read_at
	if _peer.connect_to_url(socket_url(address)) != OK:
		return "bad_url"
	if options.get("thread", true) and OS.has_feature("threads"):
		_thread = Thread.new()
		_thread.start(_live)
	return ""


## The session that an address names: [code]ws://host:port/session[/code].
static func session_of(address: String) -> String:
	var rest := address.get_slice("://", 1)
	var slash := rest.find("/")
	if slash < 0:
		return ""
	return rest.substr(slash + 1).get_slice("?", 0).get_slice("#", 0).uri_decode()


## Where the socket is opened. Addresses of pages are as good.
static func socket_url(address: String) -> String:
	return "ws" + address.substr(4) if address.begins_with("http") else address


func poll() -> void:
	if _thread == null:
		# A frame and its physics frames come at one moment as a rule: one look is enough for both.
		if Time.get_ticks_usec() - _read_at >= NAP:
			_turn()
	elif _is_done and _thread.is_started():
		_thread.wait_to_finish()


func answers() -> bool:
	return _thread == null


func take() -> Input_:
	if Time.get_ticks_usec() - _asleep < _next_at:
		return null
	_mutex.lock()
	var input := _instance.take(_now())
	_next_at = _instance.next_input()
	if _instance.phase == Instance.Phase.ENDED:
		_end()
	_mutex.unlock()
	return input


func emit(evt: int, payload: PackedByteArray) -> Variant:
	_mutex.lock()
	var number: Variant = _instance.emit(_now(), evt, payload)
	_carry_out()
	_mutex.unlock()
	return number


func ask(what: int, data: PackedByteArray) -> String:
	_mutex.lock()
	var refusal := _instance.ask(what, data)
	_carry_out()
	_mutex.unlock()
	return refusal


func leave() -> void:
	_mutex.lock()
	_instance.leave()
	_end()
	_mutex.unlock()


func happenings() -> Array[Dictionary]:
	if _happened.is_empty():
		return []
	_mutex.lock()
	var full := _happened
	_happened = []
	_mutex.unlock()
	return full


func me() -> int:
	return _instance.id


func phase() -> String:
	return _phase


func alpha() -> float:
	_mutex.lock()
	var at := _instance.position(_now())
	var last := Ticks.due_at(_instance.local(), _fps)
	var next := Ticks.due_at(_instance.local() + 1, _fps)
	_mutex.unlock()
	return clampf(float(at - last) / float(next - last), 0.0, 1.0)


func stats() -> Dictionary:
	_mutex.lock()
	var now := _now()
	var stance := _instance.stance
	var found := {
		"tick": _instance.local(),
		"limit": _instance.limit,
		"pending": _instance.pending(),
		"frozen_ticks": stance.frozen_ticks,
		"frozen_ms": stance.frozen_micros / 1000.0,
		"corrected_ms": stance.corrected_micros() / 1000.0,
		"leapt_ms": stance.leapt_micros / 1000.0,
		"round_trip_ms": _instance.clock.trip() / 1000.0,
		"off_reference_ms": (_instance.position(now) - _instance.clock.reference_at(now)) / 1000.0,
		"error_ms": _instance.clock.error_at(now) / 1000.0,
	}
	_mutex.unlock()
	return found


func is_closed() -> bool:
	return _is_done and (_thread == null or not _thread.is_started())


func drop() -> void:
	_is_done = true
	if _thread != null and _thread.is_started():
		_thread.wait_to_finish()


# A freeze that is over within a tick is not told: nobody sees it. A game that is behind is not frozen: what it has not
# taken yet may run.
func _phase_at(now: int) -> String:
	match _instance.phase:
		Instance.Phase.CONNECTING:
			return "connecting"
		Instance.Phase.LOBBY:
			return "lobby"
		Instance.Phase.ENDED:
			return "ended"
	if _instance.next_freeze() + Ticks.due_at(1, _fps) <= now and _instance.local() == _instance.limit:
		return "frozen"
	return "catchingUp" if _instance.stance.leaping else "running"


# The time by which the instance lives. Nobody knows when a sleep began: time goes on from when it was last looked at.
func _now() -> int:
	var clock := Time.get_ticks_usec()
	if clock - _read_at > ASLEEP:
		_asleep += clock - _read_at
	_read_at = clock
	return clock - _asleep


func _live() -> void:
	while not _is_done:
		_mutex.lock()
		_turn()
		_mutex.unlock()
		OS.delay_usec(NAP)


# One look at the socket and the clock.
func _turn() -> void:
	_peer.poll()
	var state := _peer.get_ready_state()
	if state == WebSocketPeer.STATE_OPEN and not _is_open:
		_is_open = true
		_peer.set_no_delay(true)
		_instance.open(_now())
		_carry_out()
	# What was found in one look came at one moment.
	var now := _now()
	while _peer.get_available_packet_count() > 0:
		_instance.receive(now, _peer.get_packet())
		_carry_out()
	if _is_open and _instance.next_wake() <= now:
		_instance.wake(now)
		_carry_out()
	if state == WebSocketPeer.STATE_CLOSED:
		_gone()
	elif not _is_open and now - _opened_at > OPENING_MAX or now - CLOSING_MAX > _left_at:
		# It gives up waiting for the other side.
		_peer.close(-1)
		_gone()
	_phase = _phase_at(now)
	_next_at = _instance.next_input()


func _gone() -> void:
	if not _is_open and _instance.phase == Instance.Phase.CONNECTING:
		_happened.append({ "kind": "ended", "code": "refused", "hint": "" })
		_instance.leave()
		_instance.happenings()
	_instance.closed()
	_hear()
	_is_done = true


func _carry_out() -> void:
	for bytes in _instance.outgoing():
		_peer.send(bytes)
	_hear()
	if _instance.phase == Instance.Phase.ENDED:
		_end()


func _hear() -> void:
	_happened.append_array(_instance.happenings())


# What the instance still has to say goes out before the connection ends.
func _end() -> void:
	_hear()
	_phase = "ended"
	_next_at = Ticks.NEVER
	if _left_at != Ticks.NEVER:
		return
	_left_at = _now()
	for bytes in _instance.outgoing():
		_peer.send(bytes)
	_peer.close(_ORDERLY)
