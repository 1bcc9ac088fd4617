/**
 * The farewell of a socket whose session has ended: out of its rooms, told why, and disconnected.
 */
import type { Socket } from 'socket.io'
import type { EndReason, Identity } from '../session/visit.ts'

/** Why, and whether its clients may come back at once. */
export interface Farewell {
  readonly reason: EndReason
  readonly reconnect: boolean
}

/** **Milliseconds** a client has to read why its session ended. */
const farewellTime = 500

/** Tells a socket, and lets it read that before it goes. */
export function sayFarewell(
  socket: Socket,
  identity: Identity | undefined,
  { reason, reconnect }: Farewell,
): void {
  if (identity) markEnded(identity, reason)
  leaveRooms(socket)
  socket.emit('session:ended', { reason, reconnect })
  setTimeout(() => socket.disconnect(true), farewellTime).unref()
}

/** What its events run under has ended. */
export function markEnded(identity: Identity, reason: Farewell['reason']): void {
  identity.ended = true
  identity.moved = reason === 'rotated'
}

/** Out of all rooms but its own. */
export function leaveRooms(socket: Socket): void {
  for (const room of socket.rooms) if (room !== socket.id) socket.leave(room)
}
