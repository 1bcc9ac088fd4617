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
      io.to([...[rooms].flat()])
        .except(omit)
        .emit(event, data)
    },
    blast(...rest) {
      const { event, data, omit } = readSending(rest)
      io.except(omit).emit(event, data)
    },
    getId,
  }
}

function getId(member: Member): string | undefined {
  if (typeof member === 'string') return member
  const socket = isRecord(member.socket) ? member.socket : member
  return typeof socket.id === 'string' && 'rooms' in socket ? socket.id : undefined
}

/** `[event], data, [omit]`: the event is a text that something follows. */
function readSending(rest: readonly unknown[]): { event: string; data: unknown; omit: string[] } {
  const [first] = rest
  const hasEvent = typeof first === 'string' && rest.length > 1
  const [data, omitted] = hasEvent ? rest.slice(1) : rest
  const omit =
    isRecord(omitted) || typeof omitted === 'string' ? getId(omitted as Member) : undefined
  return { event: hasEvent ? first : defaultEvent, data, omit: omit === undefined ? [] : [omit] }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
