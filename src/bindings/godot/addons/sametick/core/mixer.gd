extends RefCounted
## Mixes whole numbers of 32 bits into one of 53. Which numbers come together in one call is part of what they
## mean: who writes the same value makes the same calls.

const WORDS := 4096

var _written := PackedInt64Array()
var _used := 0
var _total := 0
var _a := 0
var _b := 0
var _c := 0
var _d := 0


func _init() -> void:
	# The most words that are written before the room is looked at again is 8.
	_written.resize(WORDS + 8)


func start() -> void:
	_used = 0
	_total = 0
	_a = 0x2545_f491
	_b = 0x6c8e_9cf5
	_c = 0x3c6e_f35f
	_d = 0x5bd1_e995


func end() -> int:
	_flush()
	var a := _avalanche(_a ^ _total) ^ _c
	var b := _avalanche((_b + _total) & 0xffff_ffff) ^ _d
	a = _avalanche(a ^ ((b * 0x85eb_ca6b) & 0xffff_ffff))
	b = _avalanche(b ^ ((a * 0xc2b2_ae35) & 0xffff_ffff))
	return (b >> 11) * 0x1_0000_0000 + a


func word(word_: int) -> void:
	if _used >= WORDS:
		_flush()
	_written[_used] = word_
	_used += 1


func two(first: int, second: int) -> void:
	if _used >= WORDS:
		_flush()
	_written[_used] = first
	_written[_used + 1] = second
	_used += 2


func three(first: int, second: int, third: int) -> void:
	if _used >= WORDS:
		_flush()
	_written[_used] = first
	_written[_used + 1] = second
	_written[_used + 2] = third
	_used += 3


## The units of a text in UTF-16, two in a word.
func text(utf16: PackedByteArray) -> void:
	var i := 0
	while i + 4 <= utf16.size():
		word(utf16.decode_u32(i))
		i += 4
	if i < utf16.size():
		word(utf16.decode_u16(i))


## Bytes, four in a word, the lowest first.
func bytes(raw: PackedByteArray) -> void:
	var whole := raw.size() & ~3
	_flush()
	words(raw.slice(0, whole).to_int32_array())
	if whole < raw.size():
		var last := 0
		for i in raw.size() - whole:
			last |= raw[whole + i] << (8 * i)
		word(last)


func words(some: PackedInt32Array) -> void:
	_flush()
	_mix(PackedInt64Array(Array(some)), some.size())


func _flush() -> void:
	_mix(_written, _used)
	_used = 0


# Every word goes into two lanes of 32 bits, by different products; words take turns between two such pairs. The low
# half of a product of 64 bits is what a product of 32 bits leaves.
func _mix(some: PackedInt64Array, count: int) -> void:
	var a := _a
	var b := _b
	var c := _c
	var d := _d
	var i := 0
	while i + 1 < count:
		var even := some[i] & 0xffff_ffff
		var odd := some[i + 1] & 0xffff_ffff
		a = ((a ^ even) * 0x9e37_79b1 + 0x7f4a_7c15) & 0xffff_ffff
		b = ((b ^ even) * 0x85eb_ca77 + 0x1656_67b1) & 0xffff_ffff
		c = ((c ^ odd) * 0xc2b2_ae3d + 0x27d4_eb2f) & 0xffff_ffff
		d = ((d ^ odd) * 0xcc9e_2d51 + 0x3c6e_f372) & 0xffff_ffff
		# Here the shifts are of whole numbers without a sign, as everywhere.
		a ^= a >> 15
		b ^= b >> 13
		c ^= c >> 16
		d ^= d >> 14
		i += 2
	if i < count:
		var last := some[i] & 0xffff_ffff
		a = ((a ^ last) * 0x9e37_79b1 + 0x1b87_3593) & 0xffff_ffff
		b = ((b ^ last) * 0x85eb_ca77 + 0x52dc_e729) & 0xffff_ffff
		a ^= a >> 15
		b ^= b >> 13
	_a = a
	_b = b
	_c = c
	_d = d
	_total = (_total + count) & 0xffff_ffff


static func _avalanche(word_: int) -> int:
	var h := ((word_ ^ (word_ >> 16)) * 0x85eb_ca6b) & 0xffff_ffff
	h = ((h ^ (h >> 13)) * 0xc2b2_ae35) & 0xffff_ffff
	return h ^ (h >> 16)
