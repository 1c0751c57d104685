extends RefCounted
## What values of the engine are in other languages' terms. Both payloads and digests rest on it.

## The whole numbers that a double holds exactly reach so far.
const WHOLE_MAX := (1 << 53) - 1


## The keys of an object in the order in which JavaScript has them: names that are whole numbers first, by size,
## then all others as they were put in.
static func keys_of(object: Dictionary) -> Array:
	var keys := object.keys()
	var indexes: Array[int] = []
	for key: String in keys:
		if _is_index(key):
			indexes.append(key.to_int())
	if indexes.is_empty():
		return keys
	indexes.sort()
	var ordered := []
	for index in indexes:
		ordered.append(str(index))
	for key: String in keys:
		if not _is_index(key):
			ordered.append(key)
	return ordered


## Whether all keys are names, so that it is an object to others. Other dictionaries are maps.
static func has_names(dictionary: Dictionary) -> bool:
	for key: Variant in dictionary:
		if typeof(key) != TYPE_STRING and typeof(key) != TYPE_STRING_NAME:
			return false
	return true


## Whether a number is whole and exact for all others.
static func is_whole(value: float) -> bool:
	return absf(value) <= WHOLE_MAX and floorf(value) == value


static func _is_index(key: String) -> bool:
	var length := key.length()
	if length == 0 or length > 10:
		return false
	var first := key.unicode_at(0)
	if first < 48 or first > 57 or (first == 48 and length > 1):
		return false
	for i in range(1, length):
		var digit := key.unicode_at(i)
		if digit < 48 or digit > 57:
			return false
	return key.to_int() < 0xffff_ffff


## What to send or keep in place of a value that cannot be carried.
static func instead_of(value: Variant) -> String:
	match typeof(value):
		TYPE_VECTOR2, TYPE_VECTOR3, TYPE_VECTOR4, TYPE_COLOR, TYPE_RECT2, TYPE_TRANSFORM2D, TYPE_TRANSFORM3D, TYPE_QUATERNION, TYPE_BASIS, TYPE_PLANE, TYPE_AABB, TYPE_PROJECTION:
			return "is a %s, which holds 32-bit floats: take an array of whole numbers or floats" % type_string(typeof(value))
		TYPE_VECTOR2I, TYPE_VECTOR3I, TYPE_VECTOR4I, TYPE_RECT2I:
			return "is a %s: take an array of its numbers" % type_string(typeof(value))
		TYPE_OBJECT:
			return "is an object: take its name or number, and a dictionary of what is to be known of it"
		TYPE_INT:
			return "is a whole number beyond 2^53, which other languages do not hold exactly: take a string"
		TYPE_DICTIONARY:
			return "is a dictionary with other keys than strings: take strings"
		_:
			return "is of the type %s: take null, booleans, numbers, strings, arrays and dictionaries" % type_string(typeof(value))


## The path of what an object holds: `players` and `[2]` and `.hp` make `players[2].hp`.
static func path_to(path: String, key: String) -> String:
	if not key.is_valid_identifier():
		return "%s[%s]" % [path, JSON.stringify(key)]
	return key if path == "" else path + "." + key
