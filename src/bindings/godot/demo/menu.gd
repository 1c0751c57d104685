extends Control
## Which demo, and where. Given on the command line as well: [code]godot -- arena ws://127.0.0.1:4601[/code].

const DEMOS := {
	"arena": ["Arena", "Push the others over the edge.", "res://demo/arena/arena.tscn"],
	"rectangle": ["Rectangle", "Everybody steers the same one.", "res://demo/rectangle/rectangle.tscn"],
}
const SERVER := "ws://127.0.0.1:4601"
const Look := preload("look.gd")

## Where the demos connect to, without the session's name; a bridge's address does as well.
static var server := SERVER
## What went wrong in the demo that was played last.
static var complaint := ""

var _address := LineEdit.new()


func _ready() -> void:
	var given := OS.get_cmdline_user_args()
	if given.size() > 1:
		server = given[1]
	if given.size() > 0 and DEMOS.has(given[0]) and not has_meta("back") and complaint == "":
		_play.call_deferred(given[0])
		return
	_build()


func _build() -> void:
	var sky := Look.sky()
	add_child(sky)
	var middle := CenterContainer.new()
	middle.set_anchors_preset(Control.PRESET_FULL_RECT)
	add_child(middle)
	var column := VBoxContainer.new()
	column.add_theme_constant_override("separation", 18)
	middle.add_child(column)
	column.add_child(Look.label("Sametick", 64, Color.WHITE))
	column.add_child(Look.label("One game, many machines, the same tick.", 20, Look.SOFT))
	column.add_child(_space(20))
	var row := HBoxContainer.new()
	row.add_theme_constant_override("separation", 18)
	column.add_child(row)
	for name_: String in DEMOS:
		row.add_child(_card(name_))
	column.add_child(_space(20))
	_address.text = server
	_address.placeholder_text = SERVER
	_address.custom_minimum_size = Vector2(0, 44)
	_address.add_theme_font_size_override("font_size", 18)
	_address.add_theme_stylebox_override("normal", Look.box(Color(1, 1, 1, 0.06), 8, 12))
	_address.add_theme_stylebox_override("focus", Look.box(Color(1, 1, 1, 0.12), 8, 12))
	column.add_child(_address)
	column.add_child(Look.label("The server that npm run example -- arena starts, or one of your own.", 15, Look.SOFT))
	if complaint != "":
		column.add_child(Look.label(complaint, 16, Color("ff8f9f")))


func _card(name_: String) -> Button:
	var button := Button.new()
	button.text = "%s\n%s" % [DEMOS[name_][0], DEMOS[name_][1]]
	button.custom_minimum_size = Vector2(320, 120)
	button.add_theme_font_size_override("font_size", 20)
	button.add_theme_stylebox_override("normal", Look.box(Color(0.36, 0.61, 1, 0.16), 12, 16))
	button.add_theme_stylebox_override("hover", Look.box(Color(0.36, 0.61, 1, 0.32), 12, 16))
	button.add_theme_stylebox_override("pressed", Look.box(Color(0.36, 0.61, 1, 0.45), 12, 16))
	button.add_theme_stylebox_override("focus", Look.box(Color(1, 1, 1, 0.07), 12, 16))
	button.pressed.connect(func() -> void:
		server = _address.text.strip_edges().trim_suffix("/")
		_play(name_)
	)
	return button


func _space(height: float) -> Control:
	var space := Control.new()
	space.custom_minimum_size = Vector2(0, height)
	return space


func _play(name_: String) -> void:
	complaint = ""
	get_tree().change_scene_to_file(DEMOS[name_][2])


## The address of a session on the chosen server.
static func address_of(session: String) -> String:
	return "%s/%s" % [server, session]


## Back to here, with a word on why.
static func back(tree: SceneTree, why := "") -> void:
	complaint = why if why != "" else " "
	Sametick.mid_disconnect()
	tree.change_scene_to_file("res://demo/menu.tscn")
