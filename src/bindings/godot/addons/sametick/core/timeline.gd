extends RefCounted
## The inputs of one instance in their order: the events of a tick by sequence, then the tick. It holds what is
## known and not yet run, and how far it was run.

const Ticks := preload("ticks.gd")
const Input_ := preload("input.gd")

## The last tick that was closed.
var local := Ticks.BEFORE_FIRST

# Events to come, by (stamp, sequence). The first `_head` of them have been run.
var _events: Array[Input_] = []
var _head := 0


## How many events wait for their tick.
func pending() -> int:
	return _events.size() - _head


## Put an event where it belongs; false if its tick was closed before it came.
func add(event: Input_) -> bool:
	if event.tick <= local:
		return false
	var at := _events.size()
	while at > _head and _after(_events[at - 1], event):
		at -= 1
	if at == _events.size():
		_events.append(event)
	else:
		_events.insert(at, event)
	return true


## The next input: an event of the tick after [member local], or that tick itself, which closes it.
func next() -> Input_:
	var tick := local + 1
	if _head < _events.size() and _events[_head].tick <= tick:
		var event := _events[_head]
		_head += 1
		if _head > 64 and _head * 2 > _events.size():
			_events = _events.slice(_head)
			_head = 0
		return event
	local = tick
	var closing := Input_.new()
	closing.tick = tick
	return closing


static func _after(a: Input_, b: Input_) -> bool:
	return a.tick > b.tick or (a.tick == b.tick and a.sequence > b.sequence)
