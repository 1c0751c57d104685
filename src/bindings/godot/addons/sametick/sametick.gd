extends Node
## One session, and the same timeline in everybody's copy of the game: the autoload [code]Sametick[/code].
##
## Every copy runs the same ticks with the same events in the same order, so that copies which start alike stay
## alike. What a game does follows from that alone: no clock, no chance of its own, no physics bodies.
##
## [codeblock]
## func _ready() -> void:
##     Sametick.mid_connect("wss://play.example/room-7", 60)
##
## func _physics_process(_delta: float) -> void:
##     while true:
##         var input := Sametick.mid_wait()
##         if input == null:
##             return
##         match input.evt:
##             Sametick.JOIN: spawn(input.player)
##             Sametick.LEAVE: despawn(input.player)
##             STEER: direction = input.payload
##             Sametick.TICK: x += 5 * direction
##
## func _unhandled_input(event: InputEvent) -> void:
##     if event.is_action_pressed("ui_right"):
##         Sametick.mid_emit(STEER, 1)
## [/codeblock]
##
## Games of many nodes put them into the group [code]sametick[/code] instead: see [member auto_drive].

## How things stand has changed: [member status].
signal status_changed(status: Dictionary)
## A tick is through: everything that happened in it has been done. Draw from here on.
signal ticked(tick: int)
## An event of the game has its turn.
signal event(input: SametickInput)
## Somebody takes part from this tick on.
signal player_joined(player: SametickPlayer)
## Somebody's connection is lost, and the seat is held.
signal player_dropped(player: SametickPlayer)
## Somebody is back in the seat that was held.
signal player_back(player: SametickPlayer)
## Somebody takes part no more; why, is empty if of its own will.
signal player_left(player: SametickPlayer, why: String)
## Nothing comes any more: [code]left[/code], [code]end[/code], or a code that says why, and a sentence on it.
signal ended(why: String, hint: String)
## An own event has its tick; the number is what [method mid_emit] gave.
signal landed(number: int, tick: int)
## An own event is not taken, and why.
signal denied(number: int, code: String)

const Door := preload("doors/door.gd")
const SessionDoor := preload("doors/session_door.gd")
const Payload := preload("core/payload.gd")
const Refusals := preload("core/refusals.gd")
const Limits := preload("core/limits.gd")
const Membership := preload("core/membership.gd")
const Roll := preload("core/roll.gd")
const Group := preload("core/group.gd")
const Settings := preload("core/settings.gd")
const Ticks := preload("core/ticks.gd")

## The input that closes a tick.
const TICK := 0
const JOIN := Membership.JOIN
const DROP := Membership.DROP
const BACK := Membership.BACK
const LEAVE := Membership.LEAVE
const PAUSE := Membership.PAUSE
const RESUME := Membership.RESUME
const END := Membership.END

## Leaving takes at most so long when the game ends, in microseconds.
const _FAREWELL_MAX := 200_000

## Whether the nodes of the group [code]sametick[/code] are driven from here, at the start of each physics frame:
## [code]_tick(t: SametickStep)[/code] is called on each, in the order of the tree, once for each tick that is due.
## They also have [code]_save()[/code], which returns all that their next ticks depend on, and
## [code]_load(value)[/code]. A game that calls [method mid_wait] is its own reader and is not driven.
var auto_drive := true

## How things stand, by [code]phase[/code]: [code]none[/code], [code]connecting[/code], [code]lobby[/code] (with
## [code]have[/code] and [code]need[/code]), [code]running[/code], [code]frozen[/code], [code]catchingUp[/code], or
## [code]ended[/code] (with [code]why[/code] and [code]hint[/code]).
var status: Dictionary = { "phase": "none" }

## Ticks a second, as given to [method mid_connect].
var fps := 0

## The own number in the session; 0 before it is admitted.
var me: int:
	get:
		return 0 if _door == null else _door.me()

## Who takes part, in the order in which they came. Like all else, as of the last input that was taken.
var players: Array[SametickPlayer]:
	get:
		return _roll.players

