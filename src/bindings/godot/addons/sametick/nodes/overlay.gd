class_name SametickOverlay
extends CanvasLayer
## What is known of the connection, in a corner of the window, in games that were not exported for release. The key F9
## shows and hides it; of the project settings, [code]sametick/debug/overlay[/code] shows it from the start.

const KEY := KEY_F9
const MARGIN := 12.0
const REFRESH := 0.2
const _NAMES := {
	"tick": "tick",
	"players": "players",
	"round_trip_ms": "round trip",
	"off_reference_ms": "off the reference",
	"frozen_ticks": "ticks begun frozen",
	"pending": "events ahead",
}
const _COLOURS := {
	"running": Color("7ee0a1"),
	"frozen": Color("f0b35c"),
	"catchingUp": Color("8fb6ff"),
	"ended": Color("f07a7a"),
}

# By its path and not by its name: scripts are read before the plugin has made it known.
@onready var _sametick: Node = get_tree().root.get_node(^"Sametick")

var _panel := PanelContainer.new()
var _phase := Label.new()
var _values := {}
var _since := 0.0


func _ready() -> void:
	layer = 128
	process_mode = Node.PROCESS_MODE_ALWAYS
	var style := StyleBoxFlat.new()
	style.bg_color = Color(0.07, 0.08, 0.11, 0.82)
	style.set_corner_radius_all(6)
	style.set_content_margin_all(10)
	_panel.add_theme_stylebox_override("panel", style)
	_panel.mouse_filter = Control.MOUSE_FILTER_IGNORE
	_panel.set_anchors_and_offsets_preset(Control.PRESET_TOP_RIGHT, Control.PRESET_MODE_MINSIZE, MARGIN)
	_panel.grow_horizontal = Control.GROW_DIRECTION_BEGIN
	add_child(_panel)
	var rows := VBoxContainer.new()
	_panel.add_child(rows)
	rows.add_child(_phase)
	var grid := GridContainer.new()
	grid.columns = 2
	grid.add_theme_constant_override("h_separation", 18)
	rows.add_child(grid)
	for name_: String in _NAMES:
		_add(grid, _NAMES[name_], HORIZONTAL_ALIGNMENT_LEFT, Color(1, 1, 1, 0.6))
		_values[name_] = _add(grid, "", HORIZONTAL_ALIGNMENT_RIGHT, Color.WHITE)
	_show()


func _unhandled_key_input(event: InputEvent) -> void:
	var key := event as InputEventKey
	if key.pressed and not key.echo and key.keycode == KEY:
		visible = not visible


func _process(delta: float) -> void:
	_since += delta
	if _since >= REFRESH and visible:
		_show()


func _show() -> void:
	var status: Dictionary = _sametick.status
	_phase.text = "Sametick: %s" % _words(status)
	_phase.add_theme_color_override("font_color", _COLOURS.get(status.phase, Color(1, 1, 1, 0.8)))
	var stats: Dictionary = _sametick.stats()
	stats.players = _sametick.players.size()
	_since = 0.0
	for name_: String in _values:
		var value: Variant = stats.get(name_, "")
		_values[name_].text = "%.1f ms" % value if value is float else str(value)


static func _words(status: Dictionary) -> String:
	match status.phase:
		"none":
			return "not connected"
		"catchingUp":
			return "catching up"
		"lobby":
			return "waiting, %d of %d are there" % [status.have, status.need] if status.need > 0 else "waiting"
		"ended":
			return "ended, %s" % status.why
	return status.phase


static func _add(to: Node, text: String, alignment: HorizontalAlignment, colour: Color) -> Label:
	var label := Label.new()
	label.text = text
	label.horizontal_alignment = alignment
	label.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	label.add_theme_font_size_override("font_size", 13)
	label.add_theme_color_override("font_color", colour)
	to.add_child(label)
	return label
