extends RefCounted
## Payloads as MessagePack, the same bytes as every other implementation writes.
##
## A payload is null, a boolean, a number, a string, a [PackedByteArray], or an [Array] or a [Dictionary] of these
## with strings as keys. No payload at all is no bytes, and is read as null. Numbers that are whole come back as
## [int], however they were sent: write [code]float(p)[/code] where a fraction may be meant.

const Utf8 := preload("utf8.gd")
const Limits := preload("limits.gd")
const Plain := preload("plain.gd")

## Deeper than this nothing is written and nothing read.
const DEPTH_MAX := 32


## A value as bytes, in [code]{ bytes }[/code]; or [code]{ code, hint }[/code] that says what cannot be carried.
static func encode(value: Variant) -> Dictionary:
	if value == null:
		return { "bytes": PackedByteArray() }
	return encode_value(value)


## The same, but null is a value like any other: a byte.
static func encode_value(value: Variant) -> Dictionary:
	var out := _Out.new()
	out.value(value, "", 0)
	if out.refused != "":
		return { "code": "payload_refused", "hint": out.refused }
	if out.buffer.get_size() > Limits.PAYLOAD_BYTES_MAX:
		var size := out.buffer.get_size()
		return { "code": "payload_too_large", "hint": "It has %d bytes of %d." % [size, Limits.PAYLOAD_BYTES_MAX] }
	return { "bytes": out.buffer.data_array }


## What was encoded, in [code]{ value }[/code]; empty if these bytes are no payload.
static func decode(bytes: PackedByteArray) -> Dictionary:
	if bytes.is_empty():
		return { "value": null }
	if bytes.size() > Limits.PAYLOAD_BYTES_MAX:
		return {}
	var read := _In.new(bytes)
	var value: Variant = read.value(0)
	return {} if read.bad or read.at != bytes.size() else { "value": value }


class _Out:
	extends RefCounted
	var buffer := StreamPeerBuffer.new()
	var refused := ""


	func _init() -> void:
		buffer.big_endian = true


	func value(v: Variant, path: String, depth: int) -> void:
		match typeof(v):
			TYPE_NIL:
				buffer.put_u8(0xc0)
			TYPE_BOOL:
				buffer.put_u8(0xc3 if v else 0xc2)
			TYPE_INT:
				if absi(v) > Plain.WHOLE_MAX:
					return _refuse(path, Plain.instead_of(v))
				_whole(v)
			TYPE_FLOAT:
				_number(v)
			TYPE_STRING, TYPE_STRING_NAME:
				_text(v)
			TYPE_PACKED_BYTE_ARRAY:
				_head((v as PackedByteArray).size(), -1, 0, 0xc4, 0xc5, 0xc6)
				buffer.put_data(v)
			TYPE_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_INT64_ARRAY, TYPE_PACKED_FLOAT64_ARRAY, TYPE_PACKED_STRING_ARRAY:
				_list(v, path, depth)
			TYPE_DICTIONARY:
				_map(v, path, depth)
			_:
				_refuse(path, Plain.instead_of(v))


	func _number(v: float) -> void:
		if Plain.is_whole(v):
			return _whole(int(v))
		buffer.put_u8(0xcb)
		buffer.put_double(v)


	func _whole(v: int) -> void:
		if v >= 0:
			if v < 0x80:
				buffer.put_u8(v)
			elif v < 0x100:
				buffer.put_u8(0xcc)
				buffer.put_u8(v)
			elif v < 0x1_0000:
				buffer.put_u8(0xcd)
				buffer.put_u16(v)
			elif v < 0x1_0000_0000:
				buffer.put_u8(0xce)
				buffer.put_u32(v)
			else:
				buffer.put_u8(0xcf)
				buffer.put_u64(v)
		elif v >= -0x20:
			buffer.put_8(v)
		elif v >= -0x80:
			buffer.put_u8(0xd0)
			buffer.put_8(v)
		elif v >= -0x8000:
			buffer.put_u8(0xd1)
			buffer.put_16(v)
		elif v >= -0x8000_0000:
			buffer.put_u8(0xd2)
			buffer.put_32(v)
		else:
			buffer.put_u8(0xd3)
			buffer.put_64(v)


	func _text(v: String) -> void:
		var utf8 := v.to_utf8_buffer()
		_head(utf8.size(), 0xa0, 32, 0xd9, 0xda, 0xdb)
		buffer.put_data(utf8)


	# The length of a text, of bytes, of a list or of a map: in the head itself below `short`, or behind it.
	func _head(size: int, fix: int, short: int, byte: int, word: int, long: int) -> void:
		if size < short:
			buffer.put_u8(fix + size)
		elif byte >= 0 and size < 0x100:
			buffer.put_u8(byte)
			buffer.put_u8(size)
		elif size < 0x1_0000:
			buffer.put_u8(word)
			buffer.put_u16(size)
		else:
			buffer.put_u8(long)
			buffer.put_u32(size)


	func _list(list: Variant, path: String, depth: int) -> void:
		if depth >= DEPTH_MAX:
			return _refuse(path, "is more than %d levels deep, or contains itself" % DEPTH_MAX)
		_head(list.size(), 0x90, 16, -1, 0xdc, 0xdd)
		for i: int in list.size():
			if refused == "":
				value(list[i], "%s[%d]" % [path, i], depth + 1)


	func _map(map: Dictionary, path: String, depth: int) -> void:
		if depth >= DEPTH_MAX:
			return _refuse(path, "is more than %d levels deep, or contains itself" % DEPTH_MAX)
		if not Plain.has_names(map):
			return _refuse(path, Plain.instead_of(map))
		_head(map.size(), 0x80, 16, -1, 0xde, 0xdf)
		for key: String in Plain.keys_of(map):
			if key == "__proto__":
				return _refuse(path, "has a key __proto__: use another name")
			if refused == "":
				_text(key)
				value(map[key], Plain.path_to(path, key), depth + 1)


	func _refuse(path: String, why: String) -> void:
		if refused == "":
			refused = "%s %s." % ["The payload" if path == "" else path, why]


