/**
 * Rooms as Sails spells them, on Socket.IO's own rooms.
 */
import type { Server } from 'socket.io'

/** A request of a socket, a socket, or a socket's id. */
export type Member = string | { readonly id?: unknown; readonly socket?: unknown }

type Callback = (error?: unknown) => void

export interface Rooms {
  /** Puts sockets into a room. */
  join(members: Member | readonly Member[], room: string, callback?: Callback): void
  leave(members: Member | readonly Member[], room: string, callback?: Callback): void
  /** Sends to all in the rooms: `(rooms, event, data, omit)`; without an event it is `message`. */
  broadcast(rooms: string | readonly string[], ...rest: readonly unknown[]): void
  /** Sends to every socket: `(event, data, omit)`. */
  blast(...rest: readonly unknown[]): void
  /** The id of a socket or of the socket of a request; `undefined` for an HTTP request. */
  getId(member: Member): string | undefined
}

const defaultEvent = 'message'

export function createRooms(io: Server, warn: (message: string) => void): Rooms {
  function each(members: Member | readonly Member[], work: (id: string) => void): void {
    for (const member of [members].flat() as Member[]) {
      const id = getId(member)
      if (id === undefined)
        warn('sails.sockets: only a socket can be in a room, not an HTTP request')
      else work(id)
    }
  }

  return {
    join(members, room, callback) {
      each(members, (id) => io.in(id).socketsJoin(room))
      callback?.()
    },
    leave(members, room, callback) {
      each(members, (id) => io.in(id).socketsLeave(room))
      callback?.()
    },
    broadcast(rooms, ...rest) {
      const { event, data, omit } = readSending(rest)
      const all = [rooms].flat() as string[]
      // To Socket.IO no room means everyone.
      if (all.length > 0) io.to(all).except(omit).emit(event, data)
    },
    blast(...rest) {
      const { event, data, omit } = readSending(rest)
      io.except(omit).emit(event, data)
    },
    getId,
  }
}

function getId(member: unknown): string | undefined {
  if (typeof member === 'string') return member
  if (!isRecord(member)) return undefined
  const socket = isRecord(member['socket']) ? member['socket'] : member
  const { id } = socket
  return typeof id === 'string' && 'rooms' in socket ? id : undefined
}

/** `[event], data, [omit]`: the event is a text that data follows. */
function readSending(rest: readonly unknown[]): { event: string; data: unknown; omit: string[] } {
  const [first, second] = rest
  const isOmit = isRecord(second) && getId(second) !== undefined
  const hasEvent = typeof first === 'string' && (rest.length > 2 || (rest.length === 2 && !isOmit))
  const [event, data, omitted] = hasEvent ? [first, ...rest.slice(1)] : [defaultEvent, ...rest]
  const omit = getId(omitted)
  return { event, data, omit: omit === undefined ? [] : [omit] }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
