extends RefCounted
## The messages of a bridge's local protocol: docs/bridge.md. Numbers have the highest byte first; a message is a
## length, a type and its fields.

## What a program sends before anything else: the word SAME and the version.
const MAGIC: PackedByteArray = [0x53, 0x41, 0x4d, 0x45, 1]

const Input_ := preload("../core/input.gd")

enum {
	HELLO = 1,
	EMIT = 2,
	RAN = 3,
	ASK = 4,
	LEAVE = 5,
	QUERY = 6,
	WELCOME = 65,
	LOBBY = 66,
	START = 67,
	INPUT = 68,
	STATUS = 69,
	LANDED = 70,
	DENIED = 71,
	STATS = 72,
	ENDED = 73,
}

## The longest message that a bridge sends, with room for new ones.
const MESSAGE_BYTES_MAX := 1 << 20


static func hello(fps: int, window: int, instances: int, app: String, session: String, data: PackedByteArray) -> PackedByteArray:
	var out := _open(HELLO)
	out.put_u8(0)
	out.put_32(fps)
	out.put_32(window)
	out.put_32(instances)
	_block(out, app.to_utf8_buffer())
	_block(out, session.to_utf8_buffer())
	_block(out, data)
	return _whole(out)


static func emit(evt: int, payload: PackedByteArray) -> PackedByteArray:
	var out := _open(EMIT)
	out.put_32(evt)
	_block(out, payload)
	return _whole(out)


static func ran(tick: int) -> PackedByteArray:
	var out := _open(RAN)
	out.put_64(tick)
	return _whole(out)


static func ask(evt: int, data: PackedByteArray) -> PackedByteArray:
	var out := _open(ASK)
	out.put_32(evt)
	_block(out, data)
	return _whole(out)


static func leave() -> PackedByteArray:
	return _whole(_open(LEAVE))


static func query() -> PackedByteArray:
	return _whole(_open(QUERY))


## What a message says, by the names of its fields, and its [code]type[/code]. Empty if it cannot be read. Of types
## that are not known only the type is told: a bridge may come to say more.
static func decode(body: PackedByteArray) -> Dictionary:
	if body.is_empty():
		return {}
	var r := StreamPeerBuffer.new()
	r.big_endian = true
	r.data_array = body
	var m := { "type": r.get_u8() }
	var least: int = _SIZES.get(m.type, 0)
	if body.size() - 1 < least:
		return {}
	match m.type:
		WELCOME:
			m.player = r.get_32()
			m.fps = r.get_32()
		LOBBY:
			m.have = r.get_32()
			m.need = r.get_32()
		STATUS:
			m.status = r.get_u8()
			m.tick = r.get_64()
		LANDED:
			m.number = r.get_32()
			m.tick = r.get_64()
		DENIED:
			m.number = r.get_32()
			m.code = _read_text(r)
			m.words = _read_text(r)
		ENDED:
			m.code = _read_text(r)
			m.words = _read_text(r)
		STATS:
			m.numbers = {}
			for i in r.get_32():
				var name: Variant = _read_text(r)
				if name == null or r.get_size() - r.get_position() < 8:
					return {}
				m.numbers[name] = r.get_64()
		_:
			return m
	# Whole, and nothing behind it.
	return {} if m.values().has(null) or r.get_position() < r.get_size() else m


## An input, whose fields begin at `at` and are so many bytes; null if it is none. There is one in every tick, so it
## is read without anything between the bytes and what is handed out.
static func decode_input(bytes: PackedByteArray, at: int, size: int) -> Input_:
	if size < 40:
		return null
	var length := _i32(bytes, at + 36)
	if length < 0 or length != size - 40:
		return null
	var input := Input_.new()
	input.tick = _i64(bytes, at)
	input.now = _i64(bytes, at + 8)
	input.evt = _i32(bytes, at + 16)
	input.player = _i32(bytes, at + 20)
	input.number = _i32(bytes, at + 24)
	input.sequence = _i64(bytes, at + 28)
	if length > 0:
		input.bytes = bytes.slice(at + 40, at + 40 + length)
	return input


static func _i32(b: PackedByteArray, at: int) -> int:
	var word := b[at] << 24 | b[at + 1] << 16 | b[at + 2] << 8 | b[at + 3]
	return word - 0x1_0000_0000 if word >= 0x8000_0000 else word


# Nothing is beyond 2^53: the highest byte is that of the sign.
static func _i64(b: PackedByteArray, at: int) -> int:
	return _i32(b, at) << 32 | (_i32(b, at + 4) & 0xffff_ffff)


# The bytes of each message that are there whatever it says.
const _SIZES := { WELCOME: 8, LOBBY: 8, STATUS: 9, LANDED: 12, DENIED: 12, ENDED: 8, STATS: 4 }


static func _open(type: int) -> StreamPeerBuffer:
	var out := StreamPeerBuffer.new()
	out.big_endian = true
	out.put_32(0)
	out.put_u8(type)
	return out


static func _whole(out: StreamPeerBuffer) -> PackedByteArray:
	var size := out.get_size()
	out.seek(0)
	out.put_32(size - 4)
	return out.data_array


static func _block(out: StreamPeerBuffer, bytes: PackedByteArray) -> void:
	out.put_32(bytes.size())
	out.put_data(bytes)


# Null if there is less than it says.
static func _read_block(r: StreamPeerBuffer) -> Variant:
	var left := r.get_size() - r.get_position()
	if left < 4:
		return null
	var size := r.get_32()
	if size < 0 or size > left - 4:
		return null
	return r.get_data(size)[1] if size > 0 else PackedByteArray()


static func _read_text(r: StreamPeerBuffer) -> Variant:
	var bytes: Variant = _read_block(r)
	return null if bytes == null else bytes.get_string_from_utf8()
