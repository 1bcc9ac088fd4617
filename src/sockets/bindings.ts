/**
 * Bindings: which socket stands on which session. When a session ends, all its sockets end here, whoever
 * ended it, on this node or another; when it expires without traffic, a timer finds out. Reads and writes
 * no session itself.
 */
import type { Socket } from 'socket.io'
import type { Span } from '../session/life.ts'
import type { Clock } from '../session/store.ts'
import type { Ending, Identity } from '../session/visit.ts'
import type { CheckOptions } from './checks.ts'
import { createExpiry, createWatch, type Watch } from './expiry.ts'
import { type Farewell, leaveRooms, markEnded, sayFarewell } from './farewell.ts'
import { createRecent } from './recent.ts'
import { createStrays } from './strays.ts'

export interface BindingOptions {
  /** A fresh identity, for the socket whose own event ended its session. */
  fresh(): Identity
  /** **Seconds** left of a session's life: 0 when it is over, `undefined` when nobody can tell. */
  secondsLeft(id: string): Promise<number | undefined>
  /** **Seconds** before its end that the sockets of a session are told of it. */
  readonly lead: number
  readonly clock: Clock
}

/** What to ask, and why the sessions are over that are gone; by their time unless it is said. */
export interface Check extends Pick<CheckOptions, 'also'> {
  readonly farewell?: Farewell
}

export interface Bindings {
  /** How many sessions have ended so far: to be kept when a handshake begins, for `bind`. */
  endings(): number
  /**
   * Puts a socket on its session.
   *
   * @param since - what `endings()` gave before the session was looked up; one that has ended since then
   *   ends the socket
   */
  bind(socket: Socket, identity: Identity, since?: number): void
  /** The identity the socket's next event runs under. */
  identityOf(socket: Socket): Identity | undefined
  unbind(socket: Socket): void
  /** The browser's cookie names another session than the one that this socket stands on, unstored. */
  strayed(socket: Socket, cookieId: string): void
  /** What is left of the life of the session of this id from now, as far as this node knows. */
  livesFor(id: string, life: Span): void
  /** Ends the sockets of a session; the one whose own event ended it stays, with a fresh id. */
  end(ending: Ending): void
  /** Knows sessions from now on by what stands for their ids between nodes, too; before any socket is bound. */
  share(keyOf: (id: string) => string): void
  /** What stands for an id between nodes; `undefined` where there are no others. */
  keyOf(id: string): string | undefined
  /** The id of a session that sockets here stand on. */
  idOf(key: string): string | undefined
  /** The sockets that stand on a session. */
  socketsOf(id: string): Iterable<Socket>
  /** Ends the sockets of a session of which only its key may be known; alone, a node's keys are its ids. */
  endByKey(key: string, farewell: Farewell): void
  /** Asks the store about all sessions here, a few at a time: other nodes may have ended some unheard. */
  checkAll(options?: Check): Promise<void>
  /** Does what is due after a test has moved the clock. */
  clockMoved(): Promise<void>
  /** Stops all timers. */
  close(): void
}

/** The sockets of one session. */
interface Group extends Watch {
  readonly sockets: Set<Socket>
  /** What stands for the id between nodes. */
  readonly key: string | undefined
}

export function createBindings({ fresh, ...options }: BindingOptions): Bindings {
  const identities = new Map<Socket, Identity>()
  const groups = new Map<string, Group>()
  const idsByKey = new Map<string, string>()
  const recent = createRecent<Farewell>()
  const strays = createStrays()
  let keyOf: ((id: string) => string) | undefined

  const expiry = createExpiry({
    ...options,
    expiring(id, seconds) {
      for (const socket of socketsOf(id)) socket.emit('session:expiring', { in: seconds })
    },
    expired: overBy({ reason: 'expired', reconnect: true }),
  })

  function bind(socket: Socket, identity: Identity, since = recent.count()): void {
    const { id } = identity
    const key = keyOf?.(id)
    const missed = recent.since(since, key === undefined ? [id] : [id, key])
    if (missed) {
      sayFarewell(socket, identity, missed)
      return
    }
    unbind(socket)
    identities.set(socket, identity)
    const known = groups.get(id)
    if (known) known.sockets.add(socket)
    else groups.set(id, { sockets: new Set([socket]), key, ...createWatch() })
    if (key !== undefined) idsByKey.set(key, id)
  }

  function unbind(socket: Socket): void {
    strays.drop(socket)
    const id = identities.get(socket)?.id
    if (id === undefined) return
    identities.delete(socket)
    const group = groups.get(id)
    group?.sockets.delete(socket)
    if (group?.sockets.size !== 0) return
    expiry.stop(group)
    groups.delete(id)
    if (group.key !== undefined) idsByKey.delete(group.key)
  }

  function socketsOf(id: string): Iterable<Socket> {
    return groups.get(id)?.sockets ?? []
  }

  function livesFor(id: string, life: Span): void {
    const group = groups.get(id)
    if (group) expiry.livesFor(id, group, life)
  }

  function end({ id, reason, reconnect, owner }: Ending): void {
    recent.add(id, { reason, reconnect })
    for (const socket of socketsOf(id)) {
      const identity = identities.get(socket)
      if (socket === owner) {
        if (identity) markEnded(identity, reason)
        leaveRooms(socket)
        bind(socket, fresh())
      } else {
        unbind(socket)
        sayFarewell(socket, identity, { reason, reconnect })
      }
    }
    endStrays(signOf(id), { reason, reconnect })
  }

  function endStrays(sign: string, farewell: Farewell): void {
    for (const socket of strays.of(sign)) {
      const identity = identities.get(socket)
      // It may have a session of its own by now.
      if (identity?.stored) continue
      unbind(socket)
      sayFarewell(socket, identity, farewell)
    }
  }

  function signOf(id: string): string {
    return keyOf?.(id) ?? id
  }

  function endByKey(key: string, farewell: Farewell): void {
    recent.add(key, farewell)
    const id = keyOf ? idsByKey.get(key) : key
    if (id !== undefined) end({ id, ...farewell, owner: undefined })
    else endStrays(key, farewell)
  }

  function overBy(farewell: Farewell): (id: string) => void {
    return (id) => end({ id, ...farewell, owner: undefined })
  }

  function close(): void {
    for (const group of groups.values()) expiry.stop(group)
    groups.clear()
    identities.clear()
    idsByKey.clear()
  }

  return {
    endings: recent.count,
    bind,
    identityOf: (socket) => identities.get(socket),
    unbind,
    strayed: (socket, cookieId) => strays.add(socket, signOf(cookieId)),
    livesFor,
    end,
    share(given) {
      keyOf = given
    },
    keyOf: (id) => keyOf?.(id),
    idOf: (key) => idsByKey.get(key),
    socketsOf,
    endByKey,
    async checkAll({ also, farewell } = {}) {
      const { checkAll } = await import('./checks.ts')
      await checkAll(groups, expiry, { also, over: farewell && overBy(farewell) })
    },
    async clockMoved() {
      const { lookAtAll } = await import('./checks.ts')
      await lookAtAll(groups, expiry)
    },
    close,
  }
}
