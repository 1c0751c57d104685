extends Node2D
## The disc of ice.

const N := preload("numbers.gd")
const Look := preload("../look.gd")

const THICK := 22.0

var _reach := 470.0
var _ice := Look.radial(
	[[0.0, "3d6394"], [0.6, "294a73"], [0.93, "2e577f"], [1.0, "4d86b3"]], Vector2(0.38, 0.33), Vector2(0.9, 0.9), 512,
)
var _cracks: Array[PackedVector2Array] = []


func _ready() -> void:
	for i in 9:
		_cracks.append(_crack())


func show_disc(reach: float) -> void:
	if absf(reach - _reach) > 0.01:
		_reach = reach
		queue_redraw()


func _draw() -> void:
	draw_circle(Vector2(0, THICK), _reach, Color("0b2440"), true, -1, true)
	draw_arc(Vector2(0, THICK), _reach, 0, TAU, 160, Color("1d4a78"), 2, true)
	_fill(_reach)
	for r in range(78, int(_reach), 78):
		draw_arc(Vector2.ZERO, r, 0, TAU, 128, Color(0.75, 0.88, 1, 0.07), 1.5, true)
	for crack in _cracks:
		var seen := PackedVector2Array()
		for point in crack:
			if point.length() < _reach - 2:
				seen.append(point)
		if seen.size() > 1:
			draw_polyline(seen, Color(0.75, 0.88, 1, 0.13), 1.5, true)
	# Where it will have shrunk to.
	var end := N.DISC_END / float(N.PX)
	if _reach > end + 1:
		for i in 104:
			draw_arc(Vector2.ZERO, end, TAU * i / 104, TAU * (i + 0.25) / 104, 3, Color(1, 1, 1, 0.35), 2.5, true)
	for rim: Array in [[16, 0.08], [8, 0.16], [3, 0.95]]:
		draw_arc(Vector2.ZERO, _reach - 1, 0, TAU, 200, Color(0.66, 0.86, 1, rim[1]), rim[0], true)


# A round piece of the gradient.
func _fill(reach: float) -> void:
	var points := PackedVector2Array()
	var uvs := PackedVector2Array()
	for i in 128:
		var way := Vector2.from_angle(TAU * i / 128)
		points.append(way * reach)
		uvs.append(way * 0.5 + Vector2(0.5, 0.5))
	draw_polygon(points, PackedColorArray([Color.WHITE]), uvs, _ice)


# A line that wanders over the ice.
func _crack() -> PackedVector2Array:
	var line := PackedVector2Array()
	var angle := randf() * TAU
	var at := Vector2.from_angle(angle) * 460
	angle += PI + randf_range(-0.5, 0.5)
	for step in 10:
		line.append(at)
		angle += randf_range(-0.45, 0.45)
		at += Vector2.from_angle(angle) * randf_range(25, 85)
	return line
