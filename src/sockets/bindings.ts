/**
 * Bindings: which socket stands on which session. When a session ends, all its sockets end here, whoever
 * ended it; when it expires without traffic, a timer finds out. Reads and writes no session itself.
 */
import type { Socket } from 'socket.io'
import type { Span } from '../session/life.ts'
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
  /** What is left of the life of the session of this id from now, as far as this node knows. */
  livesFor(id: string, life: Span): void
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
  /** When it ends whatever is done, in **milliseconds** since the epoch. */
  endsAt: number
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
      groups.set(identity.id, {
        sockets,
        life: 0,
        aliveUntil: 0,
        endsAt: Infinity,
        timer: undefined,
      })
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

  function livesFor(id: string, { seconds, atMost }: Span): void {
    const group = groups.get(id)
    if (!group) return
    const now = Date.now()
    group.life = seconds * 1000
    group.aliveUntil = Math.max(group.aliveUntil, now + group.life)
    const isNew = group.endsAt === Infinity && atMost !== Infinity
    group.endsAt = Math.min(group.endsAt, now + atMost * 1000)
    // The timer doesn't know yet of an end that comes before it.
    if (isNew) clearTimeout(group.timer)
    if (isNew || !group.timer) group.timer = arm(id, group, group.life)
  }

  function arm(id: string, group: Group, milliseconds: number): NodeJS.Timeout {
    const wait = Math.min(Math.max(milliseconds, shortestTimer), longestTimer)
    // A little later than the end: then the store agrees that it is over.
    const left = group.endsAt - Date.now() + 20
    return setTimeout(check, left > 0 ? Math.min(wait, left) : wait, id, group).unref()
  }

  /** The life is over as far as this node knows; another, or HTTP, may have renewed it. */
  async function check(id: string, group: Group): Promise<void> {
    const left = Math.min(group.aliveUntil, group.endsAt) - Date.now()
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
      if (identity) Object.assign(identity, { ended: true, moved: reason === 'rotated' })
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
