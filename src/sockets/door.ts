/**
 * The socket door: Socket.IO in front of the same walk. Each event opens the session its socket is bound
 * to, and is acknowledged after the commit.
 */
import type { Server as HttpServer } from 'node:http'
import type { Express, NextFunction, Request, Response } from 'express'
import type { Server, Socket } from 'socket.io'
import type { Config } from '../config/schema.ts'
import type { AttachCookies } from '../session/cookies.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Ending, Visit } from '../session/visit.ts'
import type { Walk } from '../walk.ts'
import { createBindings } from './bindings.ts'
import { createHandshake } from './handshake.ts'
import { watchLines } from './lines.ts'
import { type Message, parseFault, readMessage, verbs } from './message.ts'
import { createIo } from './server.ts'
import { createUnderWay } from './under-way.ts'
import { createVirtualPair, type VirtualPair } from './virtual.ts'

export interface SocketDoorParts {
  readonly app: Express
  readonly server: HttpServer
  readonly config: Config
  readonly sessions: Sessions
  readonly walk: Walk
  readonly attachCookies: AttachCookies
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

type Reply = (answer: unknown) => void

interface Incoming {
  readonly verb: string
  readonly message: Message
  readonly reply: Reply | undefined
}

export function createSocketDoor(parts: SocketDoorParts): SocketDoor {
  const { app, sessions, walk, onError } = parts
  const { session } = parts.config
  const bindings = createBindings(sessions)
  const handshake = createHandshake({ ...parts, prototype: app.request })
  const createPair = createVirtualPair(app)
  const warnOfCookie = once(parts.warn)
  const underWay = createUnderWay()
  const io = createIo(parts, { handshake, onConnection })
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
    const message = readMessage(args[0])
    if (typeof message !== 'string') serve(this, { verb, message, reply })
    else if (reply) reply(parseFault(message))
    else this.emit('sails:parseError', parseFault(message))
  }

  function serve(socket: Socket, { verb, message, reply }: Incoming): void {
    const shake = handshake.shakeOf(socket.request)
    if (!shake) return
    let visit: Visit | undefined
    // Not at once: code that runs synchronously after the answer is still saved.
    const ended = () => process.nextTick(settle)
    const pair = createPair({ verb, message, socket, shake, ended })
    const { req, res } = pair

    async function settle(): Promise<void> {
      const opened = visit
      visit = undefined
      try {
        if (opened) await sessions.commit(opened)
      } catch (error) {
        // The client must not learn of what was not stored.
        res.startOver()
        walk.fail(error, req, res)
        return
      }
      acknowledge(pair, opened, reply)
      underWay.end(socket)
    }

    underWay.begin(socket)
    open(socket, req)
      .then((opened) => {
        visit = opened
        follow(pair)
      })
      .catch((error: unknown) => walk.fail(error, req, res))
  }

  /** The session, as the HTTP door opens it by middleware. */
  async function open(socket: Socket, req: Request): Promise<Visit | undefined> {
    if (session.isSessionDisabled?.(req)) return undefined
    const options = walk.matchOf(req)?.route.options
    if (options?.session === false) return undefined
    const identity = bindings.identityOf(socket) ?? { id: '', stored: false, ended: true }
    return sessions.resume(req, { identity, owner: socket, whenDown: options?.onStoreError })
  }

  function follow({ req, res }: VirtualPair): void {
    req.next = ((error?: unknown) => {
      if (error) walk.fail(error, req, res)
      else res.notFound()
    }) as NextFunction
    walk.follow(req, res, req.next)
  }

  function acknowledge(
    { req, res }: VirtualPair,
    visit: Visit | undefined,
    reply: Reply | undefined,
  ): void {
    if (visit?.identity.stored && !visit.identity.ended) {
      bindings.livesFor(visit.identity.id, sessions.lifeOf(visit))
    }
    if (res.hasHeader('set-cookie')) {
      warnOfCookie(
        `res.cookie over a socket (${req.path}) does nothing: cookies travel over HTTP only`,
      )
    }
    try {
      reply?.(res.toAck())
    } catch (error) {
      // What the action answered can't be encoded.
      onError(error)
      reply?.({ statusCode: 500, headers: {}, body: 'Internal Server Error' })
    }
    tell(res, 'finish')
    tell(res, 'close')
  }

  /** What listens here runs after everything: nobody but the log is left to hear of its errors. */
  function tell(res: Response, event: string): void {
    try {
      res.emit(event)
    } catch (error) {
      onError(error)
    }
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

function once(tell: (message: string) => void): (message: string) => void {
  let told = false
  return (message) => {
    if (!told) tell(message)
    told = true
  }
}
