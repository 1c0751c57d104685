extends Node
## What an idle connection costs a frame: the time in which the autoload runs, and in which a game asks for inputs, in
## each of so many physics frames. Nobody emits anything; ticks go on.

const FRAMES := 600
const SETTLING := 60

var _costs := PackedFloat64Array()
var _ticks := 0


func _ready() -> void:
	# Here the autoload's part of a frame is called by hand, between two looks at the clock.
	Sametick.set_process(false)
	Sametick.set_physics_process(false)
	var thread := OS.get_environment("COST_THREAD") != "no"
	var address: Variant = OS.get_environment("COST_URL")
	if address.is_valid_int():
		address = address.to_int()
	if Sametick.mid_connect(address, 60, { "app": "cost@1", "thread": thread }) != OK:
		print(Sametick.mid_error())
		get_tree().quit(1)


func _physics_process(_delta: float) -> void:
	var from := Time.get_ticks_usec()
	Sametick._physics_process(0.0)
	while true:
		var input := Sametick.mid_wait()
		if input == null:
			break
		if input.evt == Sametick.TICK:
			_ticks += 1
	Sametick._process(0.0)
	if Sametick.status.phase == "running":
		_costs.append(Time.get_ticks_usec() - from)
	if _costs.size() < FRAMES + SETTLING:
		return
	_costs = _costs.slice(SETTLING)
	_costs.sort()
	print(JSON.stringify({
		"median": _costs[FRAMES / 2],
		"p95": _costs[FRAMES * 95 / 100],
		"mean": Array(_costs).reduce(func(sum: float, cost: float) -> float: return sum + cost, 0.0) / FRAMES,
		"ticks": _ticks,
	}))
	Sametick.mid_disconnect()
	get_tree().quit()
