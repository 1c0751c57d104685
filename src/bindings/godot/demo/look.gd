extends RefCounted
## How the demos look: the deep, labels and boxes.

const SOFT := Color(0.75, 0.84, 1, 0.62)
const COLOURS: Array[Color] = [
	Color("ffb42e"), Color("5c9dff"), Color("ff5f7e"), Color("3ddc97"),
	Color("b98cff"), Color("35d3e6"), Color("ff8a4c"), Color("dfe6f2"),
]


## The deep behind everything, brighter in the middle.
static func sky() -> TextureRect:
	var sky_ := TextureRect.new()
	sky_.texture = radial([[0.0, "122544"], [0.55, "0a1122"], [1.0, "05070e"]], Vector2(0.5, 0.5), Vector2(1.05, 1.05))
	sky_.set_anchors_preset(Control.PRESET_FULL_RECT)
	sky_.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	sky_.mouse_filter = Control.MOUSE_FILTER_IGNORE
	return sky_


## A round gradient: stops as [code][offset, colour][/code].
static func radial(stops: Array, from: Vector2, to: Vector2, size := 256) -> GradientTexture2D:
	var gradient := Gradient.new()
	gradient.offsets = PackedFloat32Array(stops.map(func(stop: Array) -> float: return stop[0]))
	gradient.colors = PackedColorArray(stops.map(func(stop: Array) -> Color: return Color(stop[1])))
	var texture := GradientTexture2D.new()
	texture.gradient = gradient
	texture.fill = GradientTexture2D.FILL_RADIAL
	texture.fill_from = from
	texture.fill_to = to
	texture.width = size
	texture.height = size
	return texture


static func label(text: String, size: int, colour: Color) -> Label:
	var made := Label.new()
	made.text = text
	made.horizontal_alignment = HORIZONTAL_ALIGNMENT_CENTER
	made.add_theme_font_size_override("font_size", size)
	made.add_theme_color_override("font_color", colour)
	return made


static func box(colour: Color, corner: int, margin: int) -> StyleBoxFlat:
	var style := StyleBoxFlat.new()
	style.bg_color = colour
	style.set_corner_radius_all(corner)
	style.set_content_margin_all(margin)
	return style
