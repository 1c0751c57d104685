extends RefCounted
## A way to a session. It brings inputs and takes events, and what it decides no application sees: whether it talks
## to a sequencer itself, or to a bridge that does, is for nobody above it to know.
##
## Every method is called from the main thread. What happens in between is collected until it is asked for.

const Input_ := preload("../core/input.gd")


## Connect. Empty, or a code that says why that cannot even be tried.
func open(_address: String, _options: Dictionary) -> String:
	return "bad_url"


## Carry what waits, in either direction.
func poll() -> void:
	pass


## Whether others wait for what is answered in [method poll]: then it is called in every frame, and otherwise in
## every physics frame.
func answers() -> bool:
	return false


## The next input that is due, or null.
func take() -> Input_:
	return null


## Emit an event: its number among one's own, or a code that says why it cannot be emitted.
func emit(_evt: int, _payload: PackedByteArray) -> Variant:
	return "not_admitted"


## Ask for a pause, for going on or for the end. Empty, or a code.
func ask(_what: int, _data: PackedByteArray) -> String:
	return "not_admitted"


## Leave in good order: what is on its way still goes out.
func leave() -> void:
	pass


## What happened since the last call, in order, as [code]{ kind, … }[/code]: admitted, lobby, started, landed, denied,
## ended.
func happenings() -> Array[Dictionary]:
	return []


## The number by which the session knows this instance; 0 before it is admitted.
func me() -> int:
	return 0


## connecting, lobby, running, frozen, catchingUp or ended.
func phase() -> String:
	return "ended"


## How far the time between the last tick and the next has gone, from 0 to 1.
func alpha() -> float:
	return 0.0


## What can be known of the connection, by name.
func stats() -> Dictionary:
	return {}


## Whether nothing of it is left to be carried.
func is_closed() -> bool:
	return true


## Cut off whatever is left: nothing of it goes on after this.
func drop() -> void:
	pass
