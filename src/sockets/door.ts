/**
 * The socket door: Socket.IO in front of the same walk. Each event opens the session its socket is bound
 * to, and is acknowledged after the commit.
 */
import type { Server as HttpServer } from 'node:http'
import type { Express } from 'express'
import type { Server, Socket } from 'socket.io'
import type { Config } from '../config/schema.ts'
import type { AttachCookies } from '../session/cookies.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Ending } from '../session/visit.ts'
import type { Walk } from '../walk.ts'
import { createBindings } from './bindings.ts'
import { createHandshake } from './handshake.ts'
import { watchLines } from './lines.ts'
import { parseFault, readMessage, verbs } from './message.ts'
import type { SailsProfile } from './sails-profile.ts'
import { createServe, type Reply } from './serve.ts'
import { createIo } from './server.ts'
import { createUnderWay } from './under-way.ts'

export interface SocketDoorParts {
  readonly app: Express
  readonly server: HttpServer
  readonly config: Config
  readonly sessions: Sessions
  readonly walk: Walk
  readonly attachCookies: AttachCookies
  /** What apps of Sails expect beyond the rest. */
  readonly profile?: SailsProfile | undefined
  warn(message: string): void
  onError(error: unknown): void
}

export interface SocketDoor {
  readonly io: Server
  /** Ends the sockets of an ended session. */
  end(ending: Ending): void
  /** Lets events under way finish, for some **seconds** at most, then disconnects everyone. */
  close(patience: number): Promise<void>
}

export function createSocketDoor(parts: SocketDoorParts): SocketDoor {
  const { app, sessions } = parts
  const bindings = createBindings(sessions)
  const handshake = createHandshake({ ...parts, prototype: app.request })
  const underWay = createUnderWay()
  const serve = createServe({ ...parts, bindings, handshake, underWay })
  const io = createIo(parts, { handshake, onConnection })
  Reflect.set(app, Symbol.for('catamaran.io'), io)
  const lines = watchLines(parts.server)

  function onConnection(socket: Socket): void {
    const shake = handshake.shakeOf(socket.request)
    if (!shake) {
      socket.disconnect(true)
      return
    }
    const { identity, life } = shake
    bindings.bind(socket, identity)
    if (identity.stored) bindings.livesFor(identity.id, life)
    socket.onAny(onEvent)
    socket.on('disconnect', onDisconnect)
  }

  function onDisconnect(this: Socket): void {
    bindings.unbind(this)
    underWay.forget(this)
  }

  /** One function for the events of all sockets: `this` is the socket. */
  function onEvent(this: Socket, verb: string, ...args: unknown[]): void {
    const last = args.at(-1)
    const reply = typeof last === 'function' ? (last as Reply) : undefined
    if (!verbs.has(verb)) {
      reply?.({ statusCode: 404, headers: {}, body: 'Not Found' })
      return
    }
    const message = handshake.shakeOf(this.request)?.fault ?? readMessage(args[0])
    if (typeof message !== 'string') serve(this, { verb, message, reply })
    else if (reply) reply(parseFault(message))
    else this.emit('sails:parseError', parseFault(message))
  }

  return {
    io,
    end: bindings.end,
    async close(patience) {
      await underWay.settled(patience)
      bindings.close()
      io.disconnectSockets(true)
      io.engine.close()
      lines.cut()
    },
  }
}
