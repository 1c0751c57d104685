extends RefCounted
## What the payload of a membership event says: docs/protocol.md, chapter 5.

const Bytes := preload("bytes.gd")
const Limits := preload("limits.gd")
const Refusals := preload("refusals.gd")

const JOIN := -1
const DROP := -2
const BACK := -3
const LEAVE := -4
const PAUSE := -5
const RESUME := -6
const END := -7


## [code]{ member, slot, data }[/code] of a join; empty if it is none.
static func read_join(payload: PackedByteArray) -> Dictionary:
	var r := Bytes.Reader.new().over(payload)
	var joined := { "member": r.varint(), "slot": r.varint(), "data": r.block(Limits.MEMBER_BYTES_MAX) }
	return joined if r.ok else {}


## [code]{ member, why }[/code] of a leave; empty if it is none.
static func read_leave(payload: PackedByteArray) -> Dictionary:
	var r := Bytes.Reader.new().over(payload)
	var member := r.varint()
	var code := r.u8()
	if not r.ok or code > Refusals.CODES.size():
		return {}
	return { "member": member, "why": "" if code == 0 else Refusals.CODES[code - 1] }


## [code]{ by, data }[/code] of a pause, of going on, and of the end; empty if it is none.
static func read_asked(payload: PackedByteArray) -> Dictionary:
	var r := Bytes.Reader.new().over(payload)
	var asked := { "by": r.varint(), "data": r.block(Limits.MEMBER_BYTES_MAX) }
	return asked if r.ok else {}


## Who asked the session for this event; -1 if nobody did.
static func asker_of(event: RefCounted) -> int:
	if event.evt > PAUSE or event.evt < END:
		return -1
	return read_asked(event.bytes).get("by", -1)


## The member that any membership event speaks of: its payload begins with it. -1 if it does not.
static func member_of(payload: PackedByteArray) -> int:
	var r := Bytes.Reader.new().over(payload)
	var member := r.varint()
	return -1 if r.bad else member
