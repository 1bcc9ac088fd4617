/**
 * A connection that was lost and is taken up again: its rooms are given back to the session they were
 * joined under, and to no other. Loaded only where `recovery` is set.
 */
import type { Socket } from 'socket.io'
import { createHash } from '../builtin.ts'
import type { Identity } from '../session/visit.ts'

/** Of those without a stored session. */
const nobody = 'nobody'

/**
 * Checks a socket that has just connected, and prepares it for being lost.
 *
 * @param current - the identity the socket's events run under, asked when it goes
 */
export function watchRecovery(
  socket: Socket,
  identity: Identity,
  current: () => Identity | undefined,
): void {
  if (socket.recovered && socket.data.session !== markOf(identity)) {
    for (const room of socket.rooms) if (room !== socket.id) socket.leave(room)
  }
  // Socket.IO keeps the data along with the rooms, right after this.
  socket.once('disconnecting', () => {
    socket.data.session = markOf(current())
  })
}

/** Names a session without telling its id; what has ended is named like nothing that connects. */
function markOf(identity: Identity | undefined): string {
  if (!identity || identity.ended) return 'ended'
  if (!identity.stored) return nobody
  return createHash('sha256').update(identity.id).digest('base64url').slice(0, 16)
}
