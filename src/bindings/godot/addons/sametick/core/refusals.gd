extends RefCounted
## What can be wrong with what comes from outside: a stable code, and a sentence that says what to do.

## On the wire a code is its place in this list.
const CODES: Array[String] = [
	"version",
	"malformed",
	"fps_differs",
	"app_differs",
	"session_full",
	"session_ended",
	"unknown_session",
	"timeline_too_long",
	"not_admitted",
	"bad_request",
	"payload_too_large",
	"busy",
	"silent",
	"lost",
	"rewritten",
	"overflow",
	"replaced",
	"closing",
	"server_full",
	"same_id",
	"forgotten",
	"again",
]

const _SENTENCES := {
	"version": "This side speaks another version of the protocol: update the older of the two.",
	"malformed": "The message could not be read: the other side is no Sametick instance, or it is damaged.",
	"fps_differs": "The session runs at another FPS: connect with the same number.",
	"app_differs": "The session runs another application or another version of it.",
	"session_full": "The session has all the members that it may have.",
	"session_ended": "The session has ended: connect to another name.",
	"unknown_session": "There is no session of that name here.",
	"timeline_too_long": "The session has run for too long to be joined without a snapshot.",
	"not_admitted": "The session has not admitted this instance yet: wait for that.",
	"bad_request": "The request names something that does not exist or is out of range.",
	"payload_too_large": "The payload is larger than an event may carry: store it and send its name.",
	"busy": "Too many events wait for their tick: emit less often, or wait for the earlier ones to land.",
	"silent": "Nothing was heard for too long.",
	"lost": "The connection was lost.",
	"rewritten": "An event came for a tick that has been run: the other side broke the protocol.",
	"overflow": "More was received than may be held.",
	"replaced": "The same member connected from elsewhere.",
	"closing": "The server is shutting down.",
	"server_full": "The server runs all the sessions that it may: try again later, or another server.",
	"same_id": "Two peers go by the same id: give each process one of its own.",
	"forgotten": "The others have gone on without this peer for too long: start anew to take part again.",
	"again": "The other side has taken over the past of others: link with it again.",
	# Of this side alone.
	"payload_refused": "The payload cannot be carried: send null, booleans, numbers, strings, PackedByteArray, arrays and dictionaries with strings as keys.",
	"bad_url": "The address cannot be read: write ws://host:port/session, wss://host/session, or the port of a bridge.",
	"refused": "Nobody answers at that address: is the server running there?",
	"driven": "The group sametick is driven already, and a timeline has one reader: set auto_drive to false, or do not call mid_wait.",
}


## What a code means, and what to do about it.
static func sentence(code: String) -> String:
	return _SENTENCES.get(code, code)
