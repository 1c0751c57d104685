extends RefCounted
## The arithmetic of the timeline: ticks, positions in whole microseconds, and what lies between them.
##
## A position is counted from the moment at which tick 0 is due. All of it is whole numbers, exact for every
## session that a clock can count.

## A second, in microseconds.
const SECOND := 1_000_000
## A millisecond, in microseconds.
const MILLISECOND := 1_000
## A moment that never comes.
const NEVER := 1 << 62
## The tick before the first.
const BEFORE_FIRST := -1

## Farther than this nothing is reckoned: it is [constant NEVER] for all that it matters.
const _SECONDS_MAX := 4_000_000_000_000


## Where a tick is due: the first whole microsecond of it.
static func due_at(tick: int, fps: int) -> int:
	# Towards zero, which is up for what lies before tick 0.
	if tick < 0:
		return tick * SECOND / fps
	var seconds := tick / fps
	if seconds > _SECONDS_MAX:
		return NEVER
	return seconds * SECOND + ((tick % fps) * SECOND + fps - 1) / fps


## The last tick that is due at a position; -1 before tick 0.
static func tick_at(position: int, fps: int) -> int:
	return BEFORE_FIRST if position < 0 else _ticks_in(position, fps)


## The first tick that is due at a position or after it.
static func tick_from(position: int, fps: int) -> int:
	return 0 if position <= 0 else _ticks_in(position - 1, fps) + 1


## What an application reads as the time of a tick, in whole milliseconds.
static func now_at(tick: int, fps: int) -> int:
	return (tick / fps) * 1000 + (tick % fps) * 1000 / fps


static func _ticks_in(micros: int, fps: int) -> int:
	return (micros / SECOND) * fps + (micros % SECOND) * fps / SECOND
