@tool
extends EditorPlugin
## Turns the addon on and off as somebody in the editor does, and prints what of it is in the project each time.

const ADDON := "res://addons/sametick/plugin.cfg"


func _enter_tree() -> void:
	# Only if it was asked for: other tests open the project as well.
	if OS.get_environment("SAMETICK_TEST_EDITOR") == "":
		return
	await get_tree().process_frame
	await get_tree().create_timer(1.0).timeout
	_say("off")
	EditorInterface.set_plugin_enabled(ADDON, true)
	_say("on")
	EditorInterface.set_plugin_enabled(ADDON, false)
	_say("off again")
	get_tree().quit()


func _say(when: String) -> void:
	var found := ProjectSettings.get_property_list().map(func(p: Dictionary) -> String: return p.name)
	found = found.filter(func(name_: String) -> bool: return name_.begins_with("sametick/") or name_ == "autoload/Sametick")
	found.sort()
	print(JSON.stringify({ "when": when, "found": found }))
