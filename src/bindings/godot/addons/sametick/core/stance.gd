extends RefCounted
## Where an instance stands on the timeline: it goes on with its own clock, closes in on the reference, and
## freezes where the first tick is due that it may not run.

const Ticks := preload("ticks.gd")
const Pacer := preload("pacer.gd")
const ClockEstimate := preload("clock_estimate.gd")

## Further behind a granted timeline than this, an instance runs unthrottled.
const CATCH_UP := 250 * Ticks.MILLISECOND
## Distances below this are left alone: nobody sees them, and each correction is felt.
const CLOSE_ENOUGH := 1 * Ticks.MILLISECOND
## A distance is made good over this time, unless the greatest rates take longer.
const GENTLY := 400 * Ticks.MILLISECOND

## Ticks that were begun in a freeze.
var frozen_ticks := 0
var frozen_micros := 0
## Time that was run through at once, far behind the others.
var leapt_micros := 0
## Whether it runs unthrottled.
var leaping := false
## The position at which it freezes.
var cap := 0

var _fps: int
var _clock: ClockEstimate
var _pacer := Pacer.new()
var _running := false
var _frozen_since := Ticks.NEVER


func _init(fps: int, clock: ClockEstimate) -> void:
	_fps = fps
	_clock = clock


## Before tick 0 there is a little time, so that all start at one moment.
func start(now: int) -> void:
	_running = true
	_pacer.stop(now, mini(0, _clock.reference_at(now)))
	_pacer.go(now)
	settle(now)
	approach(now)


## The ticks up to here are due, as far as they may run.
func position(now: int) -> int:
	return mini(_pacer.position(now), cap)


## Where it counts as being for a round: one that is far behind will be with the others by the time it is over, and does
## not stop for it on its way.
func headed_for(now: int) -> int:
	var here := position(now)
	var reference := _clock.reference_at(now)
	return reference if reference - here > CATCH_UP else here


## When it will stand at a position, or stood there; [constant Ticks.NEVER] for one that it does not come to before its
## limit rises. What it had come to when it froze was due then, whoever has not taken it yet: after the last tick of a
## session nothing else would ever say so.
func clock_at(at: int) -> int:
	if not _running:
		return Ticks.NEVER
	if not is_frozen():
		return _pacer.clock_at(at)
	return _frozen_since if at <= cap else Ticks.NEVER


func frozen(now: int) -> bool:
	return _running and _pacer.position(now) >= cap


func is_frozen() -> bool:
	return _frozen_since != Ticks.NEVER


## When it will freeze, or froze, unless the limit rises before.
func next_freeze() -> int:
	if not _running:
		return Ticks.NEVER
	return _frozen_since if is_frozen() else _pacer.clock_at(cap)


func correcting(now: int) -> bool:
	return leaping or _pacer.correcting_at(now)


## Time by which the pace was corrected, either way.
func corrected_micros() -> float:
	return _pacer.corrected


## Bring the state up to a moment: past the limit, it has stood still since.
func settle(now: int) -> void:
	if not _running:
		return
	if leaping:
		_leap(now)
	if is_frozen() or _pacer.position(now) < cap:
		return
	_frozen_since = mini(now, _pacer.clock_at(cap))
	_pacer.stop(_frozen_since, cap)


## The highest tick that may run has changed: freeze where that now says, or go on.
func limit(now: int, tick: int) -> void:
	cap = Ticks.due_at(tick + 1, _fps)
	if not is_frozen():
		settle(now)
	elif _pacer.position(now) < cap:
		_thaw(now)


## Close in on the reference: smoothly, or at once when far behind what all others have run.
func approach(now: int) -> void:
	if is_frozen() or not _running:
		return
	var distance := _clock.reference_at(now) - _pacer.position(now)
	if distance > CATCH_UP:
		leaping = true
	else:
		var close := absi(distance) <= CLOSE_ENOUGH
		# P9: a correction that an older, worse estimate began does not run on past the reference.
		if not close or _pacer.correcting_at(now):
			_pacer.correct(now, 0 if close else distance, GENTLY)
	settle(now)


func _thaw(now: int) -> void:
	var frozen_for := now - _frozen_since
	_frozen_since = Ticks.NEVER
	frozen_micros += frozen_for
	frozen_ticks += ceili(float(frozen_for * _fps) / Ticks.SECOND)
	_pacer.go(now)
	approach(now)


func _leap(now: int) -> void:
	var here := _pacer.position(now)
	var reference := _clock.reference_at(now)
	var there := mini(reference, cap)
	if there > here:
		leapt_micros += there - here
		_pacer.leap(now, there)
	if reference <= cap:
		leaping = false
