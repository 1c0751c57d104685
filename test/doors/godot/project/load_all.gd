extends Node
## Loads every script and scene of the project and says which cannot be: a script that nobody has used yet may be wrong
## for long. As a scene, since scripts may speak of the autoload.


func _ready() -> void:
	_look("res://")
	get_tree().quit()


func _look(folder: String) -> void:
	for name_ in DirAccess.get_directories_at(folder):
		if name_ != ".godot":
			_look(folder.path_join(name_))
	for name_ in DirAccess.get_files_at(folder):
		if name_.get_extension() not in ["gd", "tscn"]:
			continue
		var path := folder.path_join(name_)
		# What extends the editor is for the editor.
		if FileAccess.get_file_as_string(path).contains("extends EditorPlugin"):
			continue
		var loaded := load(path)
		var whole: bool = loaded != null and (not loaded is GDScript or loaded.can_instantiate())
		print("%s %s" % ["loaded" if whole else "WRONG", path])
