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
import type { Handshake } from './handshake.ts'
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
    let visit: Visit | undefined
    // Not at once: code that runs synchronously after the answer is still saved.
    const ended = () => process.nextTick(settle)
    const pair = createPair({ verb, message, socket, shake, ended })
    const { req, res } = pair
    parts.watch?.(req, res)

    async function settle(): Promise<void> {
      let opened = visit
      visit = undefined
      try {
        if (opened) {
          await sessions.commit(opened)
          const sending = desk.afterCommit(opened, res)
          if (sending) await sending
        }
      } catch (error) {
        opened = undefined
        // The client must not learn of what was not stored; an answer that tells of a failure itself may stay.
        if (res.statusCode < 500) {
          res.startOver()
          walk.fail(error, req, res)
          return
        }
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
    if (req.method !== 'ON' && session.isSessionDisabled?.(req)) return undefined
    if (refusesSession(socket, req)) return undefined
    const options = walk.matchOf(req)?.route.options
    if (options?.session === false) return undefined
    const identity = bindings.identityOf(socket) ?? { id: '', stored: false, ended: true }
    const { onStoreError: whenDown, activity } = options ?? {}
    const renewable = desk.isRenewable(socket)
    return sessions.resume(req, { identity, owner: socket, renewable, whenDown, activity })
  }

  /** The connection or the message says that it wants none. */
  function refusesSession(socket: Socket, req: Request): boolean {
    if (!profile) return false
    return (
      handshake.shakeOf(socket.request)?.sessionless === true ||
      req.headers['nosession'] !== undefined
    )
  }

  function follow({ req, res }: VirtualPair): void {
    req.next = ((error?: unknown) => {
      if (error) walk.fail(error, req, res)
      else if (!profile?.unrouted(req, res)) res.notFound()
    }) as NextFunction
    // What reads uploads passes over a request without a body, and its action would miss the file.
    if (req.headers['content-type']?.startsWith('multipart/')) {
      walk.fail(new CatamaranError('E_NOT_OVER_SOCKET', ['An upload']), req, res)
      return
    }
    const isSails = profile && req.method === 'OPTIONS' && !walk.matchOf(req)
    if (isSails) profile.unrouted(req, res)
    else walk.follow(req, res, req.next)
  }

  function acknowledge(
    { req, res }: VirtualPair,
    visit: Visit | undefined,
    reply: Reply | undefined,
  ): void {
    const isRenewed = visit?.activity || visit?.renewed
    if (visit && isRenewed && visit.identity.stored && !visit.identity.ended) {
      bindings.livesFor(visit.identity.id, sessions.lifeOf(visit))
    }
    if (visit) live?.saw(visit)
    if (res.hasHeader('set-cookie')) {
      warnOfCookie(
        `res.cookie over a socket (${req.path}) does nothing: its client fetches no cookies, as catamaran/client does`,
      )
    }
    try {
      reply?.(req.method === 'ON' ? eventAnswer(res.toAck()) : shown(res.toAck()))
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

  return serve
}

function once(tell: (message: string) => void): (message: string) => void {
  let told = false
  return (message) => {
    if (!told) tell(message)
    told = true
  }
}