## The last tick that was closed; -1 before the first.
var tick: int:
	get:
		return _tick

var _door: Door
# Left, and still saying goodbye.
var _leaving: Array[Door] = []
var _roll := Roll.new()
var _group := Group.new()
var _tick := -1
# Closed, and not told yet: whoever took it is still busy with it.
var _untold := -1
var _error := ""
var _hint := ""
var _is_claimed := false
var _is_driving := false
var _frame := -1
var _frame_since := 0


func _ready() -> void:
	# Sessions do not stop with the tree, and inputs are there before anybody else's frame begins.
	process_mode = Node.PROCESS_MODE_ALWAYS
	process_priority = -1000
	process_physics_priority = -1000
	Settings.register()
	if OS.is_debug_build() and DisplayServer.get_name() != "headless":
		var overlay: CanvasLayer = load("res://addons/sametick/nodes/overlay.gd").new()
		overlay.name = "Overlay"
		overlay.visible = Settings.value(Settings.OVERLAY)
		add_child(overlay)


## Take part in a session, at so many ticks a second: 1 to 1000, the same in all copies. The address is
## [code]ws://host:port/session[/code] or [code]wss://[/code], or the port of a bridge on this machine, as a number or
## as [code]bridge://host:port/session[/code]. Options, all of which may be left out:
## [br]- [code]app[/code]: name and version of the game; a session takes only copies with the same. Of the project
## settings, or [code]mid@1[/code].
## [br]- [code]session[/code]: its name, instead of what the address says.
## [br]- [code]as[/code]: what the others should know of this player; it is their [member SametickPlayer.data].
## [br]- [code]instances[/code]: if this one creates the session, it starts when so many have come, all together.
## [br]- [code]neutral[/code] and [code]check[/code]: players hold something, see [method hold]. The check is a
## [Callable] that says whether a value is one that can be held.
## [br]- [code]seed[/code]: of [member SametickStep.random]; all copies have the same.
## [br]- [code]thread[/code]: false to do without a thread.
## [br]Returns [constant OK] if it is being tried; what comes of it is in [member status]. Otherwise [method mid_error]
## says what to do.
func mid_connect(address: Variant, fps_: int, options := {}) -> Error:
	mid_disconnect()
	if fps_ < 1 or fps_ > Limits.FPS_MAX:
		return _fail("bad_request", "FPS is %d: take a whole number from 1 to %d." % [fps_, Limits.FPS_MAX])
	var door: Door = Settings.door_of(address)
	if door == null:
		return _fail("bad_url", str(address))
	var data := Payload.encode(options.get("as"))
	if data.has("code"):
		return _fail(data.code, data.hint)
	if data.bytes.size() > Limits.MEMBER_BYTES_MAX:
		return _fail("payload_too_large", "What is said of a player has at most %d bytes." % Limits.MEMBER_BYTES_MAX)
	var all := { "app": Settings.value(Settings.APP), "thread": Settings.value(Settings.THREAD) }
	all.merge(options, true)
	all.merge({ "fps": fps_, "data": data.bytes }, true)
	if str(all.app).to_utf8_buffer().size() > Limits.TEXT_BYTES_MAX:
		return _fail("bad_request", "The application's name has at most %d bytes." % Limits.TEXT_BYTES_MAX)
	if str(all.get("session", "")).to_utf8_buffer().size() > Limits.TEXT_BYTES_MAX:
		return _fail("bad_url", "The session's name has at most %d bytes." % Limits.TEXT_BYTES_MAX)
	var count: int = all.get("instances", 0)
	if count < 0 or count > Limits.MEMBERS_MAX:
		return _fail("bad_request", "A session starts with 1 to %d instances, not %d." % [Limits.MEMBERS_MAX, count])
	var refusal: String = door.open(Settings.address_of(address), all)
	if refusal != "":
		return _fail(refusal, str(address))
	_error = ""
	_hint = ""
	fps = fps_
	_door = door
	_tick = -1
	_untold = -1
	_is_claimed = false
	_roll.begin(all)
	_group.begin(all)
	_tell({ "phase": "connecting" })
	return OK


