extends RefCounted
## One instance's part of a session: it holds the timeline, runs along it, and freezes where it must.
##
## It knows no socket and no clock. Time comes in as an argument, in microseconds, and only grows; messages go in
## through [method receive] and out through [method outgoing]; what happened is in [method happenings]. Whoever
## drives it calls [method wake] at [method next_wake] or after. docs/protocol.md, chapter 2, says what it does.

const Ticks := preload("ticks.gd")
const Limits := preload("limits.gd")
const Membership := preload("membership.gd")
const Messages := preload("messages.gd")
const Timeline := preload("timeline.gd")
const ClockEstimate := preload("clock_estimate.gd")
const Stance := preload("stance.gd")
const Tail := preload("tail.gd")
const Input_ := preload("input.gd")

enum Phase { CONNECTING, LOBBY, RUNNING, ENDED }

## The id of the event with which a session ends.
const END := -7
## How many samples of the way down count.
const DOWN_MEMORY := 64

## The number by which the session knows this instance; 0 before it is admitted.
var id := 0
var phase := Phase.CONNECTING
## The highest tick that may run without hearing anything further: the lease, less what is armed.
var limit := Ticks.BEFORE_FIRST
var stance: Stance
var clock := ClockEstimate.new()

# The limits as variables, so that a test can shrink each of them.
var payload_bytes_max := Limits.PAYLOAD_BYTES_MAX
var member_bytes_max := Limits.MEMBER_BYTES_MAX
var unstamped_max := Limits.UNSTAMPED_MAX
var rounds_max := Limits.ROUNDS_MAX
var pending_max := Limits.PENDING_MAX
var silence_max := Limits.SILENCE_MAX

var _fps: int
var _hello: PackedByteArray
var _timeline := Timeline.new()
var _down := Tail.new(DOWN_MEMORY)
var _out: Array[PackedByteArray] = []
var _happened: Array[Dictionary] = []
var _message := Messages.Message.new()

var _epoch := 0
var _grant := Ticks.BEFORE_FIRST
# Rounds that were answered and are not over, with the deadline given.
var _armed := {}
# The tick at which the session ends, once that is known.
var _last := Ticks.NEVER

var _emitted := 0
var _unstamped := 0

var _interval := Ticks.NEVER
var _next_pulse := Ticks.NEVER
var _heard_at := Ticks.NEVER
var _beat_clock := 0
var _beat_at := Ticks.NEVER
var _late := 0
var _down_at := Ticks.NEVER


func _init(fps: int, app: String, session := "", instances := 0, data := PackedByteArray()) -> void:
	_fps = fps
	_hello = Messages.hello(fps, app, session, instances, data)
	stance = Stance.new(fps, clock)


## Ask for admission.
func open(now: int) -> void:
	_heard_at = now
	_out.append(_hello)


## Emit an event: its number among one's own, or a code that says why it cannot be emitted.
func emit(now: int, evt: int, payload := PackedByteArray()) -> Variant:
	if phase == Phase.ENDED:
		return "session_ended"
	if phase == Phase.CONNECTING:
		return "not_admitted"
	if evt <= 0 or evt > 0x7fff_ffff:
		return "bad_request"
	if payload.size() > payload_bytes_max:
		return "payload_too_large"
	if _unstamped >= unstamped_max:
		return "busy"
	stance.settle(now)
	_unstamped += 1
	_emitted += 1
	_out.append(Messages.emit(_emitted, maxi(0, position(now)), -1, evt, payload))
	return _emitted


## Ask for a pause (-5), for going on (-6) or for the end (-7), which then happens everywhere at one tick. Empty, or
## a code that says why it cannot be asked for.
func ask(what: int, data := PackedByteArray()) -> String:
	if phase == Phase.ENDED:
		return "session_ended"
	if phase == Phase.CONNECTING:
		return "not_admitted"
	if what < END or what > -5:
		return "bad_request"
	if data.size() > member_bytes_max:
		return "payload_too_large"
	# It counts like an event until it has come.
	if _unstamped >= unstamped_max:
		return "busy"
	_unstamped += 1
	_out.append(Messages.ask(what, data))
	return ""


