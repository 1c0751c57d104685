/** Why a meeting point lets somebody go. On the wire a code is its place in this list: add at the end only. */
export const MEETING_REFUSALS = {
  version: 'The meeting point speaks another version of the protocol: update the older of the two.',
  malformed: 'The meeting point could not read what was said to it: update the older of the two.',
  bad_request: 'The meeting point was asked for something that is out of range.',
  fps_differs: 'The peers in that room run at another FPS: come with the same number.',
  app_differs: 'The peers in that room run another application or another version of it.',
  room_full: 'The room has all the peers that it may have: try again later, or another room.',
  unknown_room: 'There is no room of that name at this server.',
  server_full: 'The server has all the rooms that it may: try again later, or another server.',
  same_id: 'Another peer in that room goes by the same id: give each process one of its own.',
  replaced: 'The same peer came to the room again.',
  silent: 'Nothing was heard for too long.',
  overflow: 'More was sent than may be relayed.',
  closing: 'The server is shutting down.',
} as const

export type MeetingCode = keyof typeof MEETING_REFUSALS
