extends Node
## The rules that all doors run, in GDScript: test/doors/rules.ts has them in TypeScript.

const V := [[-1, 0], [1, 0], [0, -1], [0, 1], [0, 0]]

var _x := 10
var _y := 10
var _vx := 0
var _vy := 0
var _n := 0
var _h := 0

var _ticks := OS.get_environment("DOOR_TICKS").to_int()
var _chance := RandomNumberGenerator.new()
var _lines := PackedStringArray()


func _ready() -> void:
	_chance.seed = OS.get_environment("DOOR_SEED").to_int()
	Sametick.ended.connect(func(why: String, hint: String) -> void:
		_flush()
		print("ended: %s %s" % [why, hint])
		get_tree().quit(0 if why == "left" else 1)
	)
	var over_bridge := "bridge" in OS.get_cmdline_user_args()
	var address: Variant = OS.get_environment("DOOR_PORT").to_int() if over_bridge else OS.get_environment("DOOR_URL")
	var app := "" if over_bridge else "doors@1"
	if Sametick.mid_connect(address, OS.get_environment("DOOR_FPS").to_int(), { "app": app }) != OK:
		print(Sametick.mid_error())
		get_tree().quit(1)


func _physics_process(_delta: float) -> void:
	while true:
		var input := Sametick.mid_wait()
		if input == null:
			break
		if input.evt > 0:
			_on(input.evt, input.payload[0])
		elif input.evt == Sametick.TICK:
			_tick(input.tick)
	_flush()


func _on(evt: int, p: int) -> void:
	_vx = V[(evt - 1) % V.size()][0]
	_vy = V[(evt - 1) % V.size()][1]
	_n = _word(_n + 1)
	_h = _word(_h * 31 + evt * 7 + p)


func _tick(tick: int) -> void:
	_x = _word(_x + 5 * _vx)
	_y = _word(_y + 5 * _vy)
	var digest := 0x811c_9dc5
	for word: int in [_x, _y, _vx, _vy, _n, _h]:
		digest = ((digest ^ (word & 0xffff_ffff)) * 0x0100_0193) & 0xffff_ffff
	_lines.append("%d %08x" % [tick, digest])
	if tick + 1 >= _ticks:
		if tick + 1 == _ticks:
			_flush()
			Sametick.mid_disconnect()
		return
	if _chance.randi() % 20 == 0:
		Sametick.mid_emit(1 + _chance.randi() % V.size(), [1 + _chance.randi() % 127, 0, 0])


# A whole number of 32 bits with its sign.
func _word(value: int) -> int:
	var low := value & 0xffff_ffff
	return low - 0x1_0000_0000 if low >= 0x8000_0000 else low


# All at once: a line for each tick would be a call of the system for each.
func _flush() -> void:
	if not _lines.is_empty():
		print("\n".join(_lines))
		_lines.clear()