## The next input that is due: the events of a tick, then the tick, which closes it; null if none is due. Who takes
## late is simply late; who has not taken a tick has not run it.
func take(now: int) -> Input_:
	if phase != Phase.RUNNING:
		return null
	var next := _timeline.local + 1
	# P3: nothing is run above the promise.
	if next > limit or position(now) < Ticks.due_at(next, _fps):
		return null
	var input := _timeline.next()
	if input.evt == 0 and input.tick >= _last:
		_finish("end")
	return input


## Leave: the last tick run is told, and none is run after it.
func leave() -> void:
	if phase == Phase.ENDED:
		return
	if phase != Phase.CONNECTING:
		_out.append(Messages.bye(_timeline.local))
	_finish("left")


## The last tick closed.
func local() -> int:
	return _timeline.local


## Events that wait for their tick.
func pending() -> int:
	return _timeline.pending()


## Where it stands on the timeline: the ticks up to here are due, as far as they may run.
func position(now: int) -> int:
	return stance.position(now)


## Whether the next tick is due and may not run.
func frozen(now: int) -> bool:
	return phase == Phase.RUNNING and stance.frozen(now)


## When [method take] may have something, on the own clock.
func next_input() -> int:
	var next := _timeline.local + 1
	if phase != Phase.RUNNING or next > limit:
		return Ticks.NEVER
	return stance.clock_at(Ticks.due_at(next, _fps))


## When it will freeze, or froze, unless it hears something before.
func next_freeze() -> int:
	return stance.next_freeze() if phase == Phase.RUNNING else Ticks.NEVER


## A message came.
func receive(now: int, bytes: PackedByteArray) -> void:
	if phase == Phase.ENDED:
		return
	var m := _message
	var wrong := Messages.decode(bytes, m)
	if wrong != "":
		return _finish(wrong)
	_heard_at = now
	stance.settle(now)
	match m.type:
		Messages.GRANT:
			_on_grant(now, m)
		Messages.PROPOSE:
			_on_propose(now, m)
		Messages.SYNC:
			_on_sync(now, m)
		Messages.BEAT:
			_on_beat(now, m)
		Messages.WELCOME:
			id = m.id
			_epoch = m.epoch
			phase = Phase.LOBBY
			_happened.append({ "kind": "admitted", "id": m.id })
		Messages.LOBBY:
			_happened.append({ "kind": "lobby", "have": m.have, "need": m.need })
		Messages.START:
			clock.place(m.clock, m.reference)
			clock.guess(now, m.clock)
			_start(now)
		Messages.DENIED:
			_unstamped -= 1
			if m.number != Messages.AN_ASK:
				_happened.append({ "kind": "denied", "number": m.number, "code": m.code })
		Messages.REFUSE:
			_finish(m.code, m.hint)


## The connection is gone.
func closed() -> void:
	if phase != Phase.ENDED:
		_finish("lost")


## The time that [method next_wake] named has come, or any other moment: waking too often changes nothing.
func wake(now: int) -> void:
	if phase == Phase.ENDED:
		return
	stance.settle(now)
	if now - _heard_at > silence_max:
		return _finish("silent")
	if now >= _next_pulse:
		_pulse(now)


## When to be woken, on the own clock.
func next_wake() -> int:
	if phase == Phase.ENDED:
		return Ticks.NEVER
	return mini(_next_pulse, _heard_at + silence_max + 1)


## The messages to send, in order. They are handed over once.
func outgoing() -> Array[PackedByteArray]:
	if _out.is_empty():
		return _out
	var full := _out
	_out = []
	return full


## What the driver should know, in order. Handed over once, like the messages.
func happenings() -> Array[Dictionary]:
	if _happened.is_empty():
		return _happened
	var full := _happened
	_happened = []
	return full


