/**
 * One event, from its message to its acknowledgement: the session is opened, the walk is walked, and
 * nothing is acknowledged before the commit.
 */
import type { Express, NextFunction, Request, Response } from 'express'
import type { Socket } from 'socket.io'
import type { Config } from '../config/schema.ts'
import { CatamaranError } from '../errors.ts'
import type { Sessions } from '../session/lifecycle.ts'
import type { Visit } from '../session/visit.ts'
import type { Walk } from '../walk.ts'
import { createTrim } from './answer.ts'
import type { Bindings } from './bindings.ts'
import { eventAnswer } from './events.ts'
import type { Handshake, Shake } from './handshake.ts'
import type { Live } from './live.ts'
import type { Message } from './message.ts'
import type { SailsProfile } from './sails-profile.ts'
import type { TicketDesk } from './tickets.ts'
import type { UnderWay } from './under-way.ts'
import { createVirtualPair, type VirtualPair } from './virtual.ts'

export type Reply = (answer: unknown) => void

/** One event; as an event of the app's own, its route's verb is `on`. */
export interface Incoming {
  readonly verb: string
  readonly message: Message
  readonly reply: Reply | undefined
}

/** An event that is being served. */
interface Served extends VirtualPair {
  readonly socket: Socket
  readonly message: Message
  readonly reply: Reply | undefined
  /** Its session, until its answer is settled. */
  visit: Visit | undefined
}

/** Work that may take a wait, and what follows it. */
interface Stage {
  does(visit: Visit, served: Served): unknown
  next(served: Served, visit: Visit | undefined): void
}

export interface ServeParts {
  readonly app: Express
  readonly config: Config
  readonly sessions: Sessions
  readonly walk: Walk
  readonly profile?: SailsProfile | undefined
  readonly bindings: Bindings
  readonly handshake: Handshake
  readonly live: Live | undefined
  readonly underWay: UnderWay
  /** Told of each event, before anything else. */
  readonly watch?: ((req: Request, res: Response) => void) | undefined
  readonly desk: TicketDesk
  warn(message: string): void
  onError(error: unknown): void
}

/** Serves one event of a socket. */
export type Serve = (socket: Socket, incoming: Incoming) => void

