extends RefCounted
## A writer and a bounded reader of bytes: docs/protocol.md, chapter 3.
##
## The reader never fails loudly: a read past the end, or a number in another form than its one, sets
## [member Reader.bad] and gives zero. Whoever decodes looks at [member Reader.ok] once, at the end.

const Utf8 := preload("utf8.gd")

## The largest whole number of the wire.
const MAX := (1 << 53) - 1

const _VARINT_BYTES_MAX := 8


## Writes fields one behind the other.
class Writer:
	extends RefCounted
	var bytes := PackedByteArray()


	func u8(value: int) -> Writer:
		bytes.append(value)
		return self


	## Four bytes, the lowest first.
	func u32(value: int) -> Writer:
		var at := bytes.size()
		bytes.resize(at + 4)
		bytes.encode_u32(at, value)
		return self


	## A whole number from 0 to [constant MAX], in groups of seven bits.
	func varint(value: int) -> Writer:
		var rest := value
		while rest >= 128:
			bytes.append((rest & 127) | 128)
			rest >>= 7
		bytes.append(rest)
		return self


	## A whole number of either sign: small ones are short.
	func zigzag(value: int) -> Writer:
		return varint(-2 * value - 1 if value < 0 else 2 * value)


	## Bytes as they are; their length is not written.
	func raw(more: PackedByteArray) -> Writer:
		bytes.append_array(more)
		return self


	## A length, then the bytes.
	func block(more: PackedByteArray) -> Writer:
		return varint(more.size()).raw(more)


	## A length in bytes, then the text as UTF-8.
	func text(value: String) -> Writer:
		return block(value.to_utf8_buffer())


## Reads what a [Writer] wrote, and never more than there is.
class Reader:
	extends RefCounted
	## Whether anything so far was missing or malformed.
	var bad := false
	var _bytes := PackedByteArray()
	var _at := 0
	var _end := 0


	func over(bytes: PackedByteArray) -> Reader:
		_bytes = bytes
		_at = 0
		_end = bytes.size()
		bad = false
		return self


	## Everything was well formed and nothing is left over.
	var ok: bool:
		get:
			return not bad and _at == _end


	func u8() -> int:
		if _at >= _end:
			return _fail()
		_at += 1
		return _bytes[_at - 1]


	func u32() -> int:
		if _at + 4 > _end:
			return _fail()
		_at += 4
		return _bytes.decode_u32(_at - 4)


	func varint() -> int:
		var value := 0
		var shift := 0
		for i in _VARINT_BYTES_MAX:
			if _at >= _end:
				return _fail()
			var byte := _bytes[_at]
			_at += 1
			value |= (byte & 127) << shift
			if byte < 128:
				# One number has one form: a last byte of zero would be a second one.
				if (byte == 0 and i > 0) or value > MAX:
					return _fail()
				return value
			shift += 7
		return _fail()


	func zigzag() -> int:
		var folded := varint()
		return folded >> 1 if folded & 1 == 0 else -(folded >> 1) - 1


	## The next bytes, in memory of their own.
	func raw(count: int) -> PackedByteArray:
		if count > _end - _at:
			_fail()
			return PackedByteArray()
		_at += count
		return _bytes.slice(_at - count, _at)


	## A block no longer than `most`.
	func block(most: int) -> PackedByteArray:
		var count := varint()
		if count > most:
			_fail()
			return PackedByteArray()
		return raw(count)


	## A text of at most `most` bytes. Malformed UTF-8 is bad.
	func text(most: int) -> String:
		var view := block(most)
		if not Utf8.is_utf8(view):
			_fail()
			return ""
		return Utf8.from_utf8(view)


	func _fail() -> int:
		bad = true
		_at = _end
		return 0
