class_name SametickDigest
extends RefCounted
## The digest of a state: a number of 53 bits that is the same for two values exactly if no program can tell them
## apart, but for a chance of one in 2^53. The same value has the same digest in every engine.
##
## A state is made of null, booleans, whole numbers up to 2^53, floats, strings, arrays, dictionaries, and packed
## arrays of bytes, of whole numbers and of floats. A dictionary with strings as keys is an object to others, any
## other is a map; the order of keys counts. One array in two places is not two equal ones, while a packed array is a
## value.
##
## [codeblock]
## var digest := SametickDigest.new()
## var number := digest.of({ "x": 10, "y": 10 })
## if digest.refused != "":
##     push_error(digest.refused)
## [/codeblock]

const Mixer := preload("mixer.gd")
const Plain := preload("plain.gd")

## Deeper than this a value is refused: it holds itself, or is a chain.
const DEPTH_MAX := 400

# What the next words are. A value has one form, and no form is the beginning of another.
enum {
	_NULL = 2,
	_FALSE = 3,
	_TRUE = 4,
	_WHOLE = 5,
	_NUMBER = 6,
	_NOT_A_NUMBER = 7,
	_TEXT = 8,
	_OBJECT = 10,
	_ARRAY = 12,
	_MAP = 13,
	_BUFFER = 15,
	_VIEW = 16,
	_AGAIN = 17,
}

# The kinds of packed arrays, by the numbers that they have as views of a buffer.
const _VIEW_BYTES := 0
const _VIEW_INT32 := 6
const _VIEW_FLOAT32 := 7
const _VIEW_FLOAT64 := 8

## Why the last value has no digest, with the path of the culprit; empty if it has one.
var refused := ""

var _mixer := Mixer.new()
# What was met that can be met again, by the order of meeting: in buckets, since arrays have no name of their own.
var _met := {}
var _met_count := 0
var _keys_at := {}
var _path: Array[String] = []
var _double := PackedByteArray()


func _init() -> void:
	_double.resize(8)


## The digest of a value, or -1: then [member refused] says why it has none.
func of(value: Variant) -> int:
	refused = ""
	_met.clear()
	_met_count = 0
	_keys_at.clear()
	_path.clear()
	_mixer.start()
	_add(value, 0)
	return _mixer.end() if refused == "" else -1


func _add(value: Variant, depth: int) -> void:
	match typeof(value):
		TYPE_INT:
			_whole(value)
		TYPE_FLOAT:
			_number(value)
		TYPE_STRING, TYPE_STRING_NAME:
			_text(value)
		TYPE_BOOL:
			_mixer.word(_TRUE if value else _FALSE)
		TYPE_NIL:
			_mixer.word(_NULL)
		TYPE_ARRAY, TYPE_PACKED_STRING_ARRAY:
			if _enter(value, depth):
				_array(value, depth + 1)
		TYPE_DICTIONARY:
			if _enter(value, depth):
				_dictionary(value, depth + 1)
		TYPE_PACKED_BYTE_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_FLOAT32_ARRAY, TYPE_PACKED_FLOAT64_ARRAY:
			_packed(value)
		_:
			_refuse(Plain.instead_of(value))


func _whole(value: int) -> void:
	if value >= -0x8000_0000 and value <= 0x7fff_ffff:
		_mixer.two(_WHOLE, value)
	elif absi(value) <= Plain.WHOLE_MAX:
		_bits(float(value))
	else:
		_refuse(Plain.instead_of(value))


func _number(value: float) -> void:
	if is_nan(value):
		_mixer.word(_NOT_A_NUMBER)
	elif value >= -2147483648.0 and value <= 2147483647.0 and floorf(value) == value and (value != 0.0 or 1.0 / value > 0.0):
		_mixer.two(_WHOLE, int(value))
	else:
		_bits(value)


func _bits(value: float) -> void:
	_double.encode_double(0, value)
	_mixer.three(_NUMBER, _double.decode_u32(0), _double.decode_u32(4))


func _text(text: String) -> void:
	var utf16 := text.to_utf16_buffer()
	_mixer.two(_TEXT, utf16.size() / 2)
	_mixer.text(utf16)


# Whether something is met for the first time. Otherwise it is the one that was met then.
func _enter(value: Variant, depth: int) -> bool:
	if depth >= DEPTH_MAX:
		_refuse("is more than %d levels deep: keep a list and the numbers of its entries" % DEPTH_MAX)
		return false
	if refused != "":
		return false
	var bucket: Array = _met.get_or_add(hash(value), [])
	for entry: Array in bucket:
		if is_same(entry[0], value):
			_mixer.two(_AGAIN, entry[1])
			return false
	bucket.append([value, _met_count])
	_met_count += 1
	return true


func _array(value: Variant, depth: int) -> void:
	_mixer.two(_ARRAY, value.size())
	for i: int in value.size():
		_path.append("[%d]" % i)
		_add(value[i], depth)
		if refused != "":
			return
		_path.pop_back()


func _dictionary(value: Dictionary, depth: int) -> void:
	if not Plain.has_names(value):
		_mixer.two(_MAP, value.size())
		for key: Variant in value:
			_path.append("[%s]" % str(key))
			_add(key, depth)
			_add(value[key], depth)
			if refused != "":
				return
			_path.pop_back()
		return
	var keys := Plain.keys_of(value)
	# In place of the number of keys: they are those of the last object at this depth, in their order.
	if keys == _keys_at.get(depth):
		_mixer.two(_OBJECT, -1)
	else:
		_keys_at[depth] = keys
		_mixer.two(_OBJECT, keys.size())
		for key: String in keys:
			_text(key)
	for key: String in keys:
		_path.append(key)
		_add(value[key], depth)
		if refused != "":
			return
		_path.pop_back()


# To others a packed array is a view of a buffer of its own: both are met. In two places it is two arrays, since the
# engine copies it wherever it is put into a variable of its type.
func _packed(value: Variant) -> void:
	_met_count += 2
	var kind := _VIEW_BYTES
	var raw: PackedByteArray
	match typeof(value):
		TYPE_PACKED_BYTE_ARRAY:
			raw = value
		TYPE_PACKED_INT32_ARRAY:
			kind = _VIEW_INT32
			raw = value.to_byte_array()
		TYPE_PACKED_FLOAT32_ARRAY:
			kind = _VIEW_FLOAT32
			raw = value.to_byte_array()
			for i: int in value.size():
				if is_nan(value[i]):
					raw.encode_u32(i * 4, 0x7fc0_0000)
		TYPE_PACKED_FLOAT64_ARRAY:
			kind = _VIEW_FLOAT64
			raw = value.to_byte_array()
			for i: int in value.size():
				if is_nan(value[i]):
					raw.encode_u64(i * 8, 0x7ff8_0000_0000_0000)
	_mixer.two(_VIEW, kind)
	_mixer.two(0, value.size())
	_mixer.two(_BUFFER, raw.size())
	if kind == _VIEW_BYTES:
		_mixer.bytes(raw)
	else:
		_mixer.words(raw.to_int32_array())


func _refuse(why: String) -> void:
	if refused != "":
		return
	var path := ""
	for part in _path:
		path = path + part if part.begins_with("[") else Plain.path_to(path, part)
	refused = "%s %s." % ["The value" if path == "" else path, why]
