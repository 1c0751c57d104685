extends RefCounted
## The messages of a session, laid out by hand: a version, a type, then the fields. docs/protocol.md gives each of
## them byte by byte.

const Bytes := preload("bytes.gd")
const Limits := preload("limits.gd")
const Refusals := preload("refusals.gd")
const Input_ := preload("input.gd")

const VERSION := 1
## No lease in this message.
const NO_LEASE := -2
## In [code]denied[/code], in place of an event's number: something that was asked for.
const AN_ASK := 0

## The types. Below 32 they go from an instance to the sequencer, the others the other way.
enum {
	HELLO = 1,
	EMIT = 2,
	ACK = 3,
	PULSE = 4,
	BYE = 5,
	ASK = 6,
	WELCOME = 33,
	LOBBY = 34,
	START = 35,
	PROPOSE = 36,
	SYNC = 37,
	GRANT = 38,
	BEAT = 39,
	REFUSE = 40,
	DENIED = 41,
}


## A message that was read: which of these fields count follows from its type. One object serves all messages.
class Message:
	extends RefCounted
	var type := 0
	var id := 0
	var epoch := 0
	var fps := 0
	var have := 0
	var need := 0
	var clock := 0
	var reference := 0
	var echo := 0
	var held := 0
	var interval := 0
	var lease := NO_LEASE
	var round_ := 0
	var want := 0
	var reach := 0
	var tick := 0
	var lead := 0
	var number := 0
	var code := ""
	var hint := ""
	## Of a sync: its events, each with its place. The payloads are not decoded.
	var events: Array[Input_] = []


static func hello(fps: int, app: String, session: String, instances: int, data: PackedByteArray) -> PackedByteArray:
	return _open(HELLO).varint(fps).text(app).text(session).varint(instances).block(data).bytes


static func emit(number: int, want: int, at: int, id: int, payload: PackedByteArray) -> PackedByteArray:
	return _open(EMIT).varint(number).varint(want).varint(at + 1).varint(id).block(payload).bytes


static func ack(epoch: int, round_: int, deadline: int, local: int) -> PackedByteArray:
	return _open(ACK).u32(epoch).varint(round_).varint(deadline).varint(local + 1).bytes


static func pulse(
		clock: int, echo: int, held: int, local: int, position: int, down: int, spread: int, late: int
) -> PackedByteArray:
	var out := _open(PULSE).varint(clock).varint(echo).varint(held).varint(local + 1)
	return out.zigzag(position).varint(down).varint(spread).varint(late).bytes


static func bye(tick: int) -> PackedByteArray:
	return _open(BYE).varint(tick + 1).bytes


static func ask(id: int, data: PackedByteArray) -> PackedByteArray:
	return _open(ASK).u8(-id).block(data).bytes


## Reads what a sequencer sends into `into`. Empty if it is a message of that kind, otherwise the code that says
## what is wrong with it. Nothing that comes from outside is an error of the program.
static func decode(bytes: PackedByteArray, into: Message) -> String:
	if bytes.size() < 2 or bytes.size() > Limits.MESSAGE_BYTES_MAX:
		return "malformed"
	var r := Bytes.Reader.new().over(bytes)
	if r.u8() != VERSION:
		return "version"
	into.type = r.u8()
	match into.type:
		GRANT:
			into.tick = r.varint() - 1
			into.lead = r.zigzag()
		SYNC:
			into.epoch = r.u32()
			into.round_ = r.varint()
			into.lease = r.varint() - 2
			into.events = _events(r)
		PROPOSE:
			into.epoch = r.u32()
			into.round_ = r.varint()
			into.want = r.varint()
			into.reach = r.varint()
		BEAT:
			into.clock = r.varint()
			into.echo = r.varint()
			into.held = r.varint()
			into.reference = r.zigzag()
			into.interval = r.varint()
			into.lease = r.varint() - 2
		WELCOME:
			into.id = r.varint()
			into.epoch = r.u32()
			into.fps = r.varint()
		LOBBY:
			into.have = r.varint()
			into.need = r.varint()
		START:
			into.clock = r.varint()
			into.reference = r.zigzag()
		REFUSE:
			into.code = _code(r)
			into.hint = r.text(Limits.TEXT_BYTES_MAX)
		DENIED:
			into.number = r.varint()
			into.code = _code(r)
		_:
			return "malformed"
	return "" if r.ok else "malformed"


static func _open(type: int) -> Bytes.Writer:
	return Bytes.Writer.new().u8(VERSION).u8(type)


static func _code(r: Bytes.Reader) -> String:
	var index := r.u8()
	if index < Refusals.CODES.size():
		return Refusals.CODES[index]
	r.bad = true
	return "malformed"


static func _events(r: Bytes.Reader) -> Array[Input_]:
	var events: Array[Input_] = []
	var count := r.varint()
	if count > Limits.SYNC_EVENTS_MAX:
		r.bad = true
	if count == 0 or r.bad:
		return events
	var first := r.varint()
	if first > Bytes.MAX - (count - 1):
		r.bad = true
	for i in count:
		if r.bad:
			break
		var event := Input_.new()
		event.sequence = first + i
		event.tick = r.varint()
		event.player = r.varint()
		event.number = r.varint()
		event.evt = r.zigzag()
		event.bytes = r.block(Limits.PAYLOAD_BYTES_MAX)
		# Only the tick itself has the id 0, and it is never sent.
		if event.evt == 0:
			r.bad = true
		events.append(event)
	return events
