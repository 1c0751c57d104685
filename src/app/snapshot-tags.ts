/**
 * How a state is written as bytes: a tag, then what the tag says. What is read cannot be told from what was
 * written, down to the order of keys, -0, holes, and which objects are one.
 */

export const UNDEFINED = 0
export const NULL = 1
export const FALSE = 2
export const TRUE = 3
export const WHOLE = 4
export const NUMBER = 5
/** Units of 8 bits, and of 16: not UTF-8, since a text may hold half a pair. */
export const TEXT = 6
export const WIDE = 7
export const BIG = 8
export const OBJECT = 9
export const BARE = 10
/** The same two with the keys of the last object at this depth. */
export const OBJECT_ALIKE = 11
export const BARE_ALIKE = 12
export const ARRAY = 13
export const HOLE = 14
export const MAP = 15
export const SET = 16
export const BUFFER = 17
export const VIEW = 18
export const AGAIN = 19
