extends RefCounted
## The project settings of the addon, and what an address leads to.

const APP := "sametick/connection/application"
const THREAD := "sametick/connection/thread"
const CATCH_UP := "sametick/connection/catch_up_ms"
const OVERLAY := "sametick/debug/overlay"

## What each is without being set, and how the editor shows it.
const DEFAULTS := {
	APP: { "value": "mid@1", "type": TYPE_STRING, "hint_string": "" },
	THREAD: { "value": true, "type": TYPE_BOOL, "hint_string": "" },
	CATCH_UP: { "value": 25, "type": TYPE_INT, "hint": PROPERTY_HINT_RANGE, "hint_string": "1,1000,1,suffix:ms" },
	OVERLAY: { "value": false, "type": TYPE_BOOL, "hint_string": "" },
}

const SessionDoor := preload("../doors/session_door.gd")
const BridgeDoor := preload("../doors/bridge_door.gd")

## How long a frame may take inputs while it catches up.
static var catch_up_usec := 25_000


## Make the settings known, with their defaults.
static func register() -> void:
	for path: String in DEFAULTS:
		var about: Dictionary = DEFAULTS[path]
		if not ProjectSettings.has_setting(path):
			ProjectSettings.set_setting(path, about.value)
		ProjectSettings.set_initial_value(path, about.value)
		ProjectSettings.set_as_basic(path, true)
		ProjectSettings.add_property_info({
			"name": path,
			"type": about.type,
			"hint": about.get("hint", PROPERTY_HINT_NONE),
			"hint_string": about.hint_string,
		})
	catch_up_usec = value(CATCH_UP) * 1000


## Take them away again.
static func remove() -> void:
	for path: String in DEFAULTS:
		ProjectSettings.set_setting(path, null)


static func value(path: String) -> Variant:
	return ProjectSettings.get_setting(path, DEFAULTS[path].value)


## What leads to an address; null if nothing does.
static func door_of(address: Variant) -> RefCounted:
	var written := address_of(address)
	for scheme in ["ws", "wss", "http", "https"]:
		if written.begins_with(scheme + "://") and written.length() > scheme.length() + 3:
			return SessionDoor.new()
	return BridgeDoor.new() if written.begins_with("bridge://") else null


## A port alone is a bridge on this machine.
static func address_of(address: Variant) -> String:
	return "bridge://127.0.0.1:%d" % address if address is int else str(address)
