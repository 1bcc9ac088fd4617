/**
 * Rooms as Sails spells them, on Socket.IO's own rooms: across nodes where an adapter carries them.
 */
import type { Request } from 'express'
import type { Server, Socket } from 'socket.io'
import { CatamaranError } from '../errors.ts'
import { leaveAllHere, type Move, membersMoved, moveHere, roomLeft } from './moves.ts'

/** A request of a socket, a socket, or a socket's id. */
export type Member = string | { readonly id?: unknown; readonly socket?: unknown }

/** One room or several. */
export type RoomNames = string | readonly string[]

type Callback = (error?: unknown) => void

export interface Rooms {
  /**
   * Puts sockets into a room.
   *
   * @throws {CatamaranError} `E_NOT_A_SOCKET` for an HTTP request; given to the callback where there is one
   */
  join(members: Member | readonly Member[], room: string, callback?: Callback): void
  /** Takes sockets out of a room; throws as `join` does. */
  leave(members: Member | readonly Member[], room: string, callback?: Callback): void
  /** Takes all who are in a room out of it and out of all other rooms, as Sails does. */
  leaveAll(room: string, ...rest: readonly unknown[]): void
  /** Puts all who are in the rooms `from` into the rooms `to` as well. */
  addRoomMembersToRooms(from: RoomNames, to: RoomNames, callback?: Callback): void
  /** Takes all who are in the rooms `from` out of the rooms `to`. */
  removeRoomMembersFromRooms(from: RoomNames, to: RoomNames, callback?: Callback): void
  /** Sends to all in the rooms: `(rooms, event, data, omit)`; without an event it is `message`. */
  broadcast(rooms: RoomNames, ...rest: readonly unknown[]): void
  /** Sends to every socket: `(event, data, omit)`. */
  blast(...rest: readonly unknown[]): void
  /**
   * The socket of an id, if it is connected to this node.
   *
   * @throws {CatamaranError} `E_NO_SUCH_SOCKET`
   */
  get(id: string): Socket
  /** The id of a socket or of the socket of a request; `undefined` for an HTTP request. */
  getId(member: Member): string | undefined
  /** The socket itself, of whatever stands for one; `undefined` for an HTTP request. */
  parseSocket(member: Member): Socket | undefined
}

const defaultEvent = 'message'
/** Under which the door leaves its server on the app. */
const key = Symbol.for('catamaran.io')

/**
 * The rooms of the app a request came to, on either door.
 *
 * @throws {CatamaranError} `E_NO_ROOMS` when the request is of no lifted app
 */
export function roomsOf(req: Pick<Request, 'app'>): Rooms {
  const io: unknown = Reflect.get(req.app, key)
  if (!isServer(io)) throw new CatamaranError('E_NO_ROOMS')
  return createRooms(io)
}

/** @param tolerate - told of HTTP requests that were to join or leave a room, in place of an error */
export function createRooms(io: Server, tolerate?: (message: string) => void): Rooms {
  function each(members: Member | readonly Member[], work: (id: string) => void): void {
    const ids = ([members].flat() as Member[]).map(getId)
    if (ids.includes(undefined)) {
      const error = new CatamaranError('E_NOT_A_SOCKET')
      if (!tolerate) throw error
      tolerate(error.message)
    }
    for (const id of ids) if (id !== undefined) work(id)
  }

  return {
    join(members, room, callback) {
      told(callback, () => each(members, (id) => membersAt(id).socketsJoin(room)))
    },
    leave(members, room, callback) {
      told(callback, () => each(members, (id) => membersAt(id).socketsLeave(room)))
    },
    leaveAll(room, ...rest) {
      const callback = rest.find((value) => typeof value === 'function') as Callback | undefined
      told(callback, () => {
        leaveAllHere(io, room)
        if (hasListeners(roomLeft)) io.serverSideEmit(roomLeft, room)
        // A socket stays in the room of its own id.
        else if (!io.sockets.sockets.has(room)) io.in(room).socketsLeave(room)
      })
    },
    addRoomMembersToRooms(from, to, callback) {
      told(callback, () => move({ verb: 'socketsJoin', from: listOf(from), to: listOf(to) }))
    },
    removeRoomMembersFromRooms(from, to, callback) {
      told(callback, () => move({ verb: 'socketsLeave', from: listOf(from), to: listOf(to) }))
    },
    broadcast(rooms, ...rest) {
      const { event, data, omit } = readSending(rest)
      membersOf(rooms)?.except(omit).emit(event, data)
    },
    blast(...rest) {
      const { event, data, omit } = readSending(rest)
      io.except(omit).emit(event, data)
    },
    get,
    getId,
    parseSocket(member) {
      const id = getId(member)
      return id === undefined ? undefined : get(id)
    },
  }

  function get(id: string): Socket {
    const socket = io.sockets.sockets.get(id)
    if (!socket) throw new CatamaranError('E_NO_SUCH_SOCKET', [id])
    return socket
  }

  /** A socket of this node at once; an adapter would send the wish round through all of them. */
  function membersAt(id: string) {
    return io.sockets.sockets.has(id) ? io.local.in(id) : io.in(id)
  }

  /** Those of this node at once: an adapter would come to them last, after what is sent there next. */
  function move(wish: Move): void {
    if (hasListeners(membersMoved)) {
      moveHere(io, wish)
      io.serverSideEmit(membersMoved, wish)
    } else membersOf(wish.from)?.[wish.verb]([...wish.to])
  }

  /** Only where other nodes are connected somebody listens. */
  function hasListeners(event: string): boolean {
    return io.of('/').listenerCount(event) > 0
  }

  /** To Socket.IO no room means everyone; here it is nobody. */
  function membersOf(rooms: RoomNames) {
    const all = listOf(rooms)
    return all.length > 0 ? io.in(all) : undefined
  }
}

function listOf(rooms: RoomNames): string[] {
  return [rooms].flat() as string[]
}

/** Runs it, and tells the callback how it went; without one an error is thrown. */
function told(callback: Callback | undefined, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!callback) throw error
    callback(error)
    return
  }
  callback?.()
}

function isServer(value: unknown): value is Server {
  return isRecord(value) && typeof value['in'] === 'function'
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
