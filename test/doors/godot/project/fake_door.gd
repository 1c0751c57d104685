extends "res://addons/sametick/doors/door.gd"
## A door that leads nowhere: a test says what comes through it.

var inputs: Array[SametickInput] = []
var happened: Array[Dictionary] = []
var emitted := []
var refusal := ""
var stands := "running"
var is_left := false


func take() -> SametickInput:
	return null if inputs.is_empty() else inputs.pop_front()


func emit(evt: int, payload: PackedByteArray) -> Variant:
	if refusal != "":
		return refusal
	emitted.append([evt, payload.hex_encode()])
	return emitted.size()


func ask(what: int, payload: PackedByteArray) -> String:
	emitted.append([what, payload.hex_encode()])
	return ""


func leave() -> void:
	is_left = true
	stands = "ended"
	happened.append({ "kind": "ended", "code": "left", "hint": "" })


func happenings() -> Array[Dictionary]:
	var full := happened
	happened = []
	return full


func me() -> int:
	return 1


func phase() -> String:
	return stands


func alpha() -> float:
	return 0.25


# What a test lets come: a tick with its events before it, each [evt, player, payload].
func tick(number: int, events := []) -> void:
	for given: Array in events:
		var input := SametickInput.new()
		input.tick = number
		input.evt = given[0]
		input.player = given[1]
		input.bytes = given[2]
		inputs.append(input)
	var closing := SametickInput.new()
	closing.tick = number
	inputs.append(closing)
