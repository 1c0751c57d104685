extends RefCounted
## How long something takes, and how rarely it takes longer: a mean and a mean deviation.

# From so many samples on, a single one is held against the others.
const _TRUSTED_FROM := 4
# Mean deviations beyond the mean at which a sample counts as far out: one in thousands.
const _FAR_OUT := 10.0
# The least length of a tail, so that a quiet line is not taken for one without any jitter.
const _SCALE_MIN := 100.0

var mean := 0.0
## Mean deviation.
var spread := 0.0
var count := 0
var _weight: float


## Each sample counts for one in `memory`.
func _init(memory: int) -> void:
	_weight = 1.0 / float(memory)


func add(taken: float) -> void:
	# One that is far out counts as far out, no farther: a pause is no property of the way.
	var sample := taken
	if count >= _TRUSTED_FROM:
		sample = minf(taken, mean + _FAR_OUT * maxf(maxf(spread, mean / 16.0), _SCALE_MIN))
	count += 1
	# Until the memory is full, the plain mean of all: the first samples do not weigh more than the later.
	var weight := maxf(_weight, 1.0 / float(count))
	var off := sample - mean
	mean += off * weight
	# Of a single sample it is not known how far the next will be: an eighth is better than nothing.
	if count > 1:
		spread += (absf(off) - spread) * weight
	else:
		spread = sample / 8.0
