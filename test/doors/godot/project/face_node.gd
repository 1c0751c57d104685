extends Node
## A node of the group, which writes down what it gets.

var log_: Array[String] = []
var forgets := false
var _x := 0


func _tick(t: SametickStep) -> void:
	_x += 1
	log_.append("%d:%s@%d" % [t.tick, ",".join(t.events.map(func(e: SametickInput) -> String: return str(e.evt))), t.now])


func _save() -> Dictionary:
	return { "x": _x }


func _load(value: Dictionary) -> void:
	_x = value.x + (1 if forgets else 0)
