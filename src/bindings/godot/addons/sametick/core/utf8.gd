extends RefCounted
## Texts as UTF-8, and which bytes are that.


## Whether bytes are well-formed UTF-8: no surrogates, no second forms, nothing beyond U+10FFFF.
static func is_utf8(bytes: PackedByteArray) -> bool:
	var i := 0
	var end := bytes.size()
	while i < end:
		var byte := bytes[i]
		i += 1
		if byte < 0x80:
			continue
		var more := 1 if byte < 0xe0 else 2 if byte < 0xf0 else 3
		if byte < 0xc2 or byte > 0xf4 or i + more > end:
			return false
		var next := bytes[i]
		if byte == 0xe0 and next < 0xa0 or byte == 0xed and next > 0x9f:
			return false
		if byte == 0xf0 and next < 0x90 or byte == 0xf4 and next > 0x8f:
			return false
		for j in more:
			if bytes[i + j] & 0xc0 != 0x80:
				return false
		i += more
	return true


## Well-formed UTF-8 as a text. What comes after a zero byte, which ends a text of the engine's own, is kept out;
## a byte order mark is a character like any other.
static func from_utf8(bytes: PackedByteArray) -> String:
	var text := bytes.get_string_from_utf8()
	if bytes.size() >= 3 and bytes[0] == 0xef and bytes[1] == 0xbb and bytes[2] == 0xbf and not text.begins_with("\ufeff"):
		return "\ufeff" + text
	return text
