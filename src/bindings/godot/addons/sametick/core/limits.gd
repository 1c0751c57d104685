extends RefCounted
## The limits of an instance, the same as every other implementation has: docs/protocol.md, chapter 7.

## Ticks a second: more is [code]bad_request[/code].
const FPS_MAX := 1000
## Bytes in an event's payload: [code]payload_too_large[/code] at the source.
const PAYLOAD_BYTES_MAX := 65_536
## Bytes in a message: longer ones are [code]malformed[/code].
const MESSAGE_BYTES_MAX := 65_536 + 256
## Bytes in a session's name, an application's id or a hint.
const TEXT_BYTES_MAX := 256
## Bytes that a member says of itself, or that go along with a pause.
const MEMBER_BYTES_MAX := 1_024
## Members of a session: [code]session_full[/code].
const MEMBERS_MAX := 1_024
## Own events without a stamp: the next is [code]busy[/code].
const UNSTAMPED_MAX := 256
## Rounds that are answered and not over: one more ends the instance with [code]overflow[/code].
const ROUNDS_MAX := 32
## Events in one sync: more are [code]malformed[/code].
const SYNC_EVENTS_MAX := 256
## Events held for ticks to come: one more ends the instance with [code]overflow[/code].
const PENDING_MAX := 108_192
## How long nothing may come before the instance ends itself with [code]silent[/code], in microseconds.
const SILENCE_MAX := 10_000_000
