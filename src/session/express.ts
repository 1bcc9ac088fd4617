/**
 * The session for Express, Connect and node:http: opens it for each request and holds the answer until
 * it is committed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { holdAnswer, isHeld } from './hold.ts'
import type { Sessions, WhenDown } from './lifecycle.ts'
import type { Visit } from './visit.ts'

type Next = (error?: unknown) => void
/** A Connect middleware. */
export type SessionMiddleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void

/** What may be said of the session beside a route. */
export interface Opening {
  /** What a store that is down means, where it isn't as the config says. */
  readonly onStoreError?: WhenDown
  /** `false`: reading the session does not renew its life. */
  readonly activity?: boolean | undefined
}

/**
 * @param skips - requests that get no session: their answer is not held, the store is not asked
 * @param opening - what a request's route says of its session
 */
export function sessionMiddleware(
  sessions: Sessions,
  skips: (req: IncomingMessage) => boolean,
  opening: (req: IncomingMessage) => Opening | undefined = () => undefined,
): SessionMiddleware {
  return (req, res, next) => {
    // Mounted twice, the first one serves.
    if (isHeld(res) || skips(req)) return next()
    const { onStoreError, activity } = opening(req) ?? {}
    const serve = (visit: Visit) => {
      hold(sessions, { visit, res, next, guardCaches: true })
      next()
    }
    const opened = sessions.open(req, req.headers.cookie, onStoreError, activity)
    if (opened instanceof Promise) opened.then(serve, next)
    else serve(opened)
  }
}

/** A visit whose answer is to be held. */
export interface Held {
  readonly visit: Visit
  readonly res: ServerResponse
  readonly next: Next
  readonly guardCaches?: boolean
}

/** Holds the answer of a visit until it is committed. */
export function hold(
  sessions: Pick<Sessions, 'commit' | 'rescue' | 'answered' | 'checkSealed' | 'watchLate'>,
  { visit, res, next, guardCaches = false }: Held,
): void {
  holdAnswer(res, {
    guardCaches,
    commit: () => sessions.commit(visit),
    rescue: () => sessions.rescue(visit),
    failed(error) {
      sessions.answered(visit)
      next(error)
    },
    sent(streamed) {
      if (streamed) sessions.checkSealed(visit)
      // An answer that tells of a failure may stand although nothing was stored.
      else if (res.statusCode < 500) sessions.watchLate?.(visit)
      sessions.answered(visit)
      // After the last byte: error handlers cut the connection of an answer that has begun.
      if (visit.lateError) res.once('finish', () => next(visit.lateError))
    },
  })
}
