@icon("../icons/input.svg")
class_name SametickStep
extends RefCounted
## One tick, as the nodes of the group [code]sametick[/code] get it in [code]_tick(t)[/code]. It is the same in
## every instance, and valid during the call only.

## The tick, from 0.
var tick := 0
## The time of this tick in whole milliseconds since tick 0.
var now := 0
## What happened in this tick before it was closed, in order: events, and members that came and went.
var events: Array[SametickInput] = []
## Who takes part, in the order in which they came.
var players: Array[SametickPlayer] = []
## A source of chance that is the same everywhere. Its state is saved with the nodes'.
var random: SametickRandom