export function createServe(parts: ServeParts): Serve {
  const { app, sessions, walk, profile, bindings, handshake, live, underWay, desk, onError } = parts
  const { session } = parts.config
  const createPair = createVirtualPair(app, profile?.responseMembers)
  const shown = createTrim(parts.config.sockets)
  const warnOfCookie = once(parts.warn)

  function serve(socket: Socket, { verb, message, reply }: Incoming): void {
    const shake = handshake.shakeOf(socket.request)
    if (!shake) return
    // Not at once: code that runs synchronously after the answer is still saved.
    const ended = () => process.nextTick(settle, served)
    const pair = createPair({ verb, message, socket, shake, ended })
    const served: Served = { ...pair, socket, message, reply, visit: undefined }
    parts.watch?.(pair.req, pair.res)
    underWay.begin(socket)
    try {
      const opened = open(served, shake)
      if (opened instanceof Promise) {
        opened.then(
          (visit) => begin(served, visit),
          (error: unknown) => fail(served, error),
        )
      } else begin(served, opened)
    } catch (error) {
      fail(served, error)
    }
  }

  function begin(served: Served, visit: Visit | undefined): void {
    served.visit = visit
    try {
      follow(served)
    } catch (error) {
      fail(served, error)
    }
  }

  function fail({ req, res }: Served, error: unknown): void {
    walk.fail(error, req, res)
  }

  /** What stands between an answer and its acknowledgement; the client's cookie travels before the answer. */
  const sending: Stage = {
    does: (visit, { res }) => desk.afterCommit(visit, res),
    next: acknowledge,
  }
  const storing: Stage = {
    does: (visit) => sessions.commit(visit),
    next: (served, visit) => pass(served, visit, sending),
  }

  function settle(served: Served): void {
    const { visit } = served
    served.visit = undefined
    pass(served, visit, storing)
  }

  /** Goes on when a stage is done: at once where there is nothing to wait for. */
  function pass(served: Served, visit: Visit | undefined, { does, next }: Stage): void {
    try {
      const waiting = visit && does(visit, served)
      if (waiting instanceof Promise) {
        waiting.then(
          () => next(served, visit),
          (error: unknown) => refuse(served, error),
        )
        return
      }
    } catch (error) {
      refuse(served, error)
      return
    }
    next(served, visit)
  }

  /** The client must not learn of what was not stored; an answer that tells of a failure itself may stay. */
  function refuse(served: Served, error: unknown): void {
    const { req, res } = served
    if (res.statusCode >= 500) {
      acknowledge(served, undefined)
    } else {
      res.startOver()
      walk.fail(error, req, res)
    }
  }

  /** The session, as the HTTP door opens it by middleware. */
  function open(served: Served, shake: Shake): Visit | undefined | Promise<Visit> {
    const { req, socket } = served
    if (req.method !== 'ON' && session.isSessionDisabled?.(req)) return undefined
    if (profile && refusesSession(served, shake)) return undefined
    const options = walk.matchOf(req)?.route.options
    if (options?.session === false) return undefined
    const identity = bindings.identityOf(socket) ?? { id: '', stored: false, ended: true }
    const { onStoreError: whenDown, activity } = options ?? {}
    const renewable = desk.isRenewable(socket)
    const bound = { identity, owner: socket, renewable, whenDown, activity }
    return (profile ?? sessions).resume(req, bound)
  }

  function follow({ req, res, message }: Served): void {
    if (profile) req.body = profile.bodyOf(req)
    const next: NextFunction = (error) => {
      if (error) walk.fail(error, req, res)
      else if (!profile?.unrouted(req, res)) res.notFound()
    }
    // Not to be read off the request again: then V8 keeps all requests until the next full collection.
    req.next = next
    // What reads uploads passes over a request without a body, and its action would miss the file.
    if (message.headers?.['content-type']?.startsWith('multipart/')) {
      walk.fail(new CatamaranError('E_UPLOAD_OVER_SOCKET'), req, res)
      return
    }
    const isSails = profile && req.method === 'OPTIONS' && !walk.matchOf(req)
    if (isSails) profile.unrouted(req, res)
    else walk.follow(req, res, next)
  }

  function acknowledge({ req, res, socket, reply }: Served, visit: Visit | undefined): void {
    if (visit) attempt(() => take(visit))
    if (res.hasHeader('set-cookie')) {
      warnOfCookie(
        `res.cookie over a socket (${req.path}) does nothing: its client fetches no cookies, as catamaran/client does`,
      )
    }
    const ackOf = req.method === 'ON' ? eventAnswer : shown
    try {
      reply?.(ackOf(res.toAck()))
    } catch (error) {
      // What the action answered can't be encoded.
      onError(error)
      reply?.(ackOf({ statusCode: 500, headers: {}, body: 'Internal Server Error' }))
    }
    attempt(() => res.emit('finish'))
    attempt(() => res.emit('close'))
    underWay.end(socket)
  }

  /** Takes note of what the session is now. */
  function take(visit: Visit): void {
    const { renewed, identity } = visit
    if (renewed && identity.stored && !identity.ended) {
      bindings.livesFor(identity.id, sessions.lifeOf(visit))
    }
    live?.saw(visit)
    sessions.watchLate?.(visit)
  }

  /** What happens after everything: nobody but the log is left to hear of its errors. */
  function attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      onError(error)
    }
  }

  return serve
}

/** The connection or the message says that it wants none. */
function refusesSession({ message }: Served, { sessionless }: Shake): boolean {
  return sessionless === true || message.headers?.['nosession'] !== undefined
}

function once(tell: (message: string) => void): (message: string) => void {
  let told = false
  return (message) => {
    if (!told) tell(message)
    told = true
  }
}
