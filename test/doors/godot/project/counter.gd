extends Node
## Counts the physics frames that it gets.

var frames := 0


func _physics_process(_delta: float) -> void:
	frames += 1
