extends Node
## Keeps what the window shows after some seconds.


func _ready() -> void:
	if OS.get_environment("PICTURE_AFTER") == "":
		return
	await get_tree().create_timer(OS.get_environment("PICTURE_AFTER").to_float()).timeout
	await RenderingServer.frame_post_draw
	get_viewport().get_texture().get_image().save_png("res://picture.png")
	get_tree().quit()
