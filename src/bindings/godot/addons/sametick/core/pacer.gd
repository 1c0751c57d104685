extends RefCounted
## Where an instance stands on the timeline as its own clock goes on: a line, and for a while a line of another
## slope while a distance to the reference is made good. It never jumps and never runs backward.

## Ticks are at most a fifth shorter: 25 ms ticks every 20 ms.
const FASTEST := 1.25
## And at most a fifth longer.
const SLOWEST := 1.0 / 1.2

## All time by which corrections have moved the position, either way.
var corrected := 0.0
var stopped := true

var _clock := 0
var _from := 0
var _rate := 1.0
var _until := 0


## Stand still at a position.
func stop(now: int, at: int) -> void:
	if not stopped:
		_anchor(now, at)
	_clock = now
	_from = at
	_rate = 1.0
	_until = now
	stopped = true


## Go on from where it stands.
func go(now: int) -> void:
	var at := position(now)
	stopped = false
	_anchor(now, at)


## Whether it runs at another rate than its clock.
func correcting_at(now: int) -> bool:
	return _rate != 1.0 and now < _until


## Where it stands, before any limit: whole microseconds.
func position(now: int) -> int:
	if stopped:
		return _from
	if now >= _until:
		return floori(_turn() + float(now - _until))
	return floori(float(_from) + float(now - _clock) * _rate)


## When it will stand at a position that lies ahead, or stood at one behind since the last change.
func clock_at(at: int) -> int:
	var turn := _turn()
	if float(at) >= turn:
		return ceili(float(_until) + (float(at) - turn))
	return ceili(float(_clock) + float(at - _from) / _rate)


## Move by a distance, smoothly: at most at the rates above, and gently over `over` when there is time.
func correct(now: int, distance: int, over: int) -> void:
	_anchor(now, position(now))
	if distance == 0 or stopped:
		return
	var rate := clampf(1.0 + float(distance) / float(over), SLOWEST, FASTEST)
	_rate = rate
	_until = now + ceili(float(distance) / (rate - 1.0))


## Run everything up to a position at once: for one who is far behind what all others have run.
func leap(now: int, at: int) -> void:
	_anchor(now, maxi(at, position(now)))


func _turn() -> float:
	return float(_from) + float(_until - _clock) * _rate


func _anchor(now: int, at: int) -> void:
	var ran := mini(now, _until) - _clock
	if _rate != 1.0 and ran > 0:
		corrected += absf(float(ran) * (_rate - 1.0))
	_clock = now
	_from = at
	_rate = 1.0
	_until = now
