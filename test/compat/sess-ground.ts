/**
 * Servers with `sess()` for tests, and a browser that keeps its cookie.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { type SessMiddleware, type SessSession, sess } from '../../src/compat/sess.ts'
import type { ModelerCollection } from '../../src/session/stores/modeler-collection.ts'
import { createBrowser, type DropInBrowser } from '../session/dropin-ground.ts'
import { startServer } from '../session/wire.ts'

export type SessRequest = IncomingMessage & { session: SessSession; sessionID: string }
export type Act = (req: SessRequest, res: ServerResponse) => unknown

export interface SessApp {
  readonly url: string
  /** What reached `next`. */
  readonly errors: unknown[]
  browser(): DropInBrowser
}

/** Counts views in the session, and says how many there were. */
export const count: Act = ({ session }, res) => {
  session['views'] = Number(session['views'] ?? 0) + 1
  res.end(`${session['views']}`)
}

/** Serves `act` behind the middleware on plain node:http. */
export async function startSess(act: Act = count, middleware: SessMiddleware = sess()) {
  const errors: unknown[] = []
  const app = await serve((req, res) => {
    middleware(req, res, (error) => {
      if (!error) return act(req as SessRequest, res)
      errors.push(error)
      res.statusCode = 500
      res.end(String(Object(error).message))
    })
  })
  return { ...app, errors }
}

/** Serves an app of any kind. */
export async function serve(listener: RequestListener) {
  const { url } = await startServer(listener)
  return { url, browser: () => createBrowser(url) }
}

/** Serves what puts itself on a server. */
export async function serveOn(mount: (server: ReturnType<typeof createServer>) => void) {
  const server = createServer()
  mount(server)
  return serve((req, res) => void server.emit('request', req, res))
}

/** The ids in a collection. */
export function idsOf(collection: ModelerCollection): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    collection.list?.({}, (error, ids) => (error ? reject(error) : resolve(ids ?? [])))
  })
}
