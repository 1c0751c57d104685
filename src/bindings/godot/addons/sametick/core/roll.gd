extends RefCounted
## Who takes part and what everybody holds, as the timeline says: it changes with inputs and with nothing else.

const Membership := preload("membership.gd")
const Payload := preload("payload.gd")

## The id of a change of what a player holds.
const HELD := 0x7fff_ffff

# No payload has these bytes.
const _NOTHING: PackedByteArray = [0xc1]

## In the order in which they came.
var players: Array[SametickPlayer] = []
## The player that the last membership event spoke of, or null.
var concerned: SametickPlayer

# What the others have been told that is held here, and by which event.
var _told := PackedByteArray()
var _number := 0
var _has_held := false
var _neutral: Variant
var _check := Callable()
var _held := {}


## A new session begins.
func begin(options: Dictionary) -> void:
	players = []
	concerned = null
	_held = {}
	_has_held = options.has("neutral")
	_neutral = options.get("neutral")
	_check = options.get("check", Callable())
	_told = Payload.encode(_neutral).get("bytes", PackedByteArray())
	_number = 0


func player(id: int) -> SametickPlayer:
	for one in players:
		if one.id == id:
			return one
	return null


func held_by(id: int) -> Variant:
	return _held.get(id, _neutral)


## The bytes to send if holding this is news; empty if it is none, or cannot be held.
func news(value: Variant) -> PackedByteArray:
	var bytes: PackedByteArray = Payload.encode(value).get("bytes", PackedByteArray())
	if not _has_held or bytes == _told or not _accepts(value):
		return PackedByteArray()
	return bytes


## The change of this number is on its way.
func tell(number: int, bytes: PackedByteArray) -> void:
	_number = number
	_told = bytes


## An event was not taken. If it was the last change, the same is news again.
func forget(number: int) -> void:
	if number == _number:
		_told = _NOTHING


## An event has its turn: its player and its payload are filled in. False if it was a change of what is held, or says
## nothing that can be understood, in every copy alike.
func take(input: SametickInput) -> bool:
	if input.evt < 0:
		return _membership(input)
	var read := Payload.decode(input.bytes)
	input.readable = read.has("value")
	input.payload = read.get("value")
	if input.evt != HELD or not _has_held:
		return true
	var holder := player(input.player)
	if holder != null and holder.here and input.readable and _accepts(input.payload):
		_held[holder.id] = input.payload
	return false


func _accepts(value: Variant) -> bool:
	return not _check.is_valid() or _check.call(value)


func _membership(input: SametickInput) -> bool:
	match input.evt:
		Membership.JOIN:
			return _join(input)
		Membership.PAUSE, Membership.RESUME, Membership.END:
			var asked := Membership.read_asked(input.bytes)
			if asked.is_empty():
				return false
			input.player = asked.by
			input.payload = Payload.decode(asked.data).get("value")
			concerned = player(asked.by)
			return true
	concerned = player(Membership.member_of(input.bytes))
	if concerned == null or input.evt < Membership.LEAVE:
		return false
	input.player = concerned.id
	concerned.here = input.evt == Membership.BACK
	if input.evt == Membership.BACK:
		return true
	_held.erase(concerned.id)
	if input.evt == Membership.LEAVE:
		players.erase(concerned)
		input.why = Membership.read_leave(input.bytes).get("why", "")
	return true


func _join(input: SametickInput) -> bool:
	var joined := Membership.read_join(input.bytes)
	if joined.is_empty() or player(joined.member) != null:
		return false
	concerned = SametickPlayer.new()
	concerned.id = joined.member
	concerned.slot = joined.slot
	concerned.data = Payload.decode(joined.data).get("value")
	players.append(concerned)
	input.player = joined.member
	input.payload = concerned.data
	return true
