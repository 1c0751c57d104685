@tool
extends EditorPlugin
## Registers the autoload [code]Sametick[/code] and the project settings, and takes them away again.

const Settings := preload("core/settings.gd")

const AUTOLOAD := "Sametick"


func _enter_tree() -> void:
	Settings.register()


func _enable_plugin() -> void:
	add_autoload_singleton(AUTOLOAD, "res://addons/sametick/sametick.gd")


func _disable_plugin() -> void:
	remove_autoload_singleton(AUTOLOAD)
	Settings.remove()
	ProjectSettings.save()
