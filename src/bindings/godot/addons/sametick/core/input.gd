@icon("../icons/input.svg")
class_name SametickInput
extends RefCounted
## One input of the timeline: an event, or the tick itself, which closes it.
##
## [code]Sametick.mid_wait()[/code] hands these out in an order that is the same in every instance: in each tick
## first its events, then the tick.

## The tick to which it belongs, from 0.
var tick := 0
## The time of that tick in whole milliseconds since tick 0.
var now := 0
## 0 for the tick. Above 0: an event, by the number that the application chose. Below 0: one of
## [code]Sametick.JOIN[/code], [code]LEAVE[/code] and the others, by which members come and go.
var evt := 0
## Who emitted it. For what concerns a member, that member: who has joined, who asked for a pause. 0 for a tick.
var player := 0
## What came with it: null, a boolean, a number, a string, a [PackedByteArray], or an [Array] or [Dictionary] of
## these. Null as well if the bytes are none of that. Whole numbers come as [int], whatever they were sent as.
var payload: Variant = null
## Whether [member payload] could be read.
var readable := true
## The payload as it came: for events of programs that write their bytes by hand.
var bytes := PackedByteArray()
## The number of the event among those of its source, from 1.
var number := 0
## The place of the event among all events of the session, from 1.
var sequence := 0
## Of [code]LEAVE[/code]: why it left, empty if of its own will.
var why := ""


func _to_string() -> String:
	if evt == 0:
		return "tick %d" % tick
	return "tick %d: event %d of %d %s" % [tick, evt, player, var_to_str(payload)]
