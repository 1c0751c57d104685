extends RefCounted
## The messages of a bridge's local protocol: docs/bridge.md. Numbers have the highest byte first; a message is a
## length, a type and its fields.

## What a program sends before anything else: the word SAME and the version.
const MAGIC: PackedByteArray = [0x53, 0x41, 0x4d, 0x45, 1]

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
		INPUT:
			m.tick = r.get_64()
			m.now = r.get_64()
			m.evt = r.get_32()
			m.player = r.get_32()
			m.number = r.get_32()
			m.seq = r.get_64()
			m.payload = _read_block(r)
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
				if r.get_position() + 12 > r.get_size():
					return {}
				var name := _read_text(r)
				m.numbers[name] = r.get_64()
	return {} if m.values().has(null) else m


# The bytes of each message that are there whatever it says.
const _SIZES := { WELCOME: 8, LOBBY: 8, INPUT: 40, STATUS: 9, LANDED: 12, DENIED: 12, ENDED: 8, STATS: 4 }


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
