/**
 * Live session: the sockets of a session are told its public fields when they connect, and what of them
 * changes, whoever changed it, on this node or another.
 */
import type { Socket } from 'socket.io'
import { newsIn, type PublicFields } from '../session/public-fields.ts'
import type { Fields } from '../session/settings.ts'
import type { Identity, Visit } from '../session/visit.ts'
import type { Bindings } from './bindings.ts'
import { createRecent } from './recent.ts'

export interface Live {
  /** How many changes there have been so far: to be kept when a handshake begins, for `welcome`. */
  changes(): number
  /** Tells a socket that has just been bound what its handshake found. */
  welcome(socket: Socket, identity: Identity, found: Found): void
  /** Public fields were stored on this node. */
  changed(id: string, fields: Fields): void
  /** They were on another one; of that nothing is known but the session. */
  changedByKey(key: string): void
  /** The socket stands on a session that holds nothing now. */
  emptied(socket: Socket): void
  /** Asks the store, and tells the sockets of a session what is new to them. */
  refresh(id: string): Promise<void>
  /** An event of a socket has seen its session: what is new in it others have stored unheard. */
  saw(visit: Visit): void
}

interface Found {
  readonly fields?: Fields | undefined
  /** What `changes()` gave before the session was looked up. */
  readonly sinceChange: number
}

type Standing = Pick<Bindings, 'socketsOf' | 'keyOf' | 'idOf'>

export function createLive(publicFields: PublicFields, { socketsOf, keyOf, idOf }: Standing): Live {
  const told = new WeakMap<Socket, Fields>()
  const recent = createRecent<true>()
  /** Sessions the store is being asked about, and whether that began too early to count. */
  const asked = new Map<string, boolean>()

  function tell(socket: Socket, fields: Fields): void {
    const news = newsIn(told.get(socket), fields)
    told.set(socket, fields)
    if (news) socket.emit('session:changed', news)
  }

  function show(id: string, fields: Fields): void {
    for (const socket of socketsOf(id)) tell(socket, fields)
  }

  function welcome(socket: Socket, { id }: Identity, { fields, sinceChange }: Found): void {
    if (fields) tell(socket, fields)
    if (recent.since(sinceChange, [id, keyOf(id) ?? id])) void refresh(id)
  }

  function changed(id: string, fields: Fields): void {
    recent.add(id, true)
    show(id, fields)
    // Another node may have stored something else since, and told of it before this was shown.
    void refresh(id)
  }

  function changedByKey(key: string): void {
    recent.add(key, true)
    const id = idOf(key)
    if (id !== undefined) void refresh(id)
  }

  /** One question at a time: what is shown last was stored last. */
  async function refresh(id: string): Promise<void> {
    const isUnderWay = asked.has(id)
    asked.set(id, true)
    if (isUnderWay) return
    while (asked.get(id)) {
      asked.set(id, false)
      // Of a store that is down the next event knows more.
      const fields = await publicFields.read(id).catch(() => undefined)
      if (fields && !asked.get(id)) show(id, fields)
    }
    asked.delete(id)
  }

  function saw({ owner, identity, request: { session } }: Visit): void {
    const socket = owner as Socket
    if (!session || !identity.stored || identity.ended) return
    if (newsIn(told.get(socket), publicFields.shownBy(session))) void refresh(identity.id)
  }

  return {
    changes: recent.count,
    welcome,
    changed,
    changedByKey,
    emptied: (socket) => tell(socket, publicFields.none),
    refresh,
    saw,
  }
}
