extends Control
## What stands around the disc: the time, the points, the count before a round and the result after it.

const N := preload("numbers.gd")
const S := preload("state.gd")
const Look := preload("../look.gd")

const BOTS: Array[String] = ["Flint", "Moss", "Ember", "Drift", "Fern", "Slate", "Quill", "Pebble"]
const NAME_MAX := 12

var _time := Look.label("", 40, Color.WHITE)
var _count := Look.label("", 120, Color.WHITE)
var _title := Look.label("", 56, Color.WHITE)
var _next := Look.label("", 20, Look.SOFT)
var _note := Look.label("", 15, Look.SOFT)
var _chips: Array[PanelContainer] = []
var _column := VBoxContainer.new()
var _result := PanelContainer.new()


func _ready() -> void:
	_column.position = Vector2(18, 18)
	_column.custom_minimum_size = Vector2(196, 0)
	_column.add_theme_constant_override("separation", 6)
	add_child(_column)
	_column.add_child(_time)
	_time.horizontal_alignment = HORIZONTAL_ALIGNMENT_LEFT
	for at in N.PLACES:
		_chips.append(_chip())
		_column.add_child(_chips[at])
	_count.set_anchors_preset(Control.PRESET_FULL_RECT)
	_count.vertical_alignment = VERTICAL_ALIGNMENT_CENTER
	add_child(_count)
	_result.add_theme_stylebox_override("panel", Look.box(Color(0.03, 0.06, 0.12, 0.86), 16, 36))
	_result.set_anchors_preset(Control.PRESET_CENTER)
	_result.grow_horizontal = Control.GROW_DIRECTION_BOTH
	_result.grow_vertical = Control.GROW_DIRECTION_BOTH
	var rows := VBoxContainer.new()
	_result.add_child(rows)
	rows.add_child(_title)
	rows.add_child(_next)
	add_child(_result)
	_note.set_anchors_and_offsets_preset(Control.PRESET_BOTTOM_LEFT, Control.PRESET_MODE_MINSIZE, 18)
	_note.grow_vertical = Control.GROW_DIRECTION_BEGIN
	_note.horizontal_alignment = HORIZONTAL_ALIGNMENT_LEFT
	add_child(_note)
	for control: Control in find_children("*", "Control", true, false):
		control.mouse_filter = Control.MOUSE_FILTER_IGNORE


func show_state(state: Dictionary, own: int) -> void:
	var seconds := ceili(state.left / float(N.FPS))
	var running: bool = Sametick.status.phase in ["running", "frozen", "catchingUp"]
	_time.text = "%d:%02d" % [seconds / 60, seconds % 60] if state.phase == N.PLAY else "1:50" if state.phase == N.READY else "0:00"
	_time.add_theme_color_override("font_color", Color("ff8f9f") if state.phase == N.PLAY and seconds <= 10 else Color.WHITE)
	_count.text = str(seconds) if state.phase == N.READY and running else ""
	_note.text = "arrows or WASD, space dashes\nF9 figures, Esc back" if running else "connecting"
	var order := _ranked(state)
	for at in N.PLACES:
		_chips[at].visible = at in order
	for rank in order.size():
		var at: int = order[rank]
		_column.move_child(_chips[at], 1 + rank)
		_fill(_chips[at], at, state.bodies[at], at == own)
	_result.visible = state.phase == N.RESULT
	if _result.visible and not order.is_empty():
		var winner: int = order[0]
		_title.text = "You win" if winner == own else "%s wins" % _name_at(winner, state.bodies[winner])
		_title.add_theme_color_override("font_color", Look.COLOURS[winner])
		_next.text = "Next round in %d" % seconds


# The places, the best first.
func _ranked(state: Dictionary) -> Array:
	var places := range(N.PLACES).filter(func(at: int) -> bool: return state.bodies[at].kind != N.NOBODY)
	places.sort_custom(func(i: int, j: int) -> bool:
		var a: Dictionary = state.bodies[i]
		var b: Dictionary = state.bodies[j]
		if a.score != b.score:
			return a.score > b.score
		return a.falls < b.falls if a.falls != b.falls else i < j
	)
	return places


func _name_at(at: int, body: Dictionary) -> String:
	if body.kind == N.BOT:
		return BOTS[at]
	var player := Sametick.player(body.player)
	# What others send may be anything.
	if player != null and player.data is Dictionary and player.data.get("name") is String:
		var name_: String = player.data.name.strip_edges().left(NAME_MAX)
		if name_ != "":
			return name_
	return "Player %d" % (at + 1)


func _chip() -> PanelContainer:
	var chip := PanelContainer.new()
	var row := HBoxContainer.new()
	row.add_theme_constant_override("separation", 10)
	chip.add_child(row)
	var dot := ColorRect.new()
	dot.custom_minimum_size = Vector2(5, 22)
	row.add_child(dot)
	var name_ := Look.label("", 17, Color.WHITE)
	name_.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	name_.horizontal_alignment = HORIZONTAL_ALIGNMENT_LEFT
	row.add_child(name_)
	row.add_child(Look.label("", 20, Color.WHITE))
	return chip


func _fill(chip: PanelContainer, at: int, body: Dictionary, is_own: bool) -> void:
	var row := chip.get_child(0)
	(row.get_child(0) as ColorRect).color = Look.COLOURS[at]
	var name_ := row.get_child(1) as Label
	name_.text = _name_at(at, body) + (" (you)" if is_own else "")
	name_.add_theme_color_override("font_color", Color(1, 1, 1, 0.6) if body.kind == N.BOT else Color.WHITE)
	(row.get_child(2) as Label).text = str(body.score)
	chip.add_theme_stylebox_override("panel", Look.box(Color(1, 1, 1, 0.14 if is_own else 0.05), 8, 7))