## The next input that is due, or null: never waits. Call it in [code]_physics_process[/code] until it gives null, so
## that a game which stood still catches up. For a long way it takes several frames: each takes inputs for at most
## [code]sametick/connection/catch_up_ms[/code], so that the window still answers.
func mid_wait() -> SametickInput:
	if _is_driving or (_is_driven() and not _is_claimed):
		push_error("Sametick: " + Refusals.sentence("driven"))
		return null
	_is_claimed = true
	return _next()


## Emit an event, which happens in every copy at one tick, this one included. The number is the game's own choice,
## from 1 to 2147483646. Gives the event's number among one's own, which [signal landed] or [signal denied] names
## later; or 0, and [method mid_error] says why.
func mid_emit(evt: int, payload: Variant = null) -> int:
	var encoded := Payload.encode(payload)
	if encoded.has("code"):
		_fail(encoded.code, encoded.hint)
		push_error("Sametick: " + mid_error())
		return 0
	return _emit(evt, encoded.bytes)


## Leave the session. The others get [constant LEAVE] at one tick.
func mid_disconnect() -> void:
	if _door == null:
		return
	_door.leave()
	_leaving.append(_door)
	_listen()
	_door = null


## What went wrong last, as a sentence that says what to do; empty if nothing has.
func mid_error() -> String:
	if _error == "":
		return ""
	return (Refusals.sentence(_error) + " " + _hint).strip_edges()


## The code of what went wrong last: stable, for programs.
func mid_error_code() -> String:
	return _error


## Hold something from now on: a direction, a key. It is sent if it is a change, and [method held] gives it in every
## copy from one tick on. Needs [code]neutral[/code] among the options of [method mid_connect].
func hold(value: Variant) -> void:
	if _door == null or status.phase in ["connecting", "ended"]:
		return
	var news := _roll.news(value)
	if news.is_empty():
		return
	var number := _emit(Roll.HELD, news)
	if number > 0:
		_roll.tell(number, news)


## What a player holds at this tick: neutral before its first change, and while it is away.
func held(player: int) -> Variant:
	return _roll.held_by(player)


## The player of a number, or null.
func player(id: int) -> SametickPlayer:
	return _roll.player(id)


## Ask for [constant PAUSE] in every copy at one tick. Ticks go on: it is for the game to stand still.
func pause(data: Variant = null) -> void:
	_ask(PAUSE, data)


## Ask for [constant RESUME].
func resume(data: Variant = null) -> void:
	_ask(RESUME, data)


## Ask for the end of the session, for everybody at one tick.
func end(result: Variant = null) -> void:
	_ask(END, result)


## How far the time between the last tick and the next has gone, from 0 to 1: for drawing in [code]_process[/code].
func alpha() -> float:
	return 0.0 if _door == null else _door.alpha()


## Between what was and what is, by [method alpha]: numbers, vectors, colours.
func mix(before: Variant, now: Variant) -> Variant:
	return lerp(before, now, alpha())


## Figures of the connection, by name: for an overlay or a log.
func stats() -> Dictionary:
	return {} if _door == null else _door.stats()


## Run the ticks that are due on the nodes of the group. [member auto_drive] does this by itself. Gives how many.
func drive() -> int:
	var count := 0
	_is_driving = true
	while true:
		var input := _next()
		if input == null:
			break
		if _group.take(input, _roll, get_tree()):
			count += 1
	_is_driving = false
	return count


## The states of all nodes of the group, by their paths, and of the chance of their ticks.
func save_group() -> Dictionary:
	return _group.save(get_tree())


## Put such states back. False if a node is missing.
func load_group(saved: Dictionary) -> bool:
	return _group.load_(saved, get_tree())


## The digest of [method save_group]: equal in all copies after the same tick, or they have parted.
func group_digest() -> int:
	return SametickDigest.new().of(save_group())


