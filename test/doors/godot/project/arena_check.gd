extends SceneTree
## Plays the round that examples/arena/trace.json holds, and prints the sum and the digest of the state where it does.

const Rules := preload("res://demo/arena/rules.gd")
const State := preload("res://demo/arena/state.gd")
const Digest := preload("res://addons/sametick/core/digest.gd")


func _init() -> void:
	var trace: Dictionary = JSON.parse_string(FileAccess.get_file_as_string(OS.get_cmdline_user_args()[0]))
	var rules := Rules.new()
	var digest := Digest.new()
	var held := {}
	var slots := {}
	var next := 0
	for sum: Array in trace.sums:
		var tick := rules.get_meta("tick", 0) as int
		while tick <= int(sum[0]):
			while next < trace.inputs.size() and int(trace.inputs[next][0]) == tick:
				var input: Array = trace.inputs[next]
				var player := int(input[2])
				match input[1]:
					"join":
						slots[player] = int(input[3])
						rules.join(player, slots[player])
					"leave":
						held.erase(player)
						rules.leave(slots[player])
					"hold":
						held[player] = int(input[3])
				next += 1
			rules.step(tick, func(player: int) -> int: return held.get(player, 0))
			tick += 1
		rules.set_meta("tick", tick)
		print("%d %d %d" % [sum[0], State.sum_of(rules.state), digest.of(rules.state)])
	quit()
