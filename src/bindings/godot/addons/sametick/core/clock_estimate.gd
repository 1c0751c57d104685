extends RefCounted
## What an instance knows of the sequencer's clock.
##
## A sample is a beat that echoes a pulse: half its round trip is the most by which it can be wrong. The best of
## the last few counts: the one with the least round trip, its age added at the rate at which two clocks may part.

## How many samples are held against each other.
const SAMPLES := 8
## By how much two clocks may part in a microsecond: 200 ppm, which covers two quartz crystals at their worst.
const DRIFT := 2e-4
## Two samples that are apart by so much more than they can be wrong are of different clocks.
const ELSEWHERE := 100_000.0

var _offsets := PackedFloat64Array()
var _trips := PackedFloat64Array()
var _taken := PackedFloat64Array()
var _count := 0
var _best := -1
# Where the sequencer last said the reference was, by its own clock.
var _mark_clock := 0
var _mark := 0


func _init() -> void:
	_offsets.resize(SAMPLES)
	_trips.resize(SAMPLES)
	_taken.resize(SAMPLES)


## A message said: at this moment of the sequencer's clock the reference is here.
func place(clock: int, reference: int) -> void:
	_mark_clock = clock
	_mark = reference


## A beat came at `now`; it left at `clock`, and its round trip took this long, beside being held there.
func sample(now: int, clock: int, trip: int, held: int) -> void:
	if _is_elsewhere(now, clock, float(absi(trip))):
		_count = 0
	var at := _count % SAMPLES
	_count += 1
	_offsets[at] = float(clock) + float(maxi(0, trip)) / 2.0 - float(now)
	_trips[at] = float(absi(trip))
	_taken[at] = float(now - held)
	_best = -1
	var least := INF
	for i in mini(_count, SAMPLES):
		var error := _error_of(i, now)
		if error < least:
			least = error
			_best = i


## Without any sample, the way down is taken for nothing: right until the first beat tells better.
func guess(now: int, clock: int) -> void:
	if _count > 0:
		return
	_offsets[0] = float(clock - now)
	_trips[0] = 0.0
	_taken[0] = float(now)
	_best = 0


## Where the reference is, as far as is known here.
func reference_at(now: int) -> int:
	if _best < 0:
		return _mark
	return floori(float(_mark + now) + _offsets[_best] - float(_mark_clock) + 0.5)


## By how much that can be wrong, in microseconds; -1 while it is not known.
func error_at(now: int) -> int:
	return ceili(_error_of(_best, now)) if _count > 0 and _best >= 0 else -1


## The least round trip of late, in microseconds; -1 while none is known.
func trip() -> int:
	return int(_trips[_best]) if _count > 0 and _best >= 0 else -1


# Whether this sample and the best one cannot both be right: one of the two clocks was put elsewhere, as when its
# machine has slept. What is known is then from before.
func _is_elsewhere(now: int, clock: int, trip_: float) -> bool:
	if _count == 0:
		return false
	var apart := absf(float(clock) + trip_ / 2.0 - float(now) - _offsets[_best])
	return apart > ELSEWHERE + trip_ / 2.0 + _error_of(_best, now)


func _error_of(i: int, now: int) -> float:
	return _trips[i] / 2.0 + (float(now) - _taken[i]) * DRIFT
