@icon("../icons/player.svg")
class_name SametickPlayer
extends RefCounted
## Somebody who takes part. The list of players is the same in every instance at the same tick.

## The number by which the session knows it. It is never given to another.
var id := 0
## The seat: the smallest number that was free when the player came, 0 for the first.
var slot := 0
## What the player said of itself when it connected; null if nothing.
var data: Variant = null
## False while its connection is lost and its seat is held.
var here := true


func _to_string() -> String:
	return "player %d in seat %d" % [id, slot]
