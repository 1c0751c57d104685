extends Node2D
## Lets bodies of the engine fall on a heap, and prints the digest of where they are. With BODIES_BACK in the environment
## they are taken out on the way and put back as they were: place, turn and both speeds.

const COUNT := 40
const FRAMES := 400
const BACK_AT := 200

var _bodies: Array[RigidBody2D] = []
var _frame := 0


func _ready() -> void:
	var chance := RandomNumberGenerator.new()
	chance.seed = 5
	var ground := StaticBody2D.new()
	var box := RectangleShape2D.new()
	box.size = Vector2(2000, 40)
	ground.add_child(_shape(box))
	ground.position = Vector2(500, 600)
	add_child(ground)
	for i in COUNT:
		var circle := CircleShape2D.new()
		circle.radius = 12 + i % 5
		var body := RigidBody2D.new()
		body.add_child(_shape(circle))
		body.position = Vector2(chance.randf_range(400, 600), chance.randf_range(-600, 500))
		add_child(body)
		_bodies.append(body)


func _physics_process(_delta: float) -> void:
	_frame += 1
	if _frame == BACK_AT and OS.get_environment("BODIES_BACK") != "":
		for body in _bodies:
			_put_back(body)
	if _frame == FRAMES:
		var places := []
		for body in _bodies:
			places.append_array([body.position.x, body.position.y, body.rotation])
		print("places ", SametickDigest.new().of(places))
		get_tree().quit()


func _put_back(body: RigidBody2D) -> void:
	var where := body.global_transform
	var speed := body.linear_velocity
	var spin := body.angular_velocity
	remove_child(body)
	add_child(body)
	body.global_transform = where
	body.linear_velocity = speed
	body.angular_velocity = spin


static func _shape(shape: Shape2D) -> CollisionShape2D:
	var made := CollisionShape2D.new()
	made.shape = shape
	return made
