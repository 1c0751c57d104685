extends RefCounted
## The nodes of the group [code]sametick[/code]: their ticks, and their states.

const Random := preload("random.gd")
const Digest := preload("digest.gd")

const NAME := &"sametick"
const _RANDOM := "random"

var _step := SametickStep.new()
# Nodes whose state was saved, put back and compared, once.
var _tried := {}


## A new session begins.
func begin(options: Dictionary) -> void:
	_step = SametickStep.new()
	_step.random = Random.new(options.get("seed", Digest.new().of(options.app)))
	_tried = {}


## An input has its turn. True if it was a tick, which every node has run then.
func take(input: SametickInput, roll: RefCounted, tree: SceneTree) -> bool:
	if input.evt != 0:
		_step.events.append(input)
		return false
	_step.tick = input.tick
	_step.now = input.now
	_step.players = roll.players
	for node in tree.get_nodes_in_group(NAME):
		if node.has_method(&"_tick"):
			node._tick(_step)
		if not _tried.has(node.get_instance_id()):
			_try(node)
	var events: Array[SametickInput] = []
	_step.events = events
	return true


func save(tree: SceneTree) -> Dictionary:
	var saved := { _RANDOM: _step.random.save() if _step.random != null else [] }
	for node in tree.get_nodes_in_group(NAME):
		if node.has_method(&"_save"):
			saved[str(tree.root.get_path_to(node))] = node._save()
	return saved


func load_(saved: Dictionary, tree: SceneTree) -> bool:
	for path: String in saved:
		if path == _RANDOM:
			_step.random.load_(saved[path])
			continue
		var node := tree.root.get_node_or_null(path)
		if node == null or not node.has_method(&"_load"):
			return false
		node._load(saved[path])
	return true


# A state that cannot be put back is named on the first day, not when somebody first joins late.
func _try(node: Node) -> void:
	_tried[node.get_instance_id()] = true
	var has := [node.has_method(&"_save"), node.has_method(&"_load")]
	if has == [false, false]:
		return
	if has != [true, true]:
		push_error("Sametick: %s has one of _save and _load: they come together." % node.get_path())
		return
	var digest := Digest.new()
	var before := digest.of(node._save())
	if before < 0:
		push_error("Sametick: what %s saves cannot be compared. %s" % [node.get_path(), digest.refused])
		return
	node._load(node._save().duplicate(true) if node._save() is Dictionary or node._save() is Array else node._save())
	if digest.of(node._save()) != before:
		push_error("Sametick: %s saves another state after it has loaded the one it had." % node.get_path())
