extends RefCounted
## How long something takes, and how rarely it takes longer: a mean and a mean deviation.

# So many samples are held against each other; each one later is held against those before it.
const _TRUSTED_FROM := 4
# The mean deviation of what was measured once, a part of the whole.
const _UNKNOWN := 8.0
# Mean deviations beyond the mean at which a sample counts as far out: one in thousands.
const _FAR_OUT := 10.0
# The least length of a tail, so that a quiet line is not taken for one without any jitter.
const _SCALE_MIN := 100.0

var mean := 0.0
## Mean deviation.
var spread := 0.0
var count := 0
var _weight: float
# The first samples, of which nothing is settled before there are enough of them.
var _first: Array[float] = []


## Each sample counts for one in `memory`.
func _init(memory: int) -> void:
	_weight = 1.0 / float(memory)


func add(taken: float) -> void:
	count += 1
	if count > _TRUSTED_FROM:
		_reckon(minf(taken, mean + _FAR_OUT * maxf(maxf(spread, mean / 16.0), _SCALE_MIN)), count)
		return
	_first.append(taken)
	_reckon_first()


# One that is far out counts as far out, no farther: a pause is no property of the way. Which of the first samples
# are so the others tell, earlier and later ones: of two that are far apart the lesser counts, until there are more.
func _reckon_first() -> void:
	var middle := _median(_first)
	var off: Array[float] = []
	for taken in _first:
		off.append(absf(taken - middle))
	var most := middle + _FAR_OUT * maxf(maxf(_median(off), middle / _UNKNOWN), _SCALE_MIN)
	mean = 0.0
	for i in _first.size():
		_reckon(minf(_first[i], most), i + 1)


# `known`: how many samples there are with this one.
func _reckon(sample: float, known: int) -> void:
	# Until the memory is full, the plain mean of all: the first samples do not weigh more than the later.
	var weight := maxf(_weight, 1.0 / float(known))
	var off := sample - mean
	mean += off * weight
	# Of a single sample it is not known how far the next will be: an eighth is better than nothing.
	if known > 1:
		spread += (absf(off) - spread) * weight
	else:
		spread = sample / _UNKNOWN


# The lower one of two in the middle: what is too long is not the rule before it is the more frequent.
static func _median(values: Array[float]) -> float:
	var sorted: Array[float] = values.duplicate()
	sorted.sort()
	return sorted[(sorted.size() - 1) >> 1]