func _start(now: int) -> void:
	if phase != Phase.LOBBY:
		return _finish("malformed")
	phase = Phase.RUNNING
	_happened.append({ "kind": "started" })
	stance.start(now)


func _on_grant(now: int, m: Messages.Message) -> void:
	if phase != Phase.RUNNING:
		return
	_sample_down(now, Ticks.due_at(m.tick, _fps) - m.lead)
	if m.tick <= _grant:
		return
	if stance.is_frozen():
		_late += 1
	_grant = m.tick
	_relimit(now)


func _on_propose(now: int, m: Messages.Message) -> void:
	# What belongs to another epoch changes nothing.
	if phase != Phase.RUNNING or m.epoch != _epoch:
		return
	if not _armed.has(m.round_):
		if _armed.size() >= rounds_max:
			return _finish("overflow")
		var from := maxi(stance.headed_for(now), m.want)
		_armed[m.round_] = maxi(local() + 1, Ticks.tick_from(from + m.reach, _fps))
		_relimit(now)
	_out.append(Messages.ack(_epoch, m.round_, _armed[m.round_], local()))


func _on_sync(now: int, m: Messages.Message) -> void:
	if m.epoch != _epoch:
		return
	for event in m.events:
		if not _place(event):
			return
	if m.round_ > 0:
		_armed.erase(m.round_)
	if m.lease != Messages.NO_LEASE:
		if m.lease < local():
			return _finish("rewritten", "a lease of %d after tick %d" % [m.lease, local()])
		_grant = m.lease
	_relimit(now)


func _place(event: Input_) -> bool:
	if event.player == id:
		_unstamped -= 1
		_happened.append({ "kind": "landed", "number": event.number, "stamp": event.tick })
	if Membership.asker_of(event) == id:
		_unstamped -= 1
	# P5: nothing goes before what was delivered.
	if not _timeline.add(event):
		_finish("rewritten", "event %d at tick %d, after tick %d" % [event.sequence, event.tick, local()])
		return false
	if _timeline.pending() > pending_max:
		_finish("overflow")
		return false
	if event.evt == END:
		_last = event.tick
	return true


func _on_beat(now: int, m: Messages.Message) -> void:
	var first := _interval == Ticks.NEVER
	var heard := _beat_at
	_beat_clock = m.clock
	_beat_at = now
	_interval = maxi(Ticks.MILLISECOND, m.interval)
	_next_pulse = now if first else mini(_next_pulse, now + _interval)
	# Of a bundle that comes at one moment only the first is a sample: the others would push the good ones out.
	if m.echo > 0 and now != heard:
		clock.sample(now, m.clock, now - m.echo - m.held, m.held)
	clock.place(m.clock, m.reference)
	if m.lease > _grant:
		_grant = m.lease
		_relimit(now)
	if phase == Phase.RUNNING:
		_sample_down(now, m.reference)
		stance.approach(now)
	if first:
		_pulse(now)


# Something left when the reference was there. Of a bundle that comes at one moment only the first tells.
func _sample_down(now: int, reference: int) -> void:
	if now == _down_at:
		return
	_down_at = now
	_down.add(float(maxi(0, clock.reference_at(now) - reference)))


func _pulse(now: int) -> void:
	_next_pulse = now + _interval
	_out.append(Messages.pulse(
		now,
		_beat_clock,
		maxi(0, now - _beat_at),
		local(),
		position(now),
		floori(_down.mean + 0.5),
		floori(_down.spread + 0.5),
		_late,
	))
	_late = 0


# The lease or what is armed has changed: the highest tick that may run follows.
func _relimit(now: int) -> void:
	var highest := _grant
	for round_: int in _armed:
		highest = mini(highest, _armed[round_] - 1)
	highest = mini(highest, _last)
	if highest == limit:
		return
	assert(highest >= local(), "P3: a limit of %d after tick %d" % [highest, local()])
	limit = highest
	stance.limit(now, highest)


func _finish(code: String, hint := "") -> void:
	phase = Phase.ENDED
	_happened.append({ "kind": "ended", "code": code, "hint": hint })
