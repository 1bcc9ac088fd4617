/**
 * Bindings: which socket stands on which session. When a session ends, all its sockets end here, whoever
 * ended it; when it expires without traffic, a timer finds out. Reads and writes no session itself.
 */
import type { Socket } from 'socket.io'
import type { Ending, Identity } from '../session/visit.ts'

export interface BindingOptions {
  /** A fresh identity, for the socket whose own event ended its session. */
  fresh(): Identity
  /** Whether a session's record is still there. */
  isAlive(id: string): Promise<boolean>
}

export interface Bindings {
  bind(socket: Socket, identity: Identity): void
  /** The identity the socket's next event runs under. */
  identityOf(socket: Socket): Identity | undefined
  unbind(socket: Socket): void
  /** The session of this id lives for so many **seconds** from now, as far as this node knows. */
  livesFor(id: string, seconds: number): void
  /** Ends the sockets of a session; the one whose own event ended it stays, with a fresh id. */
  end(ending: Ending): void
  /** Stops all timers. */
  close(): void
}

/** The sockets of one session. */
interface Group {
  readonly sockets: Set<Socket>
  /** **Milliseconds** of its latest known life, and until when that lasts. */
  life: number
  aliveUntil: number
  timer: NodeJS.Timeout | undefined
}

/** **Milliseconds** a client has to read why its session ended. */
const farewell = 500
/** Node's timers overflow above 24.8 days; once a day is often enough. */
const longestTimer = 86_400_000
const shortestTimer = 1000

export function createBindings({ fresh, isAlive }: BindingOptions): Bindings {
  const identities = new Map<Socket, Identity>()
  const groups = new Map<string, Group>()

  function bind(socket: Socket, identity: Identity): void {
    unbind(socket)
    identities.set(socket, identity)
    const known = groups.get(identity.id)
    if (known) known.sockets.add(socket)
    else {
      const sockets = new Set([socket])
      groups.set(identity.id, { sockets, life: 0, aliveUntil: 0, timer: undefined })
    }
  }

  function unbind(socket: Socket): void {
    const id = identities.get(socket)?.id
    if (id === undefined) return
    identities.delete(socket)
    const group = groups.get(id)
    group?.sockets.delete(socket)
    if (group?.sockets.size !== 0) return
    clearTimeout(group.timer)
    groups.delete(id)
  }

  function livesFor(id: string, seconds: number): void {
    const group = groups.get(id)
    if (!group) return
    group.life = seconds * 1000
    group.aliveUntil = Math.max(group.aliveUntil, Date.now() + group.life)
    group.timer ??= arm(id, group, group.life)
  }

  function arm(id: string, group: Group, milliseconds: number): NodeJS.Timeout {
    const wait = Math.min(Math.max(milliseconds, shortestTimer), longestTimer)
    return setTimeout(check, wait, id, group).unref()
  }

  /** The life is over as far as this node knows; another, or HTTP, may have renewed it. */
  async function check(id: string, group: Group): Promise<void> {
    const left = group.aliveUntil - Date.now()
    // A store that is down ends nothing.
    const alive = left > 0 || (await isAlive(id).catch(() => true))
    if (groups.get(id) !== group) return
    // How long it lives on only the store knows: it is asked again after a tenth of its life.
    if (alive) group.timer = arm(id, group, left > 0 ? left : group.life / 10)
    else end({ id, reason: 'expired', reconnect: true, owner: undefined })
  }

  function end({ id, reason, reconnect, owner }: Ending): void {
    for (const socket of groups.get(id)?.sockets ?? []) {
      const identity = identities.get(socket)
      if (identity) identity.ended = true
      leaveRooms(socket)
      if (socket === owner) {
        bind(socket, fresh())
      } else {
        unbind(socket)
        socket.emit('session:ended', { reason, reconnect })
        setTimeout(() => socket.disconnect(true), farewell).unref()
      }
    }
  }

  function close(): void {
    for (const { timer } of groups.values()) clearTimeout(timer)
    groups.clear()
    identities.clear()
  }

  const identityOf = (socket: Socket) => identities.get(socket)
  return { bind, identityOf, unbind, livesFor, end, close }
}

/** Out of all rooms but its own. */
function leaveRooms(socket: Socket): void {
  for (const room of socket.rooms) if (room !== socket.id) socket.leave(room)
}
