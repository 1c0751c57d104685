@icon("../icons/smooth.svg")
class_name SametickSmooth2D
extends Node2D
## Draws its children where the parent is between two ticks, however far apart ticks and frames are.
##
## Put it between a node that moves with the ticks and what is to be seen of it: a sprite, a polygon. The parent keeps
## the state, this one shows it. A distance beyond [member jump] is not glided over.

## Farther than this in one tick is a jump: the parent was put elsewhere.
@export var jump := 400.0
## Whether the rotation of the parent is drawn between ticks as well.
@export var turn := true

# By its path and not by its name: scripts are read before the plugin has made it known.
var _sametick: Node
var _from := Transform2D.IDENTITY
var _to := Transform2D.IDENTITY


func _enter_tree() -> void:
	top_level = true
	_to = get_parent().global_transform
	_from = _to
	_sametick = get_tree().root.get_node(^"Sametick")
	_sametick.ticked.connect(_on_ticked)


func _exit_tree() -> void:
	_sametick.ticked.disconnect(_on_ticked)


func _process(_delta: float) -> void:
	var between := _from.interpolate_with(_to, _sametick.alpha())
	global_transform = between if turn else Transform2D(_to.get_rotation(), between.origin)


func _on_ticked(_tick: int) -> void:
	_from = _to
	_to = get_parent().global_transform
	if _from.origin.distance_to(_to.origin) > jump:
		_from = _to
