/**
 * The session for Express, Connect and node:http: opens it for each request and holds the answer until
 * it is committed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { holdAnswer } from './hold.ts'
import type { Sessions } from './lifecycle.ts'
import type { Visit } from './visit.ts'

type Next = (error?: unknown) => void
/** A Connect middleware. */
export type SessionMiddleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void

/**
 * @param skips - requests that get no session: their answer is not held, the store is not asked
 */
export function sessionMiddleware(
  sessions: Sessions,
  skips: (req: IncomingMessage) => boolean,
): SessionMiddleware {
  return (req, res, next) => {
    if (skips(req)) return next()
    sessions.open(req, req.headers.cookie).then((visit) => {
      hold(sessions, { visit, res, next })
      next()
    }, next)
  }
}

interface Held {
  readonly visit: Visit
  readonly res: ServerResponse
  readonly next: Next
}

function hold(sessions: Sessions, { visit, res, next }: Held): void {
  holdAnswer(res, {
    commit: () => sessions.commit(visit),
    failed: next,
    sent(streamed) {
      if (streamed) sessions.checkSealed(visit)
      sessions.answered(visit)
      if (visit.lateError) next(visit.lateError)
    },
  })
}
