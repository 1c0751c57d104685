@icon("../icons/gate.svg")
class_name SametickGate
extends Node
## For old scenes, whose nodes move in their own [code]_physics_process[/code]: it pauses the whole tree, and lets one
## physics frame through for each tick that is due.
##
## Its limits: at most one tick goes through in a physics frame, so that at equal rates a game which stood still never
## catches up. Let the session run slower than [member Engine.physics_ticks_per_second], and each tick still has the
## delta of a physics frame. What a node does in [code]_process[/code], in timers or in tweens is not kept in step.
## Nothing that a node reads may come from anywhere but ticks, events and its own state. A new game is better served by
## [method Sametick.mid_wait] or the group [code]sametick[/code].

## An event of the tick that is about to go through, or a member that comes or goes.
signal input(input: SametickInput)

# By its path and not by its name: scripts are read before the plugin has made it known.
var _sametick: Node
var _was_paused := false


func _enter_tree() -> void:
	_sametick = get_tree().root.get_node(^"Sametick")
	process_mode = Node.PROCESS_MODE_ALWAYS
	# Behind the autoload, which brings inputs, and before everybody else.
	process_physics_priority = -999
	_was_paused = get_tree().paused
	get_tree().paused = true


func _exit_tree() -> void:
	get_tree().paused = _was_paused


func _physics_process(_delta: float) -> void:
	get_tree().paused = not _goes_through()


func _goes_through() -> bool:
	while true:
		var next: SametickInput = _sametick.mid_wait()
		if next == null:
			return false
		if next.evt == 0:
			return true
		input.emit(next)
	return false
