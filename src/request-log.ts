/**
 * One line in the log per request and event: verb, path, status, duration, a hash that stands for the
 * session, the request's id. Never a query, a body, or an id that opens a session.
 */
import type { Request, Response } from 'express'
import { randomUUID } from './builtin.ts'
import type { LogLevel } from './config/log.ts'
import type { Log } from './log.ts'
import { shortHash } from './session/published.ts'

export interface Watch {
  /** Begins to watch a request; its line is written when it is over. */
  (req: Request, res: Response): void
  /** Writes the line of what a socket sent and nothing serves. */
  unserved(method: string, path: string | undefined, status: number): void
}

/** Names of events are as long as their senders like. */
const longestPath = 100

/** Makes the watch that writes lines of a level. */
export function createRequestLog(log: Log, level: Exclude<LogLevel, 'silent'>): Watch {
  function watch(req: Request, res: Response): void {
    const begun = performance.now()
    req.id ??= randomUUID()
    const { method } = req
    const path = withoutQuery(req.originalUrl)
    let over = false
    const write = (aborted?: true) => {
      if (over) return
      over = true
      const milliseconds = Math.round((performance.now() - begun) * 10) / 10
      const { statusCode: status } = res
      const session = req.session ? shortHash(req.sessionID) : undefined
      const door = req.isSocket ? 'socket' : 'http'
      const fields = { id: req.id, door, method, path, status, milliseconds, session, aborted }
      log[level](fields, `${method} ${path} ${status} ${milliseconds} ms`)
    }
    res.once('finish', () => write())
    // Without having been answered whole: the client has gone.
    res.once('close', () => write(true))
  }

  function unserved(method: string, given: string | undefined, status: number): void {
    const path = given && (given.length > longestPath ? `${given.slice(0, longestPath)}…` : given)
    const fields = { id: randomUUID(), door: 'socket', method, path, status }
    log[level](fields, `${method} ${path ?? '-'} ${status}`)
  }

  return Object.assign(watch, { unserved })
}

function withoutQuery(url: string): string {
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}
