/**
 * The socket door: Socket.IO in front of the same walk. Each event opens the session its socket is bound
 * to, and is acknowledged after the commit.
 */
import { once } from 'node:events'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Express, Request, Response } from 'express'
import type { Server, Socket } from 'socket.io'
import type { Config } from '../config/schema.ts'
import type { AttachCookies } from '../session/cookies.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { SessionReport } from '../session/settings.ts'
import type { Clock, SessionStore } from '../session/store.ts'
import type { Ending } from '../session/visit.ts'
import type { Walk } from '../walk.ts'
import { createBindings } from './bindings.ts'
import { leaveRooms } from './farewell.ts'
import { createHandshake } from './handshake.ts'
import { watchLines } from './lines.ts'
import { createLive } from './live.ts'
import type { Nodes } from './nodes.ts'
import { createReceive, type Unserved } from './receive.ts'
import type { SailsProfile } from './sails-profile.ts'
import { createServe } from './serve.ts'
import { createIo } from './server.ts'
import { createTicketDesk } from './tickets.ts'
import { createUnderWay } from './under-way.ts'

export interface SocketDoorParts {
  readonly app: Express
  readonly server: HttpServer
  readonly config: Config
  readonly sessions: Sessions
  readonly clock: Clock
  readonly walk: Walk
  readonly attachCookies: AttachCookies
  /** What apps of Sails expect beyond the rest. */
  readonly profile?: SailsProfile | undefined
  info(message: string): void
  /** Told of each event, before anything else. */
  readonly watch?: (((req: Request, res: Response) => void) & Unserved) | undefined
  warn(message: string): void
  onError(error: unknown): void
}

export interface SocketDoor {
  readonly io: Server
  /**
   * Joins the other nodes that may serve the same sessions or rooms; to be done before anyone connects.
   *
   * @throws {CatamaranError} as `connectNodes`
   */
  join(store: SessionStore): Promise<void>
  /** Ends the sockets of an ended session, here and on the other nodes. */
  end(ending: Ending): void
  /** Asks the sockets to come back whose browser has another cookie now, here and on the other nodes. */
  replaced: NonNullable<SessionReport['replaced']>
  /** A socket's own event gave its session another id, or began an empty one. */
  moved: NonNullable<SessionReport['moved']>
  /** Public fields of a session were stored: tells its sockets, here and on the other nodes. */
  changed: NonNullable<SessionReport['changed']>
  /** Whether a request comes from a page of ours, or from none: by the handshake's rules. */
  isOwnPage(req: IncomingMessage): boolean
  /** Does what is due after a test has moved the clock. */
  clockMoved(): Promise<void>
  /** Lets events under way finish, for some **seconds** at most, then disconnects everyone. */
  close(patience: number): Promise<void>
}

export function createSocketDoor(parts: SocketDoorParts): SocketDoor {
  const { app, sessions, config } = parts
  const bindings = createBindings({
    fresh: sessions.fresh,
    secondsLeft: sessions.secondsLeft,
    lead: config.sockets.expiring || 0,
    clock: parts.clock,
  })
  const { publicFields } = sessions
  const live = publicFields && createLive(publicFields, bindings)
  const moment = { endings: bindings.endings, changes: live?.changes }
  const handshake = createHandshake({ ...parts, ...moment, prototype: app.request })
  const underWay = createUnderWay()
  const desk = createTicketDesk(parts)
  const serve = createServe({ ...parts, bindings, handshake, live, underWay, desk })
  const io = createIo(parts, { handshake, onConnection })
  Reflect.set(app, Symbol.for('catamaran.io'), io)
  const { onConnect, afterDisconnect } = parts.config.sockets
  const recovery = parts.config.sockets.recovery ? import('./recovery.ts') : undefined
  const receive = createReceive({ ...parts, limits: config.sockets.rate, handshake, serve })
  const hooks = onConnect || afterDisconnect ? loadHooks() : undefined
  let nodes: Nodes | undefined
  const lines = watchLines(parts.server, config.sockets.transports.includes('websocket'))

  async function loadHooks() {
    const { createHooks } = await import('./hooks.ts')
    return createHooks({ ...parts, requestOf: (socket) => Object.create(socket.request) })
  }

  function onConnection(socket: Socket): void {
    const shake = handshake.shakeOf(socket.request)
    if (!shake) {
      socket.disconnect(true)
      return
    }
    const { identity, life, since } = shake
    bindings.bind(socket, identity, since)
    if (identity.stored) bindings.livesFor(identity.id, life)
    desk.welcome(socket, shake)
    socket.onAny(receive)
    socket.on('disconnect', onDisconnect)
    // It ended while it was connecting: all there is left to do is said already.
    if (identity.ended) return
    if (!identity.stored) stray(socket)
    live?.welcome(socket, identity, shake)
    recovery?.then(({ watchRecovery }) => {
      watchRecovery(socket, identity, () => bindings.identityOf(socket))
    })
    if (onConnect) hooks?.then(({ run }) => run(onConnect, socket, identity))
  }

  /** It stands on nothing stored: what becomes of the cookie its browser has concerns it, too. */
  function stray(socket: Socket): void {
    const cookieId = desk.cookieIdOf(socket) ?? handshake.shakeOf(socket.request)?.cookieId
    const identity = bindings.identityOf(socket)
    if (identity && cookieId !== undefined && cookieId !== identity.id) {
      bindings.strayed(socket, cookieId)
    }
  }

  function emptied(owner: object): void {
    const socket = owner as Socket
    live?.emptied(socket)
    stray(socket)
  }

  function onDisconnect(this: Socket): void {
    const identity = bindings.identityOf(this)
    bindings.unbind(this)
    underWay.forget(this)
    if (afterDisconnect) hooks?.then(({ run }) => run(afterDisconnect, this, identity))
  }

  /** Closed, not disconnected: what Socket.IO's clients are disconnected from they do not come back to. */
  async function closeAll(): Promise<void> {
    const sockets = [...io.of('/').sockets.values()]
    const gone = sockets.map((socket) => once(socket, 'disconnect'))
    // A poll may be a while in coming: its client learns by it that it has to come back.
    for (const { conn } of sockets) conn.close(conn.transport.name === 'polling')
    await Promise.all(gone)
  }

  return {
    io,
    async join(store) {
      const { adapter } = config.sockets
      if (adapter === 'memory' || (adapter === undefined && store.reach !== 'nodes')) return
      const { connectNodes } = await import('./nodes.ts')
      nodes = await connectNodes({ ...parts, io, store, bindings, live })
    },
    end(ending) {
      bindings.end(ending)
      if (ending.owner) emptied(ending.owner)
      nodes?.tell(ending)
    },
    replaced(key, reason) {
      const farewell = { reason, reconnect: true }
      bindings.endByKey(key, farewell)
      nodes?.tellByKey(key, farewell)
    },
    moved(owner, to, how) {
      const socket = owner as Socket
      if (how === 'regenerated') leaveRooms(socket)
      bindings.bind(socket, to)
      if (how === 'regenerated') emptied(socket)
    },
    changed(id, fields) {
      live?.changed(id, fields)
      nodes?.changed(id)
    },
    isOwnPage: handshake.isOwnPage,
    clockMoved: bindings.clockMoved,
    async close(patience) {
      await underWay.settled(patience)
      const gone = closeAll()
      lines.cut()
      await gone
      await (await hooks)?.settled()
      bindings.close()
      io.engine.close()
      await nodes?.close()
    },
  }
}