func _physics_process(_delta: float) -> void:
	_carry()
	if _is_driven() and not _is_claimed:
		drive()


func _process(_delta: float) -> void:
	if _door != null and _door.answers():
		_door.poll()


func _exit_tree() -> void:
	mid_disconnect()
	var until := Time.get_ticks_usec() + _FAREWELL_MAX
	while not _leaving.is_empty() and Time.get_ticks_usec() < until:
		_carry()
		OS.delay_usec(1000)
	for door in _leaving:
		door.drop()


func _is_driven() -> bool:
	return auto_drive and _door != null and get_tree().get_node_count_in_group(Group.NAME) > 0


func _carry() -> void:
	if _door != null:
		_door.poll()
		_listen()
	if _leaving.is_empty():
		return
	for door: Door in _leaving.duplicate():
		door.poll()
		if door.is_closed():
			_leaving.erase(door)


# The time of a frame that may be spent on catching up is over only after a whole tick.
func _next() -> SametickInput:
	if _untold >= 0:
		var told := _untold
		_untold = -1
		ticked.emit(told)
		if _is_late():
			return null
	if _door == null:
		return null
	while true:
		var input := _door.take()
		if input == null:
			_listen()
			return null
		if _note(input):
			return input
	return null


# Whether this frame has spent its time on inputs.
func _is_late() -> bool:
	var now := Time.get_ticks_usec()
	if Engine.get_physics_frames() != _frame:
		_frame = Engine.get_physics_frames()
		_frame_since = now
		return false
	return now - _frame_since > Settings.catch_up_usec


# An input has its turn. False if nobody above has to see it.
func _note(input: SametickInput) -> bool:
	input.now = Ticks.now_at(input.tick, fps)
	if input.evt == TICK:
		_tick = input.tick
		_untold = input.tick
		return true
	if not _roll.take(input):
		return false
	match input.evt:
		JOIN:
			player_joined.emit(_roll.concerned)
		DROP:
			player_dropped.emit(_roll.concerned)
		BACK:
			player_back.emit(_roll.concerned)
		LEAVE:
			player_left.emit(_roll.concerned, input.why)
		PAUSE, RESUME, END:
			pass
		_:
			event.emit(input)
	return true


func _listen() -> void:
	for happening in _door.happenings():
		match happening.kind:
			"lobby":
				_tell({ "phase": "lobby", "have": happening.have, "need": happening.need })
			"landed":
				landed.emit(happening.number, happening.stamp)
			"denied":
				_roll.forget(happening.number)
				denied.emit(happening.number, happening.code)
			"ended":
				_tell({ "phase": "ended", "why": happening.code, "hint": happening.hint })
	var phase := _door.phase()
	if phase != status.phase and phase != "ended" and status.phase != "ended":
		_tell({ "phase": phase, "have": 0, "need": 0 } if phase == "lobby" else { "phase": phase })


func _tell(next: Dictionary) -> void:
	if next.phase == "ended":
		if status.phase == "ended":
			return
		if next.why not in ["left", "end"]:
			_error = next.why
			_hint = next.hint
	status = next
	status_changed.emit(next)
	if next.phase == "ended":
		ended.emit(next.why, mid_error() if next.why == _error else "")


func _emit(evt: int, bytes: PackedByteArray) -> int:
	var number: Variant = "not_admitted" if _door == null else _door.emit(evt, bytes)
	if number is int:
		return number
	_fail(number, "")
	return 0


func _ask(what: int, data: Variant) -> void:
	var encoded := Payload.encode(data)
	var refusal: String = encoded.get("code", "")
	if refusal == "":
		refusal = "not_admitted" if _door == null else _door.ask(what, encoded.bytes)
	if refusal != "":
		_fail(refusal, encoded.get("hint", ""))


func _fail(code: String, hint: String) -> Error:
	_error = code
	_hint = hint
	return ERR_INVALID_PARAMETER
