import { browser } from './browser/door.ts'
import { c, first } from './c/doors.ts'
import type { Door } from './door.ts'
import { godot, godotOverBridge } from './godot/door.ts'
import { node } from './node/door.ts'

/** Every way in which an instance can be run, in the order of the matrix in the README. */
export const DOORS: readonly Door[] = [node, browser, c, first, godot, godotOverBridge]