# Nothing is built before it is known to be there: a head that promises more than follows is bad at once.
class _In:
	extends RefCounted
	var bad := false
	var at := 0
	var _bytes: PackedByteArray


	func _init(bytes: PackedByteArray) -> void:
		_bytes = bytes


	func value(depth: int) -> Variant:
		if at >= _bytes.size() or depth > DEPTH_MAX:
			return _fail()
		var head := _bytes[at]
		at += 1
		if head < 0x80:
			return head
		if head >= 0xe0:
			return head - 0x100
		if head < 0x90:
			return _map(head - 0x80, depth + 1)
		if head < 0xa0:
			return _list(head - 0x90, depth + 1)
		if head < 0xc0:
			return _text(head - 0xa0)
		match head:
			0xc0:
				return null
			0xc2:
				return false
			0xc3:
				return true
			0xc4, 0xc5, 0xc6:
				return _raw(_size(1 << (head - 0xc4)))
			0xca:
				return _float(4)
			0xcb:
				return _float(8)
			0xcc, 0xcd, 0xce:
				return _size(1 << (head - 0xcc))
			0xcf:
				return _wide(_size(4), _size(4))
			0xd0:
				return _signed(_size(1), 8)
			0xd1:
				return _signed(_size(2), 16)
			0xd2:
				return _signed(_size(4), 32)
			0xd3:
				return _wide(_signed(_size(4), 32), _size(4))
			0xd9, 0xda, 0xdb:
				return _text(_size(1 << (head - 0xd9)))
			0xdc, 0xdd:
				return _list(_size(2 << (head - 0xdc)), depth + 1)
			0xde, 0xdf:
				return _map(_size(2 << (head - 0xde)), depth + 1)
		# Extensions, and the one head that means nothing.
		return _fail()


	# Whole numbers that a double does not hold are what a double makes of them, as everywhere else.
	func _wide(high: int, low: int) -> Variant:
		var number := float(high) * 4_294_967_296.0 + float(low)
		return int(number) if Plain.is_whole(number) else number


	func _signed(number: int, bits: int) -> int:
		return number - (1 << bits) if number >= 1 << (bits - 1) else number


	func _float(count: int) -> Variant:
		var raw := _raw(count)
		if bad:
			return null
		raw.reverse()
		var number := raw.decode_float(0) if count == 4 else raw.decode_double(0)
		# A number that is whole is one kind of value, however it was written.
		return int(number) if Plain.is_whole(number) and not (number == 0.0 and 1.0 / number < 0.0) else number


	func _size(count: int) -> int:
		if at + count > _bytes.size():
			_fail()
			return 0
		var number := 0
		for i in count:
			number = number << 8 | _bytes[at + i]
		at += count
		return number


	func _raw(count: int) -> PackedByteArray:
		if count > _bytes.size() - at:
			_fail()
			return PackedByteArray()
		at += count
		return _bytes.slice(at - count, at)


	func _text(count: int) -> Variant:
		var raw := _raw(count)
		# A text of the engine's ends at a zero byte: one that goes on behind it cannot be held.
		if bad or raw.has(0) or not Utf8.is_utf8(raw):
			return _fail()
		return Utf8.from_utf8(raw)


	func _list(count: int, depth: int) -> Variant:
		var list := []
		for i in count:
			if bad:
				break
			list.append(value(depth))
		return list


	func _map(count: int, depth: int) -> Variant:
		var map := {}
		for i in count:
			if bad:
				break
			var head := _bytes[at] if at < _bytes.size() else 0
			if head < 0xa0 or (head >= 0xc0 and (head < 0xd9 or head > 0xdb)):
				return _fail()
			var key: Variant = value(DEPTH_MAX)
			if bad or key == "__proto__":
				return _fail()
			map[key] = value(depth)
		return map


	func _fail() -> Variant:
		bad = true
		at = _bytes.size()
		return null
