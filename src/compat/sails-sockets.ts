/**
 * `sails.sockets`: our rooms, with what Sails' own have beyond them and the errors its apps know.
 */
import type { Member, RoomNames, Rooms } from '../sockets/rooms.ts'

export interface SailsSockets extends Rooms {
  readonly DEFAULT_EVENT_NAME: 'message'
  /** Does nothing, as in Sails 1.x. */
  publishToFirehose(): void
}

/** @param rooms - the app's rooms */
export function createSailsSockets(rooms: Rooms): SailsSockets {
  function find(member: Member): ReturnType<Rooms['parseSocket']> {
    try {
      return rooms.parseSocket(member)
    } catch {
      return undefined
    }
  }

  return {
    ...rooms,
    DEFAULT_EVENT_NAME: 'message',
    publishToFirehose() {},
    /** A text alone is an event without data. */
    broadcast(names: RoomNames, ...rest: readonly unknown[]) {
      rooms.broadcast(names, ...withData(rest))
    },
    blast(...rest: readonly unknown[]) {
      rooms.blast(...withData(rest))
    },
    get(id) {
      const socket = find(id)
      if (!socket) throw noSuchSocket(id)
      return socket
    },
    parseSocket: find,
  }
}

function withData(rest: readonly unknown[]): readonly unknown[] {
  return rest.length === 1 && typeof rest[0] === 'string' ? [rest[0], undefined] : rest
}

function noSuchSocket(id: string): Error {
  const error = new Error(`No socket '${id}' is connected to this node`)
  return Object.assign(error, { code: 'SAILS:HOOK:SOCKETS:NO_SUCH_SOCKET', status: 404 })
}
