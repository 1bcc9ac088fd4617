/**
 * Moves of all who are in a room: done here, and told to other nodes, which do the same with theirs.
 */
import type { Server } from 'socket.io'
import { leaveRooms } from './farewell.ts'

/** The server-side event that says all who are in a room are to leave their rooms. */
export const roomLeft = 'catamaran:room-left'
/** The one that says those who are in some rooms are to join or leave others. */
export const membersMoved = 'catamaran:members-moved'

/** That those who are in the rooms `from` are to join or leave the rooms `to`. */
export interface Move {
  readonly verb: 'socketsJoin' | 'socketsLeave'
  readonly from: readonly string[]
  readonly to: readonly string[]
}

export function isMove(given: unknown): given is Move {
  const { verb, from, to } = Object(given) as Record<keyof Move, unknown>
  const isKnown = verb === 'socketsJoin' || verb === 'socketsLeave'
  return isKnown && Array.isArray(from) && Array.isArray(to)
}

/** Moves the sockets of this node. */
export function moveHere(io: Server, { verb, from, to }: Move): void {
  // To Socket.IO no room means everyone.
  if (from.length > 0) io.local.in([...from])[verb]([...to])
}

/** Takes the sockets of this node that are in a room out of all their rooms. */
export function leaveAllHere(io: Server, room: string): void {
  const { adapter, sockets } = io.of('/')
  for (const id of [...(adapter.rooms.get(room) ?? [])]) {
    const socket = sockets.get(id)
    if (socket) leaveRooms(socket)
  }
}
