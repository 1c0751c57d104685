class_name SametickRandom
extends RefCounted
## A source of chance whose numbers are the same in every engine for the same seed, with a state of four words that
## can be saved: sfc32, as [code]t.random()[/code] of an application in TypeScript has it.

var _a := 0
var _b := 0
var _c := 0
var _d := 1


func _init(seed_ := 0, stream := 0) -> void:
	_a = seed_ & 0xffff_ffff
	_b = (seed_ >> 32) & 0xffff_ffff
	_c = stream & 0xffff_ffff
	for i in 15:
		uint32()


## A whole number from 0 to 2^32 - 1.
func uint32() -> int:
	var t := (_a + _b + _d) & 0xffff_ffff
	_d = (_d + 1) & 0xffff_ffff
	_a = _b ^ (_b >> 9)
	_b = (_c + (_c << 3)) & 0xffff_ffff
	_c = ((_c << 21) | (_c >> 11)) & 0xffff_ffff
	_c = (_c + t) & 0xffff_ffff
	return t


## From 0 inclusive to 1 exclusive.
func unit() -> float:
	return float(uint32()) / 4_294_967_296.0


## A whole number from 0 inclusive to `n` exclusive.
func below(n: int) -> int:
	return floori(unit() * float(n))


## All of its state, in four words: whoever loads it draws the same numbers.
func save() -> Array[int]:
	return [_a, _b, _c, _d]


func load_(state: Array) -> void:
	_a = state[0]
	_b = state[1]
	_c = state[2]
	_d = state[3]
